"""Files of our own in the library: to download, and forgotten once nothing names them."""

from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from hub import files
from library.models import Resource

FOLDER = "library"
# Longer than any request that is still writing the row of a file it has stored.
KEPT_FOR = timedelta(days=1)


@require_safe
def download(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The resource's file, for whoever may see the resource."""
    resource = get_object_or_404(Resource, slug=slug, published=True)
    return files.download(request, resource.file, resource.slug)


def forget(now: datetime) -> None:
    """Delete stored files that neither a resource nor its history names.

    A file that was replaced stays while history can bring it back. What goes is what a save
    that failed has left, and the files of a history that was cleared.
    """
    if not default_storage.exists(FOLDER):
        return
    kept = {
        *Resource.objects.values_list("file", flat=True),
        *Resource.history.values_list("file", flat=True),
    }
    for found in default_storage.listdir(FOLDER)[1]:
        name = f"{FOLDER}/{found}"
        if name not in kept and default_storage.get_modified_time(name) < now - KEPT_FOR:
            default_storage.delete(name)
