from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("hub", "0006_announcement")]
    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [
                    ("invite_user", "Can invite staff, give roles and shut staff out")
                ],
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
    ]
