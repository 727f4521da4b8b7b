import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
django_application = get_wsgi_application()

# Only now can models be read.
from django.db import connection  # noqa: E402

from hub.middleware import in_utf8  # noqa: E402
from hub.rotation import refuse_without_keys  # noqa: E402

application = in_utf8(django_application)
refuse_without_keys()
# Processes that are forked from this one must not share its connection.
connection.close()
