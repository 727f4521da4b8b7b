"""What each audience reads; renew the snapshots with --force-regen."""

import uuid

import pytest
import time_machine

from hub.models import Mail, User
from tests.announcing import announce
from tests.calls.factories import TODAY, SeriesFactory, SignUpFactory
from tests.calls.test_mails import written
from tests.mailbox import deliver
from tests.trainings import making
from trainings.models import NewsRequest

TEXT = "Next week Dana Diaz joins us.\n\nPlease send questions <before> Monday & come."


@pytest.mark.parametrize("audience", ["calls.series", "trainings.offering", "trainings.news"])
def test_the_mail_as_it_is_read(db, audience, file_regression, monkeypatch):
    monkeypatch.setattr("hub.links.make", lambda *_: "TOKEN")
    alice = User.objects.create_superuser("alice@example.org")
    with time_machine.travel(TODAY, tick=False):
        offering = making.offering(making.course(title="8 hour <Pro Bono> & Training"))
        making.person(offering)
        series = SeriesFactory(name="Legal <Working> Group")
        SignUpFactory(series=series, email="bob@example.org", name="Bob Brown")
        NewsRequest.objects.create(email="bob@example.org", state="active")
        about = {
            "calls.series": (series.pk, "all"),
            "trainings.offering": (offering.pk, "seated"),
            "trainings.news": (offering.course_id, "all"),
        }
        pk, part = about[audience]
        announce(pk, alice, audience=audience, part=part, subject="Bring “cases”", text=TEXT)
        Mail.objects.update(uuid=uuid.UUID(int=1))
        (message,) = deliver()
    file_regression.check(written(message), extension=".eml.txt", encoding="utf-8")
