from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hub', '0001_initial'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='personalfeed',
            name='changed_at',
        ),
        migrations.AddField(
            model_name='personalfeed',
            name='changes',
            field=models.PositiveIntegerField(default=0),
        ),
    ]
