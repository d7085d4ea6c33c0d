"""The two Django apps of the console: its models, and its admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.db.models.signals import post_migrate


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = "Opportunity sync"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from console import roles  # noqa: PLC0415  needs the models to be loaded

        # Permissions exist only after each migrate, hence here and not in a migration.
        post_migrate.connect(roles.ensure, sender=self)


class AdminConfig(DjangoAdminConfig):
    default_site = "console.admin.site.ConsoleSite"
