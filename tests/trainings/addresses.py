"""The addresses of trainings and what each kind of person gets there (tests.test_urls)."""

import time_machine
from django.conf import settings
from django.utils import timezone

from hub import links
from hub.models import User
from tests.answers import PROGRAMME, everyone, staff_only
from tests.trainings import certified, making
from trainings.mails.registration import link_for
from trainings.models import (
    CheckoutSession,
    CodeTry,
    HostOffer,
    NewsRequest,
    PledgeText,
    ReportColumn,
    WaiverCode,
)
from trainings.services import certificates, money, pledges

OWN = "trainings/registration/<str:token>/"
OFFICE = "admin/trainings"
TABLE: list[tuple[str, str, list[str]]] = [
    ("trainings.ics", "/trainings.ics", everyone("200")),
    ("trainings/", "/trainings/", everyone("200")),
    ("trainings/host/", "/trainings/host/", everyone("200")),
    ("trainings/host/thank-you/", "/trainings/host/thank-you/", everyone("200")),
    ("trainings/news/", "/trainings/news/", everyone("200")),
    ("trainings/news/check-your-email/", "/trainings/news/check-your-email/", everyone("200")),
    ("trainings/news/<str:token>/", "/trainings/news/<news token>/", everyone("200")),
    ("trainings/news/<str:token>/", "/trainings/news/<unknown>/", everyone("404")),
    # A link is a person's own: whoever is signed in, others' are not to be had without it.
    (OWN, "<own page>", everyone("200")),
    (OWN, "/trainings/registration/<unknown>/", everyone("404")),
    (OWN + "code/", "<own page>code/", everyone("200")),
    (OWN + "code/", "/trainings/registration/<unknown>/code/", everyone("404")),
    (OWN + "paid/", "<own page>paid/", everyone("200")),
    (OWN + "paid/", "/trainings/registration/<unknown>/paid/", everyone("404")),
    # Only a button pays; an address typed leads to the state of the payment.
    (OWN + "pay/", "<own page>pay/", everyone("302 <own page>paid/")),
    (
        OWN + "certificates/<str:code>.pdf",
        "<own page>certificates/<certificate>.pdf",
        everyone("200"),
    ),
    (
        OWN + "certificates/<str:code>.pdf",
        "<own page>certificates/<other certificate>.pdf",
        everyone("404"),
    ),
    ("trainings/payments/webhook/", "/trainings/payments/webhook/", everyone("405")),
    ("trainings/<slug:slug>/", "/trainings/<course>/", everyone("200")),
    ("trainings/<slug:slug>/", "/trainings/none/", everyone("404")),
    ("trainings/<slug:course>/<slug:slug>/", "<offering>", everyone("200")),
    ("trainings/<slug:course>/<slug:slug>/", "<draft>", everyone("404")),
    (
        "trainings/<slug:course>/<slug:slug>/check-your-email/",
        "<offering>check-your-email/",
        everyone("200"),
    ),
    ("certificates/", "/certificates/", everyone("200")),
    ("certificates/<str:code>/", "/certificates/<certificate>/", everyone("200")),
    ("certificates/<str:code>/", "/certificates/NOSUCHCODE22/", everyone("404")),
    *(
        (f"{OFFICE}/{pattern}", f"/{OFFICE}/{address}", staff_only("200", PROGRAMME))
        for pattern, address in [
            ("activity/<int:pk>/certificates/", "activity/<day>/certificates/"),
            ("activity/<int:pk>/state-bar/", "activity/<day>/state-bar/"),
            ("activity/<int:pk>/ticks/", "activity/<day>/ticks/"),
            ("activity/<int:pk>/time/", "activity/<day>/time/"),
            ("activity/<int:pk>/zoom/", "activity/<day>/zoom/"),
            ("certificate/<int:pk>/pdf/", "certificate/<trainings/certificate>/pdf/"),
            ("certificate/<int:pk>/revoke/", "certificate/<trainings/certificate>/revoke/"),
            ("entry/<int:pk>/do/<slug:verb>/", "entry/<charge>/do/void/"),
            ("hostoffer/<int:pk>/stage/", "hostoffer/<trainings/hostoffer>/stage/"),
            ("hostoffer/export/", "hostoffer/export/"),
            ("offering/<int:pk>/do/<slug:verb>/", "offering/<trainings/offering>/do/open/"),
            ("pledge/<int:pk>/do/<slug:verb>/", "pledge/<trainings/pledge>/do/waive/"),
            ("refund/<int:pk>/do/<slug:verb>/", "refund/<trainings/refund>/do/sent/"),
            ("registration/<int:pk>/do/<slug:verb>/", "registration/<payer>/do/check/"),
            ("registration/export/", "registration/export/"),
            ("waivercode/make/", "waivercode/make/"),
        ]
    ),
]
# What alice may do with each beside looking.
MODELS: dict[str, set[str]] = {
    "trainings/activity": set(),
    "trainings/attendance": set(),
    "trainings/certificate": set(),
    "trainings/checkoutsession": set(),
    "trainings/codetry": set(),
    "trainings/course": {"add", "delete"},
    "trainings/entry": set(),
    "trainings/hostoffer": {"delete"},
    "trainings/newsrequest": {"delete"},
    # The newest is a draft nobody is registered for.
    "trainings/offering": {"add", "delete"},
    "trainings/pledge": set(),
    "trainings/pledgetext": {"add"},
    "trainings/refund": set(),
    "trainings/registration": set(),
    "trainings/reportcolumn": {"add", "delete"},
    "trainings/waivercode": {"delete"},
}


def made(alice: User) -> dict[str, object]:
    """One of each thing, and the names the table has for them."""
    day = certified.held_day(status="approved")
    offering = day.offering
    offering.status, offering.published_at = "open", timezone.now()
    offering.save()
    draft = making.offering(offering.course, slug="draft")
    text = PledgeText.objects.latest("version")
    bob = certified.came(day)
    bob.price_kind, bob.pledge_text, bob.pledge_name = "pledge", text, bob.name
    bob.save()
    carol = certified.came(day, "Carol Reed")
    with time_machine.travel(making.at("2027-02-01 12:00"), tick=False):
        certificates.issue(day, alice)
    pledges.make(bob, "Bob Stone")
    payer = making.person(offering, "Dan Payer")
    payer.price_kind, payer.price_cents, payer.method = "fee", 30000, "invoice"
    payer.save()
    money.charge(payer)
    money.receive(payer, 30000, method="check", reference="1", by=alice)
    money.refund(payer, 10000, alice, "Agreed.")
    CodeTry.objects.create(registration=bob, activity=day, outcome="late")
    CheckoutSession.objects.create(registration=payer, session_id="cs_1", amount_cents=30000)
    news = NewsRequest.objects.create(email="bob@example.org")
    HostOffer.objects.create(
        course=offering.course,
        agency="Legal Aid",
        name="Ann",
        email="ann@example.org",
        dates="May",
        city="Austin",
        state="TX",
        attorneys=30,
    )
    WaiverCode.objects.create(offering=offering, code="ABC", expires_at=timezone.now())
    ReportColumn.objects.create(field="name", position=1)
    return {
        "own page": link_for(bob).removeprefix(settings.BASE_URL),
        "news token": links.make("trainings.news", news.pk, news.nonce),
        "certificate": bob.certificates.get().code,
        "other certificate": carol.certificates.get().code,
        "offering": offering.get_absolute_url(),
        "draft": draft.get_absolute_url(),
        "day": day.pk,
        "payer": payer.pk,
        "charge": payer.entries.get(kind="charge").pk,
    }
