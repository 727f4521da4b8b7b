"""The mails to people who want to hear of trainings, and to agencies that offer to host.

None means the mail is no longer needed.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from hub import links, unsubscribe
from hub.models import Mail
from hub.outbox import Letter
from trainings.models import HostOffer, NewsRequest, Offering

AUDIENCE = LINK_PURPOSE = "trainings.news"
# Every mail brings a fresh link. A year: news of trainings can be that far apart.
LINK_AGE = timedelta(days=400)


def link_for(request: NewsRequest) -> str:
    """The person's own page of their wish; it shows and asks, and only its buttons act."""
    token = links.make(LINK_PURPOSE, request.pk, request.nonce)
    return f"{settings.BASE_URL}{reverse('trainings:news_own', args=[token])}"


def by_link(token: str) -> NewsRequest | None:
    """The wish of a mailed link; None alike for every link that is not good."""
    found = links.read(LINK_PURPOSE, token, LINK_AGE)
    if found is None:
        return None
    wishes = NewsRequest.objects.select_related("course")
    return wishes.filter(pk=found[0], nonce=found[1]).first()


def news_link(mail: Mail) -> Letter | None:
    request = _request(mail)
    if request is None:
        return None
    name = "news_already" if request.state == NewsRequest.State.ACTIVE else "news_confirm"
    return _letter(name, request)


def news(mail: Mail) -> Letter | None:
    """An offering is open for registration."""
    request = _request(mail)
    offering = (
        Offering.objects.filter(pk=mail.about_id, status=Offering.Status.OPEN)
        .select_related("course")
        .prefetch_related("activities", "prices")
        .first()
    )
    if request is None or request.state != NewsRequest.State.ACTIVE or offering is None:
        return None
    if offering.is_over:
        return None
    days = [
        {"title": day.title, "day": day.local_start, "times": day.times} for day in offering.days
    ]
    # The course's page: it leads on to each date.
    address = settings.BASE_URL + offering.course.get_absolute_url()
    return _letter("news_published", request, offering=offering, days=days, address=address)


def news_canceled(mail: Mail) -> Letter | None:
    """An offering they were told of does not take place."""
    request, offering = _request(mail), _canceled(mail)
    if request is None or request.state != NewsRequest.State.ACTIVE or offering is None:
        return None
    address = settings.BASE_URL + offering.course.get_absolute_url()
    return _letter("news_canceled", request, offering=offering, address=address)


def host_thanks(mail: Mail) -> Letter | None:
    offer = HostOffer.objects.filter(pk=mail.subject_id).select_related("course").first()
    if offer is None:
        return None
    agenda = f"{settings.BASE_URL}{reverse('trainings:host')}#agenda"
    return Letter(
        to=offer.email,
        template="trainings/mail/host_thanks",
        context={"offer": offer, "agenda": agenda},
    )


def host_canceled(mail: Mail) -> Letter | None:
    """What an agency was to host does not take place."""
    offer = HostOffer.objects.filter(pk=mail.subject_id).first()
    offering = _canceled(mail)
    if offer is None or offer.stage == HostOffer.Stage.DECLINED or offering is None:
        return None
    return Letter(
        to=offer.email,
        template="trainings/mail/host_canceled",
        context={"offer": offer, "offering": offering},
    )


def _canceled(mail: Mail) -> Offering | None:
    """The canceled offering a mail is about; None once its days have passed."""
    offering = (
        Offering.objects.filter(pk=mail.about_id, status=Offering.Status.CANCELED)
        .select_related("course")
        .prefetch_related("activities")
        .first()
    )
    return None if offering is None or offering.is_over else offering


def _request(mail: Mail) -> NewsRequest | None:
    return NewsRequest.objects.filter(pk=mail.subject_id).select_related("course").first()


def _letter(name: str, request: NewsRequest, **context: Any) -> Letter:
    is_news = name in {"news_published", "news_canceled"}
    return Letter(
        to=request.email,
        template=f"trainings/mail/{name}",
        context={"request": request, "link": link_for(request), **context},
        unsubscribe=unsubscribe.address(AUDIENCE, request.pk, request.nonce) if is_news else "",
    )
