"""What each mail to a requester looks like, and what none of them may say.

The snapshots are read as a person would read them; renew them with --force-regen.
"""

import uuid
from uuid import uuid4

import pytest
from django.utils import timezone

from hub.models import Mail
from hub.outbox import compose
from ta_requests import mails
from ta_requests.models import Message, TaRequest
from ta_requests.services import asking, links, thread
from tests.mailbox import deliver, text_of
from tests.ta_requests.asking import FORM, pacific, post

KINDS = ["received", "again", "question", "reply"]
CANARIES = {
    "question": "CANARY-question",
    "more": "CANARY-more",
    "name": "CANARY-name",
    "organization": "CANARY-organization",
    "phone": "CANARY-phone",
    "role": "supervised",
    "supervisor_name": "CANARY-supervisor",
    "supervisor_email": "CANARY-boss@example.org",
    "us_state": "WY",
    "deadline_type": "court",
    "deadline": "12/14/2026",
}


@pytest.fixture
def row(client, thanksgiving, monkeypatch):
    """A request whose reference and links are known."""
    monkeypatch.setattr(asking, "_new_reference", lambda: "KQ7M-M4TX")
    monkeypatch.setattr(links.secrets, "token_urlsafe", lambda _: next(tokens))
    tokens = iter(letter * 43 for letter in "ABC")
    post(client, **CANARIES)
    return TaRequest.objects.get()


@pytest.fixture
def promised(row, tanya):
    """Bring the request to where a kind of mail is promised, and leave that one mail."""

    def bring(kind):
        if kind == "question":
            thread.ask(row.pk, uuid4(), "CANARY-ask", tanya)
        if kind in {"reply", "again"}:
            thread.reply(row.pk, uuid4(), "CANARY-reply", tanya)
        if kind == "again":
            thread.write(row.pk, uuid4(), "CANARY-again")
        mail = Mail.objects.get(kind=f"ta_requests.{kind}")
        Mail.objects.exclude(pk=mail.pk).delete()
        return mail

    return bring


def written(message):
    """A whole message as text: its headers, then each part's headers and content decoded."""
    lines = [f"{name}: {value}" for name, value in message.items() if name != "Content-Type"]
    lines += [f"Content-Type: {message.get_content_type()}"]
    for part in message.iter_parts():
        lines += ["", f"===== {part['Content-Type']}", part.get_content().replace("\r\n", "\n")]
    return "\n".join(lines)


@pytest.mark.parametrize("kind", KINDS)
def test_the_mail_as_it_is_read(promised, kind, file_regression):
    mail = promised(kind)
    Mail.objects.filter(pk=mail.pk).update(uuid=uuid.UUID(int=1))
    (message,) = deliver()
    file_regression.check(written(message), extension=".eml.txt", encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_r13_a_mail_holds_reference_time_and_link_only(promised, kind):
    promised(kind)
    (message,) = deliver()
    whole = written(message)
    assert "CANARY" not in whole
    assert "boss@" not in whole
    for told in ("Wyoming", "WY", "mmigration", "Civil", "December 14", "supervis", "Thanksgiving"):
        assert told not in whole, told
    assert "KQ7M-M4TX" in message["Subject"]
    assert not {"Sam", "Rivera", "example.org"} & set(message["Subject"].split())
    assert message["To"] == FORM["email"].lower()


@pytest.mark.parametrize("kind", KINDS)
def test_r15_an_answer_to_the_mail_reaches_no_stranger(promised, kind):
    promised(kind)
    (message,) = deliver()
    assert message["Reply-To"] is None
    assert message["From"].addresses[0].addr_spec == "hub@testserver"
    assert "do not answer this email" in " ".join(text_of(message).split())


@pytest.mark.parametrize("kind", KINDS)
def test_the_link_in_the_mail_opens_the_request(promised, client, row, kind):
    promised(kind)
    (message,) = deliver()
    token = "A" if kind in {"received", "question"} else "B"
    address = f"/technical-assistance/follow/{token * 43}/"
    assert f"http://testserver{address}\n" in text_of(message).replace("\r\n", "\n")
    assert client.get(address).status_code == 200


def test_r14_tried_twice_it_is_the_same_mail(promised):
    mail = promised("received")
    first, second = (compose(mail, mails.received(mail)).as_string() for _ in range(2))
    assert first.replace("=3D", "=").count("A" * 20) > 0
    assert _without_boundaries(first) == _without_boundaries(second)


def _without_boundaries(message):
    return [line for line in message.splitlines() if "=====" not in line]


@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_once_purged_or_without_an_address(promised, row, kind):
    mail = promised(kind)
    write = getattr(mails, kind)
    assert write(mail) is not None
    TaRequest.objects.filter(pk=row.pk).update(email=None)
    assert write(mail) is None
    thread.finish(row.pk, "solved")
    sealed = ("name", "email", "email_index", "phone", "supervisor_name", "supervisor_email")
    TaRequest.objects.filter(pk=row.pk).update(
        purged_at=timezone.now(),
        organization="",
        deadline=None,
        deadline_type="",
        **dict.fromkeys([*sealed, "more", "question"]),
    )
    assert write(mail) is None
    mail.subject_id = 0
    assert write(mail) is None


def test_a_promise_that_was_kept_meanwhile_needs_no_mail(row, tanya):
    mail = Mail.objects.get(kind="ta_requests.received")
    thread.reply(row.pk, uuid4(), "Yes", tanya)
    assert mails.received(mail) is None


def test_a_question_that_was_answered_meanwhile_needs_no_mail(promised, row):
    mail = promised("question")
    thread.write(row.pk, uuid4(), "Los Angeles")
    assert mails.question(mail) is None


def test_a_mail_about_no_message_is_not_sent(promised):
    mail = promised("reply")
    Message.objects.filter(pk=mail.about_id).delete()
    assert mails.reply(mail) is None


def test_the_time_is_the_present_one(promised, row):
    mail = promised("received")
    row.cycles.update(due_at=pacific("2026-12-02 10:00"))
    assert mails.received(mail).context["due_at"] == pacific("2026-12-02 10:00")


def test_asked_back_before_the_first_mail_went_out_the_question_goes_alone(row, tanya):
    thread.ask(row.pk, uuid4(), "Which court?", tanya)
    (message,) = deliver()
    assert message["Subject"].strip() == "We have a question about your request KQ7M-M4TX"
    assert links.token_of(row) in text_of(message)
