"""What pages ask of the service; the home page as well as its own."""

from django.db.models import QuerySet

from ta_requests.models import Area, Service


def service() -> Service | None:
    """How to reach technical assistance and when; None before the content is loaded."""
    return Service.objects.first()


def areas() -> QuerySet[Area]:
    """The areas in the page's order; the open-ended one says "and More…"."""
    return Area.objects.all()
