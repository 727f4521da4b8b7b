"""Missing, forbidden, unreadable and failed requests, and forms that come without their key."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from calls.models import CallSeries, SignUp
from hub.models import User

pytestmark = pytest.mark.django_db
own_urls = pytest.mark.urls(__name__)
BIG = "x" * 10_000_000
FORM = {"name": "Jane Roe", "email": "jane@example.org", "organization": "Law", "role": "attorney"}


def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("canary")


def forbids(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("canary")


def takes(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{len(request.POST)} fields")


urlpatterns = [
    path("fails/", fails),
    path("forbids/", forbids),
    path("takes/", takes),
    path("", include("hub.urls")),
]
handler400 = "hub.errors.bad_request"
handler403 = "hub.errors.forbidden"
handler500 = "hub.errors.server_error"


@pytest.fixture
def call():
    return CallSeries.objects.create(slug="a-call", name="A call")


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.fixture
def strict():
    """A browser of which forms are taken only with their key."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def heading(answer) -> str:
    [found] = re.findall(r"<h1>(.*?)</h1>", answer.content.decode())
    return str(found)


class TestNotFound:
    def test_every_one_has_the_same_bytes(self, visitor, call):
        bob = User.objects.create_user("bob@example.org")
        insider = Client()
        insider.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
        addresses = [
            "/nothing/",
            "/nothing/?q=canary",
            "/calls/no-such-call/",
            "/calls/no-such-call.ics",
            "/calls/a-call/flyer.pdf",
            "/calls/sign-up/token/",
            "/my/calendar/token.ics",
            "/my/calendar/" + "A" * 43 + ".ics",
            "/%00/",
            "/%ff%fe/",
            "/calls/sign-up/%0d%0aX/",
            "/<script>/",
            "/" + "long/" * 400,
        ]
        answers = [who.get(address) for who in (visitor, insider) for address in addresses]
        answers += [visitor.post("/nothing/", FORM), visitor.put("/nothing/", BIG[:1000])]
        answers.append(Client(enforce_csrf_checks=True).post("/nothing/", FORM))
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert heading(answers[0]) == "There is no page here"
        headers = [dict(answer.headers) for answer in answers]
        for of_one in (headers[: len(addresses)], headers[len(addresses) : 2 * len(addresses)]):
            assert all(one == of_one[0] for one in of_one)
        assert headers[0]["Cache-Control"] == "no-store"

    def test_head_has_no_body(self, visitor):
        assert (visitor.head("/nothing/").status_code, visitor.head("/nothing/").content) == (
            404,
            b"",
        )


class TestFailed:
    @own_urls
    def test_the_page_says_so_and_where_else_to_turn(self, visitor):
        answer = visitor.get("/fails/")
        assert answer.status_code == 500
        assert heading(answer) == "Something went wrong on our side"
        assert "(888) 507-0193" in answer.content.decode()
        assert "canary" not in answer.content.decode()

    @own_urls
    def test_it_needs_no_database(self, visitor, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert visitor.get("/fails/").status_code == 500

    @own_urls
    def test_forbidden(self, visitor):
        answer = visitor.get("/forbids/")
        assert (answer.status_code, heading(answer)) == (403, "You may not open this page")
        assert "canary" not in answer.content.decode()


class TestUnreadable:
    """A body that is too long or broken gets a page that says so, and nothing is kept."""

    def too_long(self, answer) -> None:
        assert (answer.status_code, heading(answer)) == (413, "We could not read what was sent")
        assert "longer than any form of ours" in answer.content.decode()
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert not SignUp.objects.exists()

    @pytest.mark.parametrize("browser", ["visitor", "strict"])
    @pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}])
    def test_ten_megabytes(self, request, call, browser, headers):
        client = request.getfixturevalue(browser)
        body = {**FORM, "name": BIG}
        self.too_long(client.post("/calls/a-call/", body, headers=headers))
        self.too_long(
            client.post(
                "/calls/a-call/",
                "name=" + BIG,
                content_type="application/x-www-form-urlencoded",
                headers=headers,
            )
        )

    @pytest.mark.parametrize("browser", ["visitor", "strict"])
    @pytest.mark.parametrize(
        "content_type", ["application/x-www-form-urlencoded", "multipart/form-data"]
    )
    def test_three_thousand_fields(self, request, call, browser, content_type):
        client = request.getfixturevalue(browser)
        fields = {**FORM, **{f"f{number}": "x" for number in range(3000)}}
        if content_type == "multipart/form-data":
            answer = client.post("/calls/a-call/", fields)
        else:
            body = "&".join(f"{name}={value}" for name, value in fields.items())
            answer = client.post("/calls/a-call/", body, content_type=content_type)
        self.too_long(answer)

    def test_a_file_nobody_asked_for(self, visitor, call):
        big = SimpleUploadedFile("big.bin", BIG.encode())
        self.too_long(visitor.post("/calls/a-call/", {**FORM, "file": big}))

    def test_hundreds_of_files(self, visitor, call):
        files = {f"f{n}": SimpleUploadedFile("f", b"x") for n in range(200)}
        self.too_long(visitor.post("/calls/a-call/", {**FORM, **files}))

    @own_urls
    def test_just_short_of_it_is_taken(self, visitor):
        kind = "application/x-www-form-urlencoded"
        assert visitor.post("/takes/", "n=" + BIG[:262_142], content_type=kind).status_code == 200
        assert visitor.post("/takes/", "n=" + BIG[:262_143], content_type=kind).status_code == 413

    def test_the_back_office_takes_a_flyer_but_no_film(self, visitor, settings):
        """25 MB are promised there; what is longer is refused before it is read."""
        assert settings.BACK_OFFICE_UPLOAD_MAX_SIZE > 25 * 1024 * 1024
        for most in (settings.BACK_OFFICE_UPLOAD_MAX_SIZE, 1_000_000):
            settings.BACK_OFFICE_UPLOAD_MAX_SIZE = most
            flyer = SimpleUploadedFile("flyer.pdf", BIG.encode())
            answer = visitor.post("/admin/", {"file": flyer})
            if most > len(BIG):
                assert "The file you chose is not kept" in answer.content.decode()
            else:
                self.too_long(answer)

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("multipart/form-data", "name=x"),
            ("multipart/form-data; boundary=", "--x--"),
            ("multipart/form-data; boundary=\u00e9", "x"),
        ],
    )
    def test_a_broken_body(self, strict, call, content_type, body):
        answer = strict.post("/calls/a-call/", body, content_type=content_type)
        assert (answer.status_code, heading(answer)) == (400, "We could not read what was sent")
        assert "did not arrive whole" in answer.content.decode()

    @pytest.mark.parametrize(("length", "status"), [("", 200), ("x", 200), ("-5", 400)])
    def test_a_length_that_is_none(self, visitor, call, length, status):
        """Nothing is read then; the form is shown again, or the request refused."""
        answer = visitor.post("/calls/a-call/", FORM, CONTENT_LENGTH=length)
        assert answer.status_code == status
        assert not SignUp.objects.exists()

    def test_a_foreign_host(self, visitor):
        answer = visitor.get("/", headers={"host": "evil.example"})
        assert (answer.status_code, heading(answer)) == (400, "We could not read what was sent")
        assert "evil" not in answer.content.decode()


class TestForged:
    def test_a_form_without_its_key_comes_back_as_it_was_typed(self, strict, call):
        typed = {**FORM, "name": "Jane <b>Roe</b>"}
        answer = strict.post("/calls/a-call/", typed)
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "What you typed is still here" in page
        for value in ("Jane &lt;b&gt;Roe&lt;/b&gt;", "jane@example.org", "Law"):
            assert f'value="{value}"' in page
        assert re.search(r'<option value="attorney" selected', page)
        assert not SignUp.objects.exists()

    def test_and_can_be_sent_again(self, strict, call):
        page = strict.post("/calls/a-call/", FORM).content.decode()
        [key] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        answer = strict.post("/calls/a-call/", {**FORM, "csrfmiddlewaretoken": key})
        assert (answer.status_code, SignUp.objects.count()) == (302, 1)

    def test_from_another_site_it_is_refused_even_with_a_key(self, strict, call):
        page = strict.get("/calls/a-call/").content.decode()
        [key] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        answer = strict.post(
            "/calls/a-call/",
            {**FORM, "csrfmiddlewaretoken": key},
            headers={"origin": "https://evil.example"},
        )
        assert answer.status_code == 403
        assert not SignUp.objects.exists()

    def test_of_a_call_that_is_not_there(self, strict, visitor):
        answer = strict.post("/calls/none/", FORM)
        assert answer.content == visitor.get("/nothing/").content
        assert answer.status_code == 404

    @own_urls
    def test_a_page_that_keeps_nothing_says_what_to_do(self, strict):
        answer = strict.post("/takes/", FORM)
        assert (answer.status_code, heading(answer)) == (403, "Please send it again")
        assert "Jane" not in answer.content.decode()


class TestHeaders:
    def test_a_feed_brings_no_cookie_even_to_a_signed_in_reader(self, call):
        """Its answer may be stored for everyone, and the session with it."""
        client = Client()
        bob = User.objects.create_user("bob@example.org")
        client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
        for address in ("/calendar.ics", "/calls/a-call.ics"):
            answer = client.get(address)
            assert answer.headers["Cache-Control"] == "public, max-age=300"
            assert not answer.cookies
            assert "Vary" not in answer.headers
        assert client.get("/").cookies

    @pytest.mark.parametrize("address", ["/", "/calls/", "/accounts/login/", "/admin/login/"])
    def test_a_page_is_stored_nowhere_and_loads_nothing_from_elsewhere(self, visitor, address):
        headers = visitor.get(address).headers
        assert "no-store" in headers["Cache-Control"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert set(headers["Content-Security-Policy"].split("; ")) == {
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        }
