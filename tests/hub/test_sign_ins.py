"""What is on record of signing in: staff's, for good; of nobody else anything."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client

from hub.models import AuditEvent, User
from tests.hub.test_accounts import CONFIRM, SIGN_IN
from tests.mailbox import mailed_code
from tests.people import staff_client
from tests.reading import text

pytestmark = pytest.mark.django_db
SECOND = "/accounts/2fa/authenticate/"
AGAIN = "/accounts/2fa/reauthenticate/"
WHERE = {"REMOTE_ADDR": "192.0.2.77", "HTTP_USER_AGENT": "Canary Browser"}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def recorded() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def asked(user: User) -> Client:
    client = Client(**WHERE)
    client.post(SIGN_IN, {"login": user.email})
    return client


def test_staff_who_sign_in_and_out(alice):
    client = asked(alice)
    assert recorded() == [], "a code that was asked for is nothing yet"
    client.post(CONFIRM, {"code": mailed_code()})
    assert recorded() == ["signed in"]
    client.post("/accounts/logout/")
    assert recorded() == ["signed in", "signed out"]
    event = AuditEvent.objects.latest("pk")
    assert (event.actor, event.kind, event.reference) == (alice, "account", f"account {alice.pk}")


def test_nobody_is_in_before_the_second_step(alice):
    staff_client(alice)
    client = asked(alice)
    client.post(CONFIRM, {"code": mailed_code()})
    assert recorded() == []
    assert "This is not the code" in text(client.post(SECOND, {"code": "000000"}))
    assert recorded() == ["wrong second step"]
    codes = alice.authenticator_set.get(type="totp").wrap()
    right = _code(codes)
    client.post(SECOND, {"code": right})
    assert recorded() == ["wrong second step", "signed in"]


def _code(totp) -> str:
    from allauth.mfa.utils import decrypt

    return format_hotp_value(hotp_value(decrypt(totp.instance.data["secret"]), _period()))


def _period() -> int:
    return int(time.time()) // 30


def test_a_wrong_second_step_that_is_asked_for_again(alice):
    client = staff_client(alice)
    client.post(AGAIN, {"code": "000000"})
    assert recorded() == ["wrong second step"]
    right = _code(alice.authenticator_set.get().wrap())
    client.post(AGAIN, {"code": right})
    client.post(AGAIN, {"code": right})
    assert recorded() == ["wrong second step"] * 2, "one that is spent is a wrong one"


NO_KEY_SAID = [
    "1",
    '["x"]',
    '"x"',
    '{"id": "canary"}',
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {}}',
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": '
    '{"clientDataJSON": "e30", "authenticatorData": "YQ", "signature": "YQ"}}',
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": '
    '{"clientDataJSON": "e30", "attestationObject": "YQ"}}',
]


@pytest.mark.parametrize("said", NO_KEY_SAID)
class TestWhatNoKeySaid:
    @pytest.mark.parametrize("address", [SECOND, "/accounts/2fa/webauthn/reauthenticate/"])
    def test_is_a_wrong_second_step(self, alice, address, said):
        client = staff_client(alice)
        if address == SECOND:
            client = asked(alice)
            client.post(CONFIRM, {"code": mailed_code()})
        else:
            alice.authenticator_set.create(type="webauthn", data={"name": "Key", "credential": {}})
        answer = client.post(address, {"credential": said}, follow=True)
        assert answer.status_code == 200
        assert recorded() == ["wrong second step"]

    def test_adds_none(self, bob, said):
        client = Client()
        client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
        address = "/accounts/2fa/webauthn/add/"
        assert client.get(address).status_code == 200
        assert client.post(address, {"name": "Key", "credential": said}).status_code == 200
        assert not bob.authenticator_set.exists()


def test_past_the_limit_nothing_more_is_written(alice):
    client = staff_client(alice)
    for _ in range(40):
        client.post(AGAIN, {"code": "000000"})
    assert 1 <= len(recorded()) <= 10


def test_wrong_codes(alice):
    client = asked(alice)
    for _ in range(4):
        client.post(CONFIRM, {"code": "WRNG-WRNG"})
    assert recorded() == ["wrong code"] * 3, "three tries"


def test_out_of_the_back_office_and_everywhere_else(alice):
    client = staff_client(alice)
    client.get("/admin/logout/")
    assert recorded() == []
    client.post("/my/", {"do": "elsewhere"})
    client.post("/admin/logout/")
    assert recorded() == ["signed out elsewhere", "signed out"]
    client.post("/admin/logout/")
    client.post("/accounts/logout/")
    assert len(recorded()) == 2, "nobody is there to sign out"


def test_of_participants_and_unknown_addresses_nothing(bob):
    client = asked(bob)
    client.post(CONFIRM, {"code": "WRNG-WRNG"})
    client.post(CONFIRM, {"code": mailed_code()})
    bob.refresh_from_db()
    assert bob.last_login
    client.post("/my/", {"do": "elsewhere"})
    client.post("/accounts/logout/")
    eve = User(email="eve@example.org")
    unknown = asked(eve)
    unknown.post(CONFIRM, {"code": "WRNG-WRNG"})
    assert recorded() == []
    bob.delete()


def test_neither_where_from_nor_with_what_nor_what_was_typed(alice):
    client = asked(alice)
    client.post(CONFIRM, {"code": "WRNG-WRNG"})
    client.post(CONFIRM, {"code": mailed_code()})
    client.post("/accounts/logout/")
    for event in AuditEvent.objects.values():
        said = str(event)
        for canary in ("192.0.2", "Canary", "WRNG", alice.email):
            assert canary not in said
    assert len(mail.outbox) == 1


def test_superusers_read_it(alice):
    client = asked(alice)
    client.post(CONFIRM, {"code": "WRNG-WRNG"})
    page = staff_client(alice).get("/admin/hub/auditevent/?action__exact=wrong+code")
    assert page.context["cl"].result_count == 1


class TestSettingUp:
    """The secret of an app, until it is proved, lies in the session: sealed."""

    ADDRESS = "/accounts/2fa/totp/activate/"

    @pytest.fixture
    def client(self, bob):
        client = Client()
        client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_it_is_not_in_the_table(self, client):
        secret = client.get(self.ADDRESS).context["form"].secret
        held = Session.objects.get().get_decoded()
        assert secret not in str(held)
        assert held[SECRET_SESSION_KEY].startswith("v1.")

    def test_it_stays_the_same_after_a_wrong_code_and_is_proved(self, client, bob):
        secret = client.get(self.ADDRESS).context["form"].secret
        wrong = client.post(self.ADDRESS, {"code": "000000"})
        assert wrong.context["form"].secret == secret
        assert secret not in str(Session.objects.get().get_decoded())
        code = format_hotp_value(hotp_value(secret, _period()))
        assert client.post(self.ADDRESS, {"code": code}).status_code == 302
        assert bob.authenticator_set.filter(type="totp").exists()
        assert SECRET_SESSION_KEY not in Session.objects.get().get_decoded()

    @pytest.mark.parametrize("held", ["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "v1.a.AAAA", None])
    def test_one_in_clear_or_from_elsewhere_is_not_taken(self, client, held):
        client.get(self.ADDRESS)
        session = client.session
        session[SECRET_SESSION_KEY] = held
        session.save()
        page = client.post(self.ADDRESS, {"code": "000000"})
        assert re.fullmatch("[A-Z2-7]{32}", page.context["form"].secret)
        assert page.context["form"].secret != held
