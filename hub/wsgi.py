import os

from django.core.wsgi import get_wsgi_application

from hub.middleware import in_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
application = in_utf8(get_wsgi_application())

# Only now can models be read.
from django.db import connection  # noqa: E402

from hub.rotation import refuse_without_keys  # noqa: E402

refuse_without_keys()
# Processes that are forked from this one must not share its connection.
connection.close()
