from django.db import migrations

from hub import version


class Migration(migrations.Migration):
    dependencies = [("hub", "0001_initial")]
    operations = [
        migrations.RunSQL(version.CREATE, version.DROP),
        *version.raised_by(["hub_organization", "hub_closure"]),
    ]
