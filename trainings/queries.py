"""What pages ask of the courses; the home page as well as the trainings' own."""

from django.db.models import QuerySet

from trainings.models import Course


def courses() -> QuerySet[Course]:
    """What visitors may see, in the page's order; `price` and `credit` cost no query."""
    return Course.objects.filter(published=True).prefetch_related("options")
