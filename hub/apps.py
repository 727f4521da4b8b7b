from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class HubConfig(AppConfig):
    name = "hub"
    verbose_name = "People and settings"

    def ready(self) -> None:
        from allauth.account.signals import login_code_rejected
        from allauth.mfa.signals import authenticator_added
        from django.core.checks import Tags, register
        from django.db.models.signals import post_migrate

        from hub import checks
        from hub.accounts import second_factor_added
        from hub.granting import grant
        from hub.sign_ins import code_rejected

        authenticator_added.connect(second_factor_added)
        login_code_rejected.connect(code_rejected)
        register(checks.field_keys, Tags.database)
        register(checks.quiet_server, Tags.database)
        post_migrate.connect(grant)


class HubAdminConfig(AdminConfig):
    default_site = "hub.admin_site.HubAdminSite"


class HubStaticFilesConfig(StaticFilesConfig):
    # The Bootstrap package ships each sheet in twelve shapes; the hub links one.
    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "bootstrap-*",
        "*.rtl.*",
        "bootstrap.css*",
    ]
