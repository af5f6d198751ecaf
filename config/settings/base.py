"""The settings of the product, read from the environment (docs/operations.md lists every name).

There is one set for every machine: nothing here falls back to a secret or to a debug mode, so a
forgotten variable stops the start instead of weakening it. `bin/up` makes what it needs.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from core.logging import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()


def secret(name: str) -> str:
    """A secret from `NAME`, or from the file that `NAME_FILE` names (Docker and Kubernetes)."""
    value = optional_secret(name)
    if not value:
        message = (
            f"{name} is not set. Set {name} or {name}_FILE; bin/up makes one for this machine."
        )
        raise ImproperlyConfigured(message)
    return value


def optional_secret(name: str) -> str:
    """The same where nothing is an answer too: an empty text."""
    path = env.str(f"{name}_FILE", default="")
    return Path(path).read_text().strip() if path else env.str(name, default="")


# --- Core -----------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY")
ENCRYPTION_KEYS = secret("ENCRYPTION_KEYS")  # kid:key,kid2:key; the first encrypts (core.crypto)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()

PLATFORM_URL = env.str("PLATFORM_URL", default="http://localhost:5000").rstrip("/")
PLATFORM_HOST = urlsplit(PLATFORM_URL).hostname or "localhost"
HTTPS = PLATFORM_URL.startswith("https://")
# Empty: the page derives it from the request (same host, SOCKET_PORT).
SOCKET_URL = env.str("SOCKET_URL", default="").rstrip("/")
SOCKET_PORT = env.int("SOCKET_PORT", default=5001)
ALLOWED_HOSTS = [PLATFORM_HOST, *env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])]
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
WORKER_COUNT = env.int("WORKER_COUNT", default=1)
# Of each web process (core.slots): requests worked on at once, at most as many as the pool has
# connections; and requests that are here at all, a few less than granian's --blocking-threads.
WEB_SLOTS = env.int("WEB_SLOTS", default=8)
WEB_REQUESTS = env.int("WEB_REQUESTS", default=240)

# --- Apps: what is shared by all companies lives in the schema public, the rest in each company's
SHARED_APPS = [
    "django_tenants",
    "core",
    "tenants",
    "webhooks.ingress",
    "messaging.rates",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.apps.PlatformAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "channels",
    "django_celery_beat",
    "django_prometheus",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "rest_framework",
    "rest_framework_simplejwt",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_structlog",
]
TENANT_APPS = [
    "events",
    "team",
    "crm",
    "connections",
    "messaging",
    "conversations",
    "campaigns",
    "webhooks",
    "webhooks.endpoints",
    "webhooks.sources",
    "webhooks.automations",
    "webhooks.gaps",
    "integrations",
]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]

TENANT_MODEL = "tenants.Company"
TENANT_DOMAIN_MODEL = "tenants.Domain"
AUTH_USER_MODEL = "tenants.Person"
IDEMPOTENCY_MODEL = "tenants.IdempotencyKey"
TENANT_LIMIT_SET_CALLS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Addresses: two urlconfs, see tenants.middleware ------------------------------------------
ROOT_URLCONF = "config.urls_platform"
PUBLIC_SCHEMA_URLCONF = "config.urls_platform"
COMPANY_URLCONF = "config.urls_company"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "tenants.middleware.OwnHostMiddleware",
    "core.middleware.NoNulMiddleware",
    "webhooks.ingress.middleware.IngressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tenants.middleware.CompanyMiddleware",
    "core.middleware.DomainErrorMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.context.shell",
                "team.context.shell",
            ],
        },
    }
]
COTTON_DIR = "components"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- PostgreSQL: one connection carries one company's schema at a time ------------------------
DATABASES = {
    "default": {
        **env.db_url_config(secret("DATABASE_URL")),
        "ENGINE": "core.database",
        "TEST": {"NAME": None},
    }
}
ORIGINAL_BACKEND = "core.database.pooled"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DATABASES["default"].setdefault("OPTIONS", {})
# A socket's directory stands in the address as libpq writes it (?host=…); Django wants it in HOST.
if socket_directory := DATABASES["default"]["OPTIONS"].pop("host", ""):
    DATABASES["default"]["HOST"] = socket_directory
if env.bool("DATABASE_POOL", default=True):
    # A backend remembers every schema it has seen; ten minutes keep its memory small.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL_SIZE", default=8),
        "timeout": 10,
        "max_lifetime": 600,
    }
DATABASES["default"]["OPTIONS"].setdefault(
    "options", "-c idle_in_transaction_session_timeout=30000 -c jit=off"
)

# --- Redis: cache, queue and live hints; wiping it costs time and nothing else ----------------
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379")
CACHES = {
    "default": {
        "BACKEND": "core.cache.FallbackRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "core.cache.make_key",
    }
}
CHANNEL_LAYERS: dict[str, dict[str, object]] = {}
SESSION_ENGINE = "django.contrib.sessions.backends.db"


def broker_url(redis_url: str) -> str:
    """The same Redis in kombu's spelling, in a database of its own."""
    address = urlsplit(redis_url)
    if address.scheme == "unix":
        return f"redis+socket://{address.path}?virtual_host=1"
    return address._replace(path="/1").geturl()


CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_TIME_LIMIT = 90
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "socket_timeout": 5,
    "queue_order_strategy": "core.queues:RepliesFirst",
}
CELERY_VISIBILITY_TIMEOUT = 120
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_BEAT_SCHEDULER = "core.lifesigns:BeatScheduler"
CELERY_TIMEZONE = "UTC"
# Who must show a sign of life, and how old it may be (seconds): /health/ready.
HEARTBEATS = {
    "scan": 15,
    "beat": 150,
    **{f"worker:{queue}": 30 for queue in ("replies", "sending", "inbound", "default", "bulk")},
}
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- People ------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tenants.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "tenants.forms.SignUpForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
INVITATION_HOURS = 24 * 7
PASSWORD_RESET_TIMEOUT = 60 * 60
EMAIL_URL = env.str("EMAIL_URL", default="")
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Master IA <no-reply@{PLATFORM_HOST}>")

# --- Web ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT: Path | None = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = False
MEDIA_ROOT = DATA_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
USE_X_FORWARDED_HOST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS and bool(TRUSTED_PROXY_COUNT)
SECURE_REDIRECT_EXEMPT = [r"^_?health"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PLATFORM_URL]
CSRF_FAILURE_VIEW = "core.errors_views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    # Unfold and the API explorer bring scripts of their own that need eval or inline code.
    "EXCLUDE_URL_PREFIXES": ["/admin", "/api/docs", "/api/redoc"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF, SOCKET_URL] if SOCKET_URL else [SELF, "ws:", "wss:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- Languages and formats ---------------------------------------------------------------------
LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Portuguese (Brazil)")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Sao_Paulo"

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tenants.api.authentication.ApiKeyAuthentication",
        "tenants.api.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.api.permissions.HasCompanyPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "core.api.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CursorPagination",
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.CompanyThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.errors.problem_handler",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": None,
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
}
API_RATE_PER_SECOND = env.float("API_RATE_PER_SECOND", default=20.0)
API_BURST = env.int("API_BURST", default=100)
SPECTACULAR_SETTINGS = {
    "TITLE": "Master IA API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # Several resources have a field of this name with choices of their own.
    "ENUM_NAME_OVERRIDES": {
        "ImportStateEnum": "crm.enums.ImportState",
        "ConnectionStateEnum": "connections.enums.ConnectionState",
        "CampaignStateEnum": "campaigns.enums.CampaignState",
        "TagColorEnum": "crm.services.tags.COLORS",
        "TeamColorEnum": "team.enums.TeamColor",
        "MessageStateEnum": "messaging.enums.PublicState",
        "MessageKindEnum": "messaging.enums.MessageKind",
        "SightEnum": "conversations.enums.Sight",
        "CampaignExportFormatEnum": "campaigns.enums.ExportFormat",
        "ContactsExportFormatEnum": "crm.enums.ExportFormat",
        "ExportStateEnum": "crm.enums.ExportState",
        "ContactsBulkStateEnum": "crm.enums.BulkState",
        "TemplateCategoryEnum": "messaging.enums.TemplateCategory",
        "WritableCategoryEnum": "messaging.api.template_serializers.WRITABLE",
        "MessageOriginEnum": "messaging.enums.Origin",
        "SourceStateEnum": "webhooks.sources.enums.SourceState",
        "ReceivedStateEnum": "webhooks.sources.enums.ReceivedState",
        "ReceivedOutcomeEnum": "webhooks.sources.enums.Outcome",
        "EndpointStateEnum": "webhooks.endpoints.enums.EndpointState",
        "EndpointOriginEnum": "webhooks.endpoints.enums.EndpointOrigin",
        "EndpointDeliveryStateEnum": "webhooks.endpoints.enums.DispatchState",
        "AutomationStateEnum": "webhooks.automations.enums.AutomationState",
        "AutomationRunStateEnum": "webhooks.automations.enums.RunState",
        "AutomationOutcomeEnum": "webhooks.automations.enums.Outcome",
        "DryRunStateEnum": "webhooks.automations.enums.DryRunState",
        "IntegrationStateEnum": "integrations.enums.IntegrationState",
        "PushStateEnum": "integrations.enums.PushState",
        "SyncStateEnum": "integrations.enums.SyncState",
        "ReplayStateEnum": "events.enums.RunState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.add_problem_responses",
    ],
}

# --- Providers and the outside world ------------------------------------------------------------
GRAPH_BASE_URL = env.str("GRAPH_BASE_URL", default="https://graph.facebook.com").rstrip("/")
GRAPH_VERSION = env.str("GRAPH_VERSION", default="v23.0")
# {product}: api, messaging or pricing.
TWILIO_BASE_URL = env.str("TWILIO_BASE_URL", default="https://{product}.twilio.com").rstrip("/")
META_APP_ID = env.str("META_APP_ID", default="")
META_APP_SECRET = env.str("META_APP_SECRET", default="")
META_VERIFY_TOKEN = env.str("META_VERIFY_TOKEN", default="")
# Our integration at Kommo; without it people connect by a long-lived token of their own.
KOMMO_CLIENT_ID = optional_secret("KOMMO_CLIENT_ID")
KOMMO_CLIENT_SECRET = optional_secret("KOMMO_CLIENT_SECRET")
KOMMO_BASE_URL = env.str("KOMMO_BASE_URL", default="https://{subdomain}.kommo.com").rstrip("/")
KOMMO_OAUTH_URL = env.str("KOMMO_OAUTH_URL", default="https://www.kommo.com/oauth")
# Kommo takes 7 a second; one less, since its clock is not ours.
KOMMO_RATE_PER_SECOND = env.float("KOMMO_RATE_PER_SECOND", default=6.0)
SANDBOX_URL = env.str("SANDBOX_URL", default="")
# host:port pairs inside our network that outbound calls may reach (the sandbox in development).
OUTBOUND_ALLOWED_PRIVATE = env.list("OUTBOUND_ALLOWED_PRIVATE", default=[])

# --- Sending (messaging.dispatch) ---------------------------------------------------------------
SEND_CLAIM = env.int("SEND_CLAIM", default=500)  # rows claimed at once
SEND_WAVE = env.int("SEND_WAVE", default=100)  # at most so many may be "sending" when we die
# The same for numbers that may send so many a second.
SEND_FAST_WAVE = env.int("SEND_FAST_WAVE", default=400)
SEND_FAST_RATE = env.float("SEND_FAST_RATE", default=500.0)
SEND_SLICE_SECONDS = env.float("SEND_SLICE_SECONDS", default=2.0)
# A slice goes on for so long while the worker has little else to send (messaging.dispatch.crowd).
SEND_LONG_SLICE_SECONDS = env.float("SEND_LONG_SLICE_SECONDS", default=20.0)
SEND_LEASE_SECONDS = env.int("SEND_LEASE_SECONDS", default=15)  # renewed while the slice lives
SEND_RATE_PER_SECOND = env.float("SEND_RATE_PER_SECOND", default=80.0)  # Meta's default per number
# Runs of automations that one company may go on with each second; bursts of ten seconds.
AUTOMATION_RUNS_PER_SECOND = env.float("AUTOMATION_RUNS_PER_SECOND", default=200.0)
UNKNOWN_WAIT_SECONDS = env.int("UNKNOWN_WAIT_SECONDS", default=0)  # 0: as each provider says
RUN_TTL_HOURS = env.int("RUN_TTL_HOURS", default=7 * 24)  # what has not left by then never will
# What people wrote and their numbers, as the provider told it; what was not handled stays.
# Each company may choose another time (webhooks.retention).
RECEIVED_ITEMS_DAYS = env.int("RECEIVED_ITEMS_DAYS", default=90)
# Envelopes, also those that nobody could read, and parked items: all companies alike.
INGRESS_DAYS = env.int("INGRESS_DAYS", default=90)
# Of each address (a connection's, a source's), after the signature held.
INGRESS_RATE_PER_SECOND = env.float("INGRESS_RATE_PER_SECOND", default=500.0)
INGRESS_BURST = env.int("INGRESS_BURST", default=30_000)
# Callbacks wait here while PostgreSQL is away (webhooks.ingress.services.spool); full, or with less
# than so much of the disk left, the provider is asked to come again.
INGRESS_SPOOL_DIR = Path(env.str("INGRESS_SPOOL_DIR", default=str(DATA_DIR / "spool")))
INGRESS_SPOOL_MAX_BYTES = env.int("INGRESS_SPOOL_MAX_BYTES", default=1024**3)
INGRESS_SPOOL_FREE_BYTES = env.int("INGRESS_SPOOL_FREE_BYTES", default=256 * 1024**2)

# Vendors that post an id and are asked for the rest (webhooks.sources.presets).
ASAAS_URL = env("ASAAS_URL", default="https://api.asaas.com/v3")
MERCADO_PAGO_URL = env("MERCADO_PAGO_URL", default="https://api.mercadopago.com")
NUVEMSHOP_URL = env("NUVEMSHOP_URL", default="https://api.tiendanube.com")

# --- Superadmin -----------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "Master IA",
    "SITE_HEADER": "Master IA",
    "SHOW_HISTORY": True,
    "DASHBOARD_CALLBACK": "tenants.admin.dashboard.numbers",
    "COLORS": {
        "primary": {
            "50": "oklch(97.7% .017 155)",
            "100": "oklch(94.6% .033 155)",
            "200": "oklch(90.2% .063 155)",
            "300": "oklch(82.7% .119 155)",
            "400": "oklch(75.0% .150 155)",
            "500": "oklch(65.0% .155 155)",
            "600": "oklch(55.0% .145 155)",
            "700": "oklch(47.0% .125 155)",
            "800": "oklch(40.0% .100 155)",
            "900": "oklch(34.0% .080 155)",
            "950": "oklch(25.0% .060 155)",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "navigation": "tenants.admin.navigation.sidebar",
    },
}

# --- Logs --------------------------------------------------------------------------------------
LOGGING = logging_config(debug=DEBUG)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
SILENCED_SYSTEM_CHECKS: list[str] = []
