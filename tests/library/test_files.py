"""Files of our own: who gets them, as what, and that none stays for ever unnamed."""

import os
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as project
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from library import files
from library.models import Resource
from tests.hub.test_files import WORD
from tests.reading import text

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 " + b"x" * 1_300_000
ADDRESS = "/library/guide/file/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def guide():
    resource = Resource.objects.create(slug="guide", title="A guide", placement="legal")
    # Whatever staff called it: a path, another kind, other letters.
    resource.file.save("Über uns <b>.exe", ContentFile(PDF))
    return resource


class TestDownload:
    def test_it_is_to_be_kept_under_a_plain_name_and_never_shown_here(self, client, guide):
        answer = client.get(ADDRESS)
        assert b"".join(answer) == PDF
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == 'attachment; filename="guide.pdf"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Cache-Control"] == "public, no-cache"
        assert int(answer["Content-Length"]) == len(PDF)

    def test_a_word_file_is_one(self, client, guide):
        guide.file.save("guide.pdf", ContentFile(WORD))
        answer = client.get(ADDRESS)
        assert b"".join(answer) == WORD
        assert answer["Content-Type"].endswith("wordprocessingml.document")
        assert answer["Content-Disposition"] == 'attachment; filename="guide.docx"'

    def test_who_has_it_is_told_so_until_it_changes(self, client, guide):
        first = client.get(ADDRESS)
        assert b"".join(first) == PDF
        for asked in (
            {"If-None-Match": first["ETag"]},
            {"If-Modified-Since": first["Last-Modified"]},
        ):
            again = client.get(ADDRESS, headers=asked)
            assert (again.status_code, again.content) == (304, b"")
            assert again["ETag"] == first["ETag"]
            assert again["Content-Security-Policy"] == "default-src 'none'; sandbox"
        guide.file.save("guide.pdf", ContentFile(b"%PDF-1.7 new"))
        new = client.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
        assert b"".join(new) == b"%PDF-1.7 new"
        assert new["ETag"] != first["ETag"]

    def test_none_of_a_draft(self, client, guide):
        Resource.objects.update(published=False)
        assert client.get(ADDRESS).status_code == 404

    def test_none_where_there_is_none(self, client, guide):
        Resource.objects.update(file="")
        assert client.get(ADDRESS).status_code == 404

    def test_none_where_it_is_lost_and_the_page_stands_all_the_same(self, client, guide):
        os.remove(guide.file.path)
        assert client.get(ADDRESS).status_code == 404
        page = text(client.get("/library/guide/"))
        assert "Download" not in page
        assert "No link yet: ask us for a copy" in page

    def test_none_that_is_no_document_any_more(self, client, guide):
        with open(guide.file.path, "wb") as file:
            file.write(b"<script>alert(1)</script>")
        assert client.get(ADDRESS).status_code == 404

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_it_is_only_read(self, client, guide, method):
        assert getattr(client, method)(ADDRESS).status_code == 405


def acts(client) -> str:
    page = client.get("/library/guide/").content.decode()
    part = re.search(r'<div class="acts">(.*?)</div>', page, re.DOTALL)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)).replace("\xa0", " ").strip()


class TestWhatReadersAreOffered:
    """In what order: what works comes first, and nobody is left without a way."""

    def test_a_file(self, client, guide):
        assert acts(client) == "Download A guide (PDF, 1.2 MB)"

    def test_a_file_and_a_link(self, client, guide):
        Resource.objects.update(url="https://www.site.org/guide")
        assert acts(client) == "Download A guide (PDF, 1.2 MB) Open at site.org"

    @pytest.mark.parametrize("state", ["works", "unknown"])
    def test_a_link_not_known_to_be_broken(self, client, guide, state):
        Resource.objects.update(
            file="",
            url="https://site.org/guide",
            link_state=state,
            archived_url="https://archive.org/web/guide",
        )
        assert acts(client) == "Open at site.org"

    def test_a_broken_link_with_an_archived_copy(self, client, guide):
        Resource.objects.update(
            file="",
            url="https://site.org/guide",
            link_state="broken",
            archived_url="https://archive.org/web/guide",
        )
        assert acts(client) == (
            "Archived copy at archive.org "
            "This link did not work when we last looked: site.org . Ask us for a copy"
        )
        page = client.get("/library/guide/").content.decode()
        page = page[page.index("<main") :]
        assert page.index("archive.org/web/guide") < page.index("https://site.org/guide")

    def test_a_broken_link_without_one(self, client, guide):
        Resource.objects.update(file="", url="https://site.org/guide", link_state="broken")
        assert acts(client) == (
            "This link did not work when we last looked: site.org . Ask us for a copy"
        )

    def test_a_broken_link_and_a_file_of_ours(self, client, guide):
        Resource.objects.update(url="https://site.org/guide", link_state="broken")
        assert acts(client) == (
            "Download A guide (PDF, 1.2 MB) This link did not work when we last looked: site.org ."
        )


def test_the_form_refuses_what_is_no_document(guide):
    guide.file = SimpleUploadedFile("guide.pdf", b"MZ")
    with pytest.raises(ValidationError, match="must be a PDF or a Word file"):
        guide.full_clean()


class TestForget:
    NOW = datetime(2036, 1, 1, tzinfo=UTC)

    def stored(self, media) -> set[bytes]:
        return {path.read_bytes()[:20] for path in (media / "library").iterdir()}

    def test_no_folder_is_no_trouble(self):
        files.forget(self.NOW)

    def test_what_history_can_bring_back_stays(self, guide, media):
        guide.file.save("new.pdf", ContentFile(b"%PDF-1.7 new"))
        files.forget(self.NOW)
        assert self.stored(media) == {PDF[:20], b"%PDF-1.7 new"}
        guide.delete()
        files.forget(self.NOW)
        assert self.stored(media) == {PDF[:20], b"%PDF-1.7 new"}

    def test_what_nothing_names_goes_after_a_day(self, guide, media):
        left = guide.file.storage.save("library/left.pdf", ContentFile(b"%PDF-1.7 left"))
        stored_at = guide.file.storage.get_modified_time(left)
        files.forget(stored_at + timedelta(hours=23))
        assert self.stored(media) == {PDF[:20], b"%PDF-1.7 left"}
        files.forget(stored_at + timedelta(hours=25))
        assert self.stored(media) == {PDF[:20]}

    def test_with_its_history_a_deleted_resources_file_goes(self, guide, media):
        guide.delete()
        Resource.history.all().delete()
        files.forget(self.NOW)
        assert self.stored(media) == set()

    def test_other_folders_are_not_touched(self, guide, media):
        guide.file.storage.save("flyers/a.pdf", ContentFile(b"%PDF-1.7"))
        files.forget(self.NOW)
        assert (media / "flyers" / "a.pdf").exists()

    def test_a_pdf_of_ours_is_named_to_reference_managers(self, client, guide):
        page = client.get("/library/guide/").content.decode()
        address = f"{project.BASE_URL}{ADDRESS}"
        assert f'<meta name="citation_pdf_url" content="{address}">' in page
