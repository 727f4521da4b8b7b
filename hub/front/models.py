"""What joins the rooms of the hub, each of which knows only itself."""

from django.db import models

from library.models import Resource
from trainings.models import Course


class Reading(models.Model):
    """A resource of the library that a training uses."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Place in the training’s list. Leave empty for the end."
    )
    note = models.CharField(
        max_length=200,
        blank=True,
        help_text="Shown beside it: Read chapter 2 before the first day.",
    )

    class Meta:
        ordering = ["position", "id"]
        verbose_name = "reading of a training"
        verbose_name_plural = "reading of trainings"
        constraints = [
            models.UniqueConstraint(
                fields=["course", "resource"],
                name="reading_once_a_course",
                violation_error_message="This training has that resource already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}: {self.resource}"
