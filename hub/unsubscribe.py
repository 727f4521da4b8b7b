"""The link that ends one kind of mail at one click (RFC 8058), and its page.

In the header of what is not about something people booked. A mail program sends a POST by
itself, with no cookie and no token of ours but the one in the address.
"""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hub import links
from hub.offers import audiences

# News of trainings can be a year apart, and people unsubscribe from what they find.
LINK_AGE = timedelta(days=400)


def address(audience: str, pk: int, nonce: str) -> str:
    """Where the mail of this audience ends for the row `pk`, for whoever holds the mail."""
    token = links.make(f"unsubscribe {audience}", pk, nonce)
    return f"{settings.BASE_URL}{reverse('unsubscribe', args=[audience, token])}"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, audience: str, token: str) -> HttpResponse:
    """GET shows a button and changes nothing: mail scanners open links. POST ends it.

    Answered in place and alike as often as it is sent: a mail program follows no redirect.
    """
    offered = audiences().get(audience)
    found = links.read(f"unsubscribe {audience}", token, LINK_AGE)
    if offered is None or offered.stop is None or found is None:
        raise Http404
    is_done = request.method == "POST"
    if is_done:
        offered.stop(*found)
    return render(request, "unsubscribe.html", {"is_done": is_done, "audience": offered})
