"""What random requests brought to light (test_fuzz.py), each by itself."""

import warnings

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory

from hub.middleware import in_utf8
from hub.models import User
from tests.mailbox import mailed_code
from tests.people import staff_client
from tests.reading import filled
from tests.trainings import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk():
    client = staff_client(User.objects.create_superuser("alice@example.org"))
    client.raise_request_exception = False
    return client


def status_served(query: str, content_type: str) -> str:
    """As the server has it: what fails before Django answers is not caught here."""
    environ = RequestFactory().get("/healthz").environ
    environ |= {"QUERY_STRING": query, "CONTENT_TYPE": content_type}
    said = []
    answer = in_utf8(WSGIHandler())(environ, lambda status, headers: said.append(status))
    answer.close()
    return said[0]


@pytest.mark.parametrize("charset", ["idna", "rot13", "hex", "undefined", "utf-16", "no such"])
@pytest.mark.parametrize("written", ["charset=", " CharSet = ", "charset*=utf-8''", 'charset="'])
def test_a_charset_a_client_names_breaks_no_address(charset, written):
    assert status_served("q=%E9", f"text/plain;{written}{charset}") == "200 OK"


def test_nor_do_thousands_of_parameters_beside_one():
    assert status_served("a&" * 3000, "text/plain; charset=utf-8") == "200 OK"


def test_the_rest_of_what_a_body_is_stays():
    seen = {}
    served = in_utf8(lambda environ, _: seen.update(environ))
    served({"CONTENT_TYPE": "multipart/form-data; charset=hex; boundary=x"}, None)
    assert seen["CONTENT_TYPE"] == "multipart/form-data; boundary=x"
    served({}, None)
    assert seen["CONTENT_TYPE"] == ""


@pytest.mark.parametrize(
    "said",
    [
        "x",
        "[]",
        "1",
        '{"id":"x"}',
        '{"id":1,"response":{"clientDataJSON":"e30","attestationObject":"oA"}}',
        '{"id":"AA","rawId":"AA","type":"public-key","response":1}',
        '{"id":"AA","rawId":"AA","type":"public-key","response":{}}',
        '{"id":"AA","rawId":"AA","type":"x","response":{"clientDataJSON":"e30",'
        '"attestationObject":"oA","authenticatorData":"AA","signature":"AA"}}',
    ],
)
def test_what_no_passkey_answers_is_refused(at_desk, said):
    for address in ("webauthn/add/", "webauthn/reauthenticate/"):
        at_desk.get(f"/accounts/2fa/{address}")
        answer = at_desk.post(f"/accounts/2fa/{address}", {"name": "Key", "credential": said})
        assert answer.status_code in {200, 302, 400}
    User.objects.get().authenticator_set.get()
    at_door = Client(raise_request_exception=False)
    at_door.post("/accounts/login/", {"login": "alice@example.org"})
    at_door.post("/accounts/login/code/confirm/", {"code": mailed_code()})
    answer = at_door.post("/accounts/2fa/authenticate/", {"credential": said})
    assert answer.status_code in {200, 302, 400}
    assert "_auth_user_id" not in at_door.session


@pytest.mark.parametrize("ticked", ["x", "", "1e-400", "-1", "\0", "9" * 400, "9" * 19, "²", "١"])
def test_a_ticked_row_without_a_number_is_refused(at_desk, ticked):
    sent = {"action": "delete_selected", "_selected_action": [ticked], "post": "yes"}
    assert at_desk.post("/admin/trainings/hostoffer/", sent).status_code == 400


@pytest.mark.parametrize("chosen", ["x", "\0", "9" * 400, "١"])
@pytest.mark.parametrize(
    ("model", "field"),
    [("front/reading", "course"), ("front/reading", "resource"), ("library/resource", "topics")],
)
def test_a_chosen_row_without_a_number_is_a_mistake_in_a_form(at_desk, model, field, chosen):
    answer = at_desk.post(f"/admin/{model}/add/", {field: chosen})
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/logout/", "/admin/login/"])
def test_a_way_on_that_is_no_address_leads_where_none_does(at_desk, address):
    said = [
        at_desk.get(address, {"next": "http://[::1"}),
        at_desk.post(address, {"next": "http://[::1"}),
    ]
    assert [answer.status_code < 500 for answer in said] == [True, True]
    assert "[::1" not in "".join(answer.headers.get("Location", "") for answer in said)


@pytest.mark.parametrize("query", ["state__exact=%00", "q=a%00b", "%00=1", "_to_field=%00"])
def test_no_list_is_filtered_by_nul(at_desk, query):
    assert at_desk.get(f"/admin/library/suggestion/?{query}").status_code == 400


@pytest.mark.parametrize("word", ["tomorrow", "2026-13-01", "a.b", "home", "admin:index", "x:y"])
def test_a_way_on_of_one_word_is_no_name_of_a_view(at_desk, word):
    answer = at_desk.get("/admin/login/", {"next": word})
    assert answer.status_code == 302
    # Taken as an address beside this one, where there is none; or not taken.
    assert answer.headers["Location"] in {word, "/staff/"}


@pytest.mark.parametrize("year", ["9" * 19, "-9223372036854775809", "0", "99999", "x", "²"])
def test_no_year_is_too_long_for_a_list(at_desk, year):
    answer = at_desk.get(f"/admin/hub/auditevent/?at__year={year}")
    assert answer.status_code in {302, 400}


def test_a_filter_no_list_has_exports_nothing(at_desk):
    assert at_desk.get("/admin/library/resource/export/?course=x").status_code == 400


def test_lines_of_a_ledger_that_are_not_there_are_shown_empty(at_desk):
    registration = making.person(making.offering())
    page = at_desk.get(f"/admin/trainings/registration/{registration.pk}/change/")
    sent = filled(page) | {"entries-TOTAL_FORMS": "3", "entries-INITIAL_FORMS": "x"}
    answer = at_desk.post(f"/admin/trainings/registration/{registration.pk}/change/", sent)
    assert answer.status_code == 200


def test_a_long_search_is_written_down_nowhere(client):
    """Django warns of a cache's key that is long, and shows it."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert client.get("/library/", {"q": "ä" * 200}).status_code == 200
    assert said == []
