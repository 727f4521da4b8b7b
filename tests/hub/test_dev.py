"""The pages of a hub on one's own machine: its mail, and signing in, in one step."""

import pytest
from django.core.management import CommandError, call_command

from hub import outbox
from hub.dev import demo, mail
from hub.models import User
from hub.outbox import Letter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND = "hub.dev.mail.EmlBackend"
    return tmp_path


@pytest.fixture
def client(client):
    client.raise_request_exception = True
    return client


def send(writers, number: int, text: str) -> None:
    writers["note"] = lambda row: Letter(
        to="carol@example.org",
        template="test_mail/note",
        context={"word": text},
        calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        method="REQUEST",
    )
    outbox.promise("note", number)
    assert outbox.send_due() == 1


class TestMailbox:
    def test_it_is_empty_at_first(self, client):
        assert "No mail yet." in client.get("/dev/mail/").content.decode()

    def test_it_lists_mail_newest_first(self, client, writers):
        for number, text in enumerate(["first", "second", "<b>third"]):
            send(writers, number, text)
        page = client.get("/dev/mail/").content.decode()
        assert page.index("About &lt;b&gt;third") < page.index("About second")
        assert page.index("About second") < page.index("About first")
        assert page.count("carol@example.org") == 3

    def test_each_mail_is_one_file_and_no_half_one(self, writers, folder):
        send(writers, 1, "x")
        [file] = (folder / "mail").iterdir()
        assert file.suffix == ".eml"
        assert b"Subject: About x\r\n" in file.read_bytes().replace(b"\n", b"\r\n").replace(
            b"\r\r", b"\r"
        )

    def test_a_mail_shows_headers_text_and_source_and_its_links_work(self, client, writers):
        send(writers, 1, "see http://testserver/calls/ <script>")
        [file] = mail.folder().glob("*.eml")
        page = client.get(f"/dev/mail/{file.stem}/").content.decode()
        assert "About see http://testserver/calls/ &lt;script&gt;" in page
        assert '<a href="http://testserver/calls/"' in page
        assert "BEGIN:VCALENDAR" in page
        assert "<script>" not in page

    @pytest.mark.parametrize("name", ["none", "20260304-200000-000000-1", "secret-key"])
    def test_what_is_no_mail_is_not_found(self, client, folder, name):
        (folder / "secret-key").write_text("secret")
        assert client.get(f"/dev/mail/{name}/").status_code == 404


class TestSignIn:
    @pytest.fixture
    def staff(self):
        return User.objects.create_superuser(demo.STAFF, name="Demo Staff")

    def test_the_address_printed_signs_in_and_leads_to_the_back_office(
        self, client, staff, settings
    ):
        settings.STAFF_SECOND_FACTOR = False
        answer = client.get(f"/dev/sign-in/{demo.key()}/", follow=True)
        assert answer.redirect_chain == [("/admin/", 302)]
        assert "What would you like to do?" in answer.content.decode()
        assert client.session["_auth_user_id"] == str(staff.pk)

    @pytest.mark.parametrize("key", ["wrong", "", "%C3%BC", "%00", "A" * 500])
    def test_any_other_key_is_not_found(self, client, staff, key):
        demo.key()
        assert client.get(f"/dev/sign-in/{key}/").status_code == 404
        assert "_auth_user_id" not in client.session

    def test_without_the_demo_member_nobody_is_signed_in(self, client):
        assert client.get(f"/dev/sign-in/{demo.key()}/").status_code == 404

    def test_the_key_is_made_once_for_this_machine_s_owner_only(self, folder):
        key = demo.key()
        assert demo.key() == key
        assert len(key) >= 16
        assert (folder / "demo-key").stat().st_mode & 0o077 == 0


class TestPrepare:
    def test_only_on_one_s_own_machine(self, settings):
        settings.LOCAL = False
        with pytest.raises(CommandError, match="set HUB_LOCAL=1"):
            call_command("prepare_local")

    def test_it_loads_the_content_and_prints_the_sign_in_once(self, monkeypatch, capsys, client):
        done: list[str] = []
        real = call_command

        def instead(name: str, *args: object, **options: object) -> None:
            done.append(name)
            if name == "seed_content":
                real(name, *args, **options)

        monkeypatch.setattr("hub.management.commands.prepare_local.call_command", instead)
        call_command("prepare_local")
        first = capsys.readouterr().out
        call_command("prepare_local")
        # The second time no static file has changed.
        assert done == ["migrate", "collectstatic", "seed_content", "migrate", "seed_content"]
        assert f"http://testserver/dev/sign-in/{demo.key()}/" in first
        assert "sign-in" not in capsys.readouterr().out
        staff = User.objects.get()
        assert (staff.email, staff.is_superuser) == (demo.STAFF, True)
        assert not staff.has_usable_password()
        assert "Legal Anti-Trafficking Working Group" in client.get("/calls/").content.decode()
