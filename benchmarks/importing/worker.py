"""`python -m benchmarks.importing.worker COMPANY KIND KEY`: do what is due behind one key of the
agenda, slice by slice, to its end, as a worker of Celery would."""

import sys

import django


def main(company_slug: str, kind: str, key: str) -> None:
    """Work until nothing of this key is due."""
    django.setup()
    from config.celery import settle_in
    from core import scope
    from core.agenda.kinds import registered
    from tenants.models import Company

    settle_in()  # as a worker does when it starts
    work = registered[kind]
    company = Company.objects.get(slug=company_slug)
    with scope.opened(company), scope.surroundings(company):
        while list(work.due(key)):
            work.handle(key)


if __name__ == "__main__":
    main(*sys.argv[1:])
