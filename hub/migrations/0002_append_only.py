from django.db import migrations

from hub import append_only


class Migration(migrations.Migration):
    dependencies = [("hub", "0001_initial")]
    operations = [migrations.RunSQL(append_only.CREATE, append_only.DROP)]
