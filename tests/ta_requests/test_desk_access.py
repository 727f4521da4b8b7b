"""Who gets to what was asked, and what cannot be asked of the queue (R6, R10-R12, abuse 34)."""

from urllib.parse import quote
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from ta_requests.models import TaRequest
from tests.answers import OFFICE
from tests.people import staff_client
from tests.reading import inline_code, text
from tests.ta_requests.desk import (
    CANARY,
    QUEUE,
    do,
    make_manager,
    make_request,
    make_ta_staff,
    open_it,
    page_of,
)

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def row(monday):
    return make_request()


def pages(row):
    return [QUEUE, f"{QUEUE}add/", page_of(row), page_of(row, "history"), page_of(row, "open")]


class TestR6:
    def test_ta_staff_with_a_second_factor_get_in(self, row, as_tanya):
        for address in pages(row)[:-1]:
            assert as_tanya.get(address).status_code == 200
        assert CANARY in open_it(as_tanya, row).content.decode()

    @pytest.mark.parametrize("who", ["superuser", "manager", "staff"])
    def test_no_other_right_opens_anything(self, row, alice, who, django_user_model):
        client = staff_client(
            {
                "superuser": lambda: alice,
                "manager": make_manager,
                "staff": lambda: django_user_model.objects.create_user("s@x.org", is_staff=True),
            }[who]()
        )
        for address in pages(row):
            assert client.get(address).status_code == 403
        for answer in (
            open_it(client, row),
            do(client, row, "take"),
            do(client, row, "reply", text="Hello"),
            client.post(f"{QUEUE}next/"),
            client.post(f"{QUEUE}add/", {"question": "x"}),
        ):
            assert answer.status_code == 403
            assert CANARY not in answer.content.decode()
        index = client.get("/admin/").content.decode()
        assert QUEUE not in index
        row.refresh_from_db()
        assert row.assigned_to is None
        assert row.messages.count() == 0

    def test_others_do_not_learn_which_requests_there_are(self, row, as_alice):
        assert as_alice.get(f"{QUEUE}999999/change/").status_code == 403

    def test_without_the_second_factor_the_way_leads_to_the_door(self, row, tanya):
        client = Client()
        client.force_login(tanya, backend=BACKEND)
        for address in pages(row):
            answer = client.get(address)
            assert f"302 {answer.headers['Location']}" == OFFICE.format(here=quote(address))
        assert CANARY not in open_it(client, row).content.decode()

    def test_r38_out_of_the_group_is_out_at_once(self, row, tanya, as_tanya):
        assert as_tanya.get(page_of(row)).status_code == 200
        tanya.groups.clear()
        assert as_tanya.get(page_of(row)).status_code == 403
        assert open_it(as_tanya, row).status_code == 403


class TestR10:
    def test_lists_titles_and_names_hold_the_reference_only(self, row, as_tanya, tanya):
        open_it(as_tanya, row)
        do(as_tanya, row, "note", text=f"A note {CANARY}")
        assert str(row) == row.reference
        assert CANARY not in str(row.messages.get())
        for address in (*pages(row)[:-1], f"{QUEUE}?which=all", f"{QUEUE}?q={row.reference}"):
            page = as_tanya.get(address).content.decode()
            assert CANARY not in page
            assert "Example Legal Aid" not in page
        title = open_it(as_tanya, row).content.decode().partition("</title>")[0]
        assert row.reference in title
        assert CANARY not in title
        assert not LogEntry.objects.exists()

    def test_the_queue_says_nothing_of_the_kind_of_case(self, row, as_tanya):
        page = text(as_tanya.get(QUEUE))
        assert row.reference in page
        for word in ("Civil", "Immigration", "California", "Attorney"):
            assert word not in page


class TestR11:
    @pytest.mark.parametrize(
        "query",
        [
            "status__exact=open",
            "contact__startswith=a",
            "name__startswith=Sam",
            "email__contains=sam",
            "email_index=sam",
            "question__icontains=wren",
            "messages__text__startswith=a",
            "organization__startswith=E",
            "assigned_to__email__startswith=t",
            "assigned_to__password__startswith=p",
            "links__token_hash=a",
            "received_at__gte=2026-01-01",
            "pk=1",
            "_to_field=email",
        ],
    )
    def test_abuse_34_nothing_else_can_be_looked_up(self, row, as_tanya, query):
        found = as_tanya.get(f"{QUEUE}?{query}")
        assert found.status_code == 400
        assert found.content == as_tanya.get(f"{QUEUE}?{query}zz").content

    def test_abuse_34_the_order_asks_nothing_either(self, row, as_tanya):
        assert "sortable" not in as_tanya.get(QUEUE).content.decode()

    def test_abuse_34_no_autocomplete(self, row, as_tanya, as_alice):
        for client in (as_tanya, as_alice):
            for model in ("cycle", "message", "followlink"):
                answer = client.get(
                    "/admin/autocomplete/"
                    f"?app_label=ta_requests&model_name={model}&field_name=request&term=a"
                )
                assert answer.status_code == 404

    @pytest.mark.parametrize(
        ("term", "found"),
        [
            ("{reference}", True),
            ("{bare}", True),
            ("{spaced}", True),
            ("legal aid", True),
            ("LEGAL AID", True),
            ("Sam", False),
            (CANARY, False),
            ("sam.canarywren@example.org", False),
            ("immigration", False),
            ("%", False),
            ("_", False),
            ("' OR 1=1 --", False),
        ],
    )
    def test_search_finds_by_reference_and_organization(self, row, as_tanya, term, found):
        reference = row.reference
        term = term.format(
            reference=reference,
            bare=reference.replace("-", "").lower(),
            spaced=reference.replace("-", " "),
        )
        page = as_tanya.get(QUEUE, {"q": term})
        assert page.status_code == 200
        assert (page_of(row) in page.content.decode()) == found

    def test_abuse_4_nul_is_refused(self, row, as_tanya):
        answer = as_tanya.get(QUEUE, {"q": "a\0b"})
        assert answer.status_code == 400
        assert "We could not read that" in text(answer)

    def test_search_finds_closed_ones_too(self, row, as_tanya):
        do(as_tanya, row, "close", ending="solved")
        assert page_of(row) not in as_tanya.get(QUEUE).content.decode()
        found = as_tanya.get(QUEUE, {"q": row.reference})
        assert page_of(row) in found.content.decode()


class TestR12:
    def test_nothing_is_deleted_by_hand(self, row, as_tanya, as_alice):
        for client in (as_tanya, as_alice):
            delete = page_of(row, "delete")
            assert client.get(delete).status_code == 403
            assert client.post(delete, {"post": "yes"}).status_code == 403
            sent = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
            client.post(QUEUE, sent)
        assert TaRequest.objects.count() == 1

    def test_there_is_no_action_and_no_export(self, row, as_tanya):
        page = as_tanya.get(QUEUE).content.decode()
        assert 'name="action"' not in page
        assert "xport" not in page
        assert as_tanya.get(f"{QUEUE}export/", follow=True).status_code == 404

    def test_the_cover_takes_no_post(self, row, as_tanya):
        before = TaRequest.objects.values().get()
        sent = {"status": "closed", "assigned_to": 1, "received_at_0": "2020-01-01"}
        assert as_tanya.post(page_of(row), sent).status_code == 405
        assert TaRequest.objects.values().get() == before


def test_abuse_23_hidden_fields_of_another_kind_change_nothing(row, as_tanya, tanya):
    other = make_ta_staff("olga@example.org")
    before = {"status": "open", "received_at": row.received_at, "assigned_to_id": None}
    sent = {"status": "closed", "received_at": "2020-01-01", "due_at": "2030-01-01"}
    do(as_tanya, row, "note", text="A note", assigned_to=other.pk, **sent)
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in before} == before
    assert row.messages.get().by == tanya


def test_a_request_that_is_not_there_is_not_found(monday, as_tanya):
    for address in (f"{QUEUE}999/change/", f"{QUEUE}x/change/", f"{QUEUE}²/history/"):
        assert as_tanya.get(address).status_code == 404
    assert as_tanya.post(f"{QUEUE}999/open/", {"purpose": "answer"}).status_code == 404


def test_a_verb_that_is_not_there_is_not_found(row, as_tanya):
    assert do(as_tanya, row, "delete").status_code == 404


def test_the_pages_hold_no_inline_script_or_style(row, as_tanya):
    do(as_tanya, row, "ask", text="Which court?", form_id=str(uuid4()))
    for address in pages(row)[:-1]:
        assert inline_code(as_tanya.get(address)) == []
    assert inline_code(open_it(as_tanya, row)) == []
