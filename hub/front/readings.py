"""Which resources a training uses, seen from both sides; only what visitors may see."""

from typing import Any

from hub.front.models import Reading
from hub.offers import Also
from library.models import Resource
from trainings.models import Course


def also(about: Any) -> list[Also]:
    """Of a resource the trainings that use it, of a course what it uses."""
    rows = Reading.objects.filter(course__published=True, resource__published=True)
    if isinstance(about, Resource):
        found = rows.filter(resource=about).select_related("course")
        found = found.order_by("course__position", "course__id")
        return [
            Also("Trainings that use it", row.course.title, row.course.get_absolute_url(), row.note)
            for row in found
        ]
    if isinstance(about, Course):
        found = rows.filter(course=about).select_related("resource")
        return [
            Also("Reading", row.resource.title, row.resource.get_absolute_url(), row.note)
            for row in found
        ]
    return []
