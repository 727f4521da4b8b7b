from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hub.models import Organization


def organization(request: HttpRequest) -> dict[str, Any]:
    """Who runs the hub, for the masthead and foot of every page; read when first used."""
    return {"organization": SimpleLazyObject(lambda: Organization.objects.first())}
