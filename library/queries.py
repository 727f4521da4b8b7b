"""What pages ask of the library; the home page as well as the library's own."""

from django.db.models import Count, F, Q, QuerySet

from library.models import Placement, Resource, Topic


def resources() -> QuerySet[Resource]:
    """What visitors may see, the two lists one after the other, each in its order."""
    return Resource.objects.filter(published=True).prefetch_related("topics")


def counts() -> dict[str, int]:
    """How many resources visitors see in each list: {"legal": 17, "other": 6}."""
    return Resource.objects.aggregate(
        **{
            value: Count("pk", filter=Q(published=True, placement=value))
            for value in Placement.values
        }
    )


def topics(limit: int) -> QuerySet[Topic]:
    """The topics most of the published resources are about, the commonest first."""
    return (
        Topic.objects.annotate(uses=Count("resources", filter=Q(resources__published=True)))
        .filter(uses__gt=0)
        .order_by("-uses", "name")[:limit]
    )


def related(resource: Resource, limit: int = 4) -> list[Resource]:
    """Other published resources that share a topic with it, those that share most first."""
    return list(
        resources()
        .filter(topics__in=resource.topics.all())
        .exclude(pk=resource.pk)
        .annotate(shared=Count("topics"))
        .order_by("-shared", F("position").asc(nulls_last=True), "pk")[:limit]
    )
