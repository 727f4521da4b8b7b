from django.conf import settings
from django.db import migrations

PLACE = "mfa_authenticator.data"
SECRETS = ("secret", "seed")


def seal(apps, schema_editor):
    """Secrets were stored in clear; no base32 or hexadecimal text begins like a token."""
    each(apps, lambda text: text if text.startswith("v1.") else settings.FIELD_KEYS.encrypt(text, PLACE))


def unseal(apps, schema_editor):
    each(apps, lambda text: settings.FIELD_KEYS.decrypt(text, PLACE))


def each(apps, turned):
    for step in apps.get_model("mfa", "Authenticator").objects.select_for_update():
        secrets = {name: turned(step.data[name]) for name in SECRETS if name in step.data}
        if secrets:
            step.data |= secrets
            step.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("hub", "0003_audit_event"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(seal, unseal)]
