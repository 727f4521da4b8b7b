"""The web process is killed while people send forms: all of a request is kept, or nothing."""

import os
import random
import re
import threading
from functools import partial

import pytest

from calls.models import SignUp
from hub.models import Mail
from ta_requests.for_hub import SEED
from ta_requests.models import TaRequest
from tests.calls.conftest import weekly  # noqa: F401 (a fixture)
from tests.faults.web import in_parallel, send, served
from tests.ta_requests.asking import FORM
from tests.ta_requests.conftest import content  # noqa: F401 (a fixture)

# `FAULT_POSTS=1000 pytest tests/faults` for the long run.
POSTS = int(os.environ.get("FAULT_POSTS", "30"))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hub(content, tmp_path):  # noqa: F811
    SEED(content)
    with served(tmp_path) as web:
        yield web


@pytest.fixture
def killer(hub):
    """Kills one of the two workers again and again until the test is over."""
    over, kills = threading.Event(), []

    def kill() -> None:
        chance = random.Random(7)
        while not over.wait(chance.uniform(0.3, 0.9)):
            kills.append(hub.kill_one(chance))

    thread = threading.Thread(target=kill)
    thread.start()
    yield kills
    over.set()
    thread.join()


def ask(web, number: int) -> str:
    page = send(
        web,
        "/technical-assistance/ask/",
        FORM | {"email": f"p{number}@example.org"},
        "We have your request",
    )
    return re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", page)[0]


def test_a_request_is_kept_whole_or_not_at_all(hub, killer):
    references = in_parallel([partial(ask, hub, number) for number in range(POSTS)], threads=6)
    assert sum(killer) > 3
    assert len(set(references)) == POSTS
    kept = TaRequest.objects.prefetch_related("areas", "cycles", "links")
    # What was answered is there, once; what was stored is whole.
    assert {each.reference for each in kept} == set(references)
    assert {each.email for each in kept} == {f"p{number}@example.org" for number in range(POSTS)}
    for each in kept:
        assert (each.areas.count(), each.cycles.count(), each.links.count()) == (2, 1, 1)
    promised = Mail.objects.filter(kind="ta_requests.received")
    assert sorted(promised.values_list("subject_id", flat=True)) == sorted(each.pk for each in kept)


def test_a_sign_up_is_kept_with_its_mail_or_not_at_all(hub, killer, weekly):  # noqa: F811
    def sign_up(number: int) -> str:
        details = {"name": "Sam", "organization": "Aid", "role": "attorney", "website": ""}
        return send(
            hub,
            f"/calls/{weekly.series.slug}/",
            details | {"email": f"p{number}@example.org"},
            "Check your email",
        )

    in_parallel([partial(sign_up, number) for number in range(POSTS)], threads=6)
    assert sum(killer) > 3
    kept = dict(SignUp.objects.values_list("pk", "email"))
    assert sorted(kept.values()) == sorted(f"p{number}@example.org" for number in range(POSTS))
    promised = Mail.objects.filter(kind="calls.link")
    assert sorted(promised.values_list("subject_id", flat=True)) == sorted(kept)
