from django.db import migrations

# As `createcachetable` makes it.
CREATE = """
CREATE TABLE hub_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX hub_cache_expires ON hub_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0004_seal_second_steps")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE hub_cache;")]
