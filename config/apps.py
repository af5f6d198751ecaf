from django.contrib.admin.apps import AdminConfig


class PlatformAdminConfig(AdminConfig):
    """Django's admin with our site, which superadmins alone may enter."""

    default_site = "tenants.admin_site.PlatformAdminSite"
