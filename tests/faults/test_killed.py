"""Web and worker are killed while people send forms: all of a request is kept, or nothing."""

import itertools
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from calls.models import SignUp
from hub.models import Mail
from ta_requests.for_hub import SEED
from ta_requests.models import TaRequest
from tests.calls.conftest import weekly  # noqa: F401 (a fixture)
from tests.faults.web import Web, in_parallel, send, served
from tests.hub.conftest import sink  # noqa: F401 (a fixture)
from tests.ta_requests.asking import FORM
from tests.ta_requests.conftest import content  # noqa: F401 (a fixture)

# `FAULT_POSTS=2000 FAULT_KILLS=50 pytest tests/faults/test_killed.py` for the long run.
POSTS = int(os.environ.get("FAULT_POSTS", "50"))
KILLS = int(os.environ.get("FAULT_KILLS", "4"))
WORKER_KILLS = max(1, KILLS // 10)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hub(content, weekly, tmp_path):  # noqa: F811
    SEED(content)
    with served(tmp_path) as web:
        yield web


def ask(web: Web, number: int) -> str:
    page = send(
        web,
        "/technical-assistance/ask/",
        FORM | {"email": f"p{number}@example.org"},
        "We have your request",
    )
    return re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", page)[0]


def sign_up(web: Web, number: int) -> str:
    details = {"name": "Sam", "organization": "Aid", "role": "attorney", "website": ""}
    email = {"email": f"p{number}@example.org"}
    send(web, "/calls/working-group/", details | email, "Check your email")
    return ""


def send_all_mail(hub: Web, port: int, taken: list[object]) -> int:
    """Kill the worker over its mail again and again, then let one finish; returns how often."""
    chance, kills = random.Random(7), 0
    while kills < WORKER_KILLS:
        had = len(taken)
        with hub.worker(mail_port=port) as worker:
            for _ in range(600):
                if len(taken) > had or worker.poll() is not None:
                    break
                time.sleep(0.05)
            assert worker.poll() is None
            assert len(taken) > had, "the worker sent nothing"
            time.sleep(chance.uniform(0, 0.3))
            worker.kill()
        kills += 1
    with hub.worker("--once", mail_port=port) as worker:
        out, err = worker.communicate(timeout=600)
    assert (worker.returncode, out, err) == (0, "", "")
    return kills


def test_what_was_answered_is_kept_once_and_its_mail_is_sent(hub, sink, weekly):  # noqa: F811
    began = time.monotonic()
    chance, answers, killed = random.Random(7), itertools.count(1), []

    def do(job: Callable[[Web, int], str], number: int) -> str:
        said = job(hub, number)
        # The others are somewhere in the middle of theirs.
        if next(answers) % (POSTS // KILLS) == 0:
            killed.append(hub.kill_one(chance))
        return said

    people = [f"p{number}@example.org" for number in range(POSTS // 2)]
    jobs = [partial(do, job, n) for n in range(POSTS // 2) for job in (ask, sign_up)]
    references = [each for each in in_parallel(jobs, threads=6) if each]
    posted = time.monotonic()
    assert len(set(killed)) >= KILLS

    # What was answered is there, once; what was stored is whole.
    requests = TaRequest.objects.prefetch_related("areas", "cycles", "links")
    assert len(set(references)) == POSTS // 2
    assert {each.reference for each in requests} == set(references)
    assert sorted(each.email for each in requests) == sorted(people)
    for each in requests:
        assert (each.areas.count(), each.cycles.count(), each.links.count()) == (2, 1, 1)
    sign_ups = dict(SignUp.objects.values_list("pk", "email"))
    assert sorted(sign_ups.values()) == sorted(people)

    # What was promised is sent; twice only what a killed worker had in hand, and it tells.
    expected = sorted(
        [("calls.link", pk) for pk in sign_ups]
        + [("ta_requests.received", each.pk) for each in requests]
    )
    assert sorted(Mail.objects.values_list("kind", "subject_id")) == expected
    worker_kills = send_all_mail(hub, sink.port, sink.taken)
    sent = Counter(sink.message_ids)
    host = hub.address.removeprefix("http://").partition(":")[0]
    assert set(sent) == {f"<{mail.uuid}@{host}>" for mail in Mail.objects.exclude(sent_at=None)}
    assert len(sent) == POSTS // 2 * 2
    twice = sum(sent.values()) - len(sent)
    assert twice <= worker_kills
    to = {str(message["Message-ID"]): address for [address], message in sink.taken}
    assert Counter(to.values()) == dict.fromkeys(people, 2)
    print(
        f"{POSTS} posts in {posted - began:.0f} s, {len(killed)} processes killed; "
        f"{len(sent)} mails, {worker_kills} workers killed, {twice} sent twice"
    )
