"""Out of the library into a spreadsheet, and back after a look at what it changes."""

import csv
import datetime
import io
import re
import zipfile

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from hub.models import User
from hub.refusal import Refused
from hub.text import single_line
from library import cells, table, uploads
from library.models import Resource, Topic
from library.services import history, imports
from tests.reading import inline_code, text

IMPORT = reverse("admin:library_resource_import")
EXPORT = reverse("admin:library_resource_export")


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def alice(back_office):
    return User.objects.get(email="alice@example.org")


def as_csv(*rows, columns=("slug", "title"), encoding="utf-8-sig"):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([columns, *rows])
    return out.getvalue().encode(encoding)


def as_xlsx(*rows, columns=("slug", "title")):
    book = openpyxl.Workbook()
    for row in [columns, *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(staff, data, name="table.csv"):
    return staff.post(IMPORT, {"file": SimpleUploadedFile(name, data)})


def confirm(staff, page):
    return staff.post(IMPORT, {"plan": page.context["form"]["plan"].value()}, follow=True)


def refused(staff, data):
    """The sentence that stands at the file; nothing was written."""
    before = list(Resource.objects.order_by("pk").values())
    page = send(staff, data)
    assert page.status_code == 200
    assert list(Resource.objects.order_by("pk").values()) == before
    (sentence,) = page.context["form"].errors["file"]
    assert sentence in text(page)
    assert sentence.endswith(".")
    return sentence


def errors(staff, data):
    """{row: its errors}, and nothing that could be confirmed."""
    page = send(staff, data)
    assert page.context["form"] is None
    assert "cannot be imported, so nothing can." in text(page)
    found = {line.number: line.errors for line in page.context["plan"].wrong}
    for each in found.values():
        for sentence in each:
            assert re.sub(r"\s+", " ", sentence) in text(page)
    return found


def everything():
    rows = list(Resource.objects.order_by("pk").values())
    ids = [row["id"] for row in rows]
    return rows, history.words_of("topics", ids), history.words_of("audiences", ids)


class TestPreviewAndConfirm:
    def test_each_change_is_shown_before_it_is_written(self, back_office, alice, seeded):
        old = Resource.objects.get(slug="ncvli")
        before = everything()
        columns = ("Slug", "title", "authors", "topics", "year", "url", "Reviewed on")
        data = as_csv(
            ["ncvli", old.title, "Ann Lee; Bo Ray", "safety; T visa", "2019", "", "11/25/2026"],
            ["new-guide", "A new guide", "", "t-visa", "", "https://example.org/x", ""],
            columns=columns,
        )
        page = send(back_office, data)
        said = text(page)
        assert "The file brings 1 new resource and 1 changed resource." in said
        assert "Authors: empty → Ann Lee; Bo Ray" in said
        assert "Year: empty → 2019" in said
        assert f"Link: {old.url} → empty" in said
        assert "Last reviewed: empty → 2026-11-25" in said
        assert "safety; t-visa" in said
        assert "New , a draft" in said
        assert inline_code(page) == []
        assert everything() == before
        page = confirm(back_office, page)
        assert "Imported: 1 new resource and 1 changed resource." in text(page)
        old.refresh_from_db()
        assert (old.authors, old.year, old.url) == (["Ann Lee", "Bo Ray"], 2019, None)
        assert old.reviewed_on == datetime.date(2026, 11, 25)
        assert {each.slug for each in old.topics.all()} == {"safety", "t-visa"}
        new = Resource.objects.get(slug="new-guide")
        assert (new.published, new.url) == (False, "https://example.org/x")
        for each, kind in ((old, "~"), (new, "+")):
            row = history.versions(each.pk).first()
            assert (row.history_user, row.history_type) == (alice, kind)
            assert row.history_change_reason == "Imported"
            assert row.topics.count() == each.topics.count()

    def test_what_the_file_does_not_speak_of_stays(self, back_office, seeded):
        old = Resource.objects.filter(slug="ncvli").values().get()
        confirm(back_office, send(back_office, as_csv(["ncvli", "Another title"])))
        new = Resource.objects.filter(slug="ncvli").values().get()
        assert new == old | {"title": "Another title"}

    def test_a_second_yes_finds_nothing_to_do(self, back_office, seeded):
        page = send(back_office, as_csv(["new", "New"]))
        confirm(back_office, page)
        count = history.VERSIONS.objects.count()
        assert "The file is not there any more." in text(confirm(back_office, page))
        assert history.VERSIONS.objects.count() == count
        assert "The file changes nothing" in text(send(back_office, as_csv(["new", "New"])))

    def test_what_changed_since_the_preview_is_shown_again(self, back_office, seeded):
        page = send(back_office, as_csv(["ncvli", "Another title"]))
        Resource.objects.filter(slug="ncvli").update(title="Meanwhile")
        page = confirm(back_office, page)
        assert "The library has changed since this list was made" in text(page)
        assert "Meanwhile → Another title" in text(page)
        assert Resource.objects.get(slug="ncvli").title == "Meanwhile"
        confirm(back_office, page)
        assert Resource.objects.get(slug="ncvli").title == "Another title"

    def test_the_yes_is_of_whoever_was_shown_the_plan(self, client, back_office, seeded):
        page = send(back_office, as_csv(["new", "New"]))
        other = User.objects.create_superuser("bo@example.org")
        client.force_login(other)
        page = client.post(IMPORT, {"plan": page.context["form"]["plan"].value()}, follow=True)
        assert "The file is not there any more." in text(page)
        assert "not there any more" in text(client.post(IMPORT, {"plan": "x"}, follow=True))
        assert not Resource.objects.filter(slug="new").exists()

    def test_all_or_nothing(self, alice, seeded, monkeypatch):
        read = table.read(as_csv(["new", "New"], ["ncvli", "Another title"]))
        plan = imports.plan(read)
        before = everything()

        def fail(*_, **__):
            raise RuntimeError

        monkeypatch.setattr(history, "record", fail)
        with pytest.raises(RuntimeError):
            imports.carry_out(read, plan.fingerprint, alice)
        assert everything() == before

    def test_wrong_rows_are_refused_also_by_the_verb(self, alice, seeded):
        read = table.read(as_csv(["ncvli", ""]))
        with pytest.raises(Refused, match="Some rows are wrong"):
            imports.carry_out(read, imports.plan(read).fingerprint, alice)

    def test_a_file_nobody_said_yes_to_is_deleted_after_a_day(self, back_office, seeded, settings):
        send(back_office, as_csv(["new", "New"]))
        (name,) = default_storage.listdir("library-imports")[1]
        now = default_storage.get_modified_time(f"library-imports/{name}")
        uploads.forget(now + datetime.timedelta(hours=23))
        assert uploads.kept(name)
        uploads.forget(now + datetime.timedelta(hours=25))
        assert uploads.kept(name) is None


class TestRows:
    @pytest.mark.parametrize(
        ("column", "cell", "said"),
        [
            ("type", "poem", "Type: “poem” is not known. Known: academic-paper, case-database"),
            ("url", "javascript:alert(1)", "is not a web address that begins with https://"),
            ("url", "file:///etc/passwd", "is not a web address that begins with https://"),
            ("archived_url", "ftp://example.org/x", "Archived copy: “ftp://example.org/x” is not"),
            ("url", "https://", "is not a web address"),
            ("year", "MMXX", "Year: “MMXX” is not a whole number."),
            ("year", "20", "Year: “20” is not between 1500 and 2200."),
            ("year", "9" * 5000, "is not a whole number"),
            ("topics", "safety; chess", "Topics: “safety; chess” has “chess”, which is not known."),
            ("audiences", "pirates", "has “pirates”, which is not known. Known: "),
            ("access", "secret", "Access: “secret” is not known. Known: open, request, members."),
            ("placement", "third", "List: “third” is not known. Known: legal, other."),
            ("published", "perhaps", "Published: “perhaps” is neither yes nor no."),
            ("reviewed_on", "yesterday", "is not a day such as 2026-11-25."),
            ("reviewed_on", "13/13/2026", "is not a day such as 2026-11-25."),
            ("position", "0", "Place: “0” is not between 1 and 32767."),
            ("title", " ", "Title: “ ” is empty."),
            ("title", "x" * 301, "is 301 characters long; at most 300 are possible."),
            ("edition", "x" * 61, "Edition: "),
            ("authors", "x" * 201, "Authors: "),
            ("title", '=HYPERLINK("http://x.org")', "Title: begins with “=”"),
            ("summary", " =1+1", "Summary: begins with “=”"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_row(self, back_office, seeded, column, cell, said):
        row = {"slug": "ncvli", "title": Resource.objects.get(slug="ncvli").title, column: cell}
        found = errors(back_office, as_csv(list(row.values()), columns=list(row)))
        assert list(found) == [2]
        assert said in " ".join(found[2])

    @pytest.mark.parametrize(
        ("slug", "said"),
        [
            ("", "is empty: each row needs an address of its own"),
            ("two words", "is no address"),
            ("x" * 81, "is no address"),
            ("suggest", "is a page of the library’s own"),
        ],
    )
    def test_an_address_must_be_one(self, back_office, seeded, slug, said):
        (found,) = errors(back_office, as_csv([slug, "A title"]))[2]
        assert said in found

    def test_all_errors_of_all_rows_are_told_at_once(self, back_office, seeded):
        columns = ("slug", "title", "year", "url")
        data = as_csv(
            ["a", "", "x", "javascript:1"], ["b", "B", "", ""], ["c", "C", "y", ""], columns=columns
        )
        found = errors(back_office, data)
        assert {number: len(each) for number, each in found.items()} == {2: 3, 4: 1}

    def test_an_address_is_in_the_file_once(self, back_office, seeded):
        found = errors(back_office, as_csv(["a", "A"], ["b", "B"], ["a", "C"]))
        assert list(found) == [2, 4]
        assert "The address “a” is in the file 2 times." in found[2]

    def test_the_same_title_is_a_warning(self, back_office, seeded):
        old = Resource.objects.get(slug="ncvli")
        page = send(back_office, as_csv(["other-slug", old.title.upper()], ["a", "B"], ["b", "b"]))
        said = text(page)
        assert "Look here: The same title as “ncvli”. Is it the same work?" in said
        assert "The same title as “a”." in said
        assert page.context["form"] is not None

    def test_a_row_of_another_length_is_wrong(self, back_office, seeded):
        data = b"slug,title,year\na,One, two,2000\nb,B\n"
        found = errors(back_office, data)
        assert "The row has 4 cells, the headings are 3." in found[2][0]
        assert "The row has 2 cells, the headings are 3." in found[3][0]

    def test_a_place_is_given_once_but_two_may_change_places(self, back_office, seeded):
        columns = ("slug", "title", "placement", "position")
        one, two, three = Resource.objects.filter(placement="other")[:3]
        found = errors(
            back_office, as_csv([one.slug, one.title, "other", two.position], columns=columns)
        )
        assert f"Place: 2 of “Other resources” is the place of “{two.slug}”." in found[2][0]
        found = errors(
            back_office,
            as_csv(["a", "A", "legal", 99], ["b", "B", "Legal resources", 99], columns=columns),
        )
        assert list(found) == [2, 3]
        found = errors(back_office, as_csv(["a", "A", "", 99], columns=columns))
        assert found[2] == ["Place: a place needs a list (placement)."]
        swap = as_csv(
            [one.slug, one.title, "other", two.position],
            [two.slug, two.title, "other", one.position],
            [three.slug, three.title, "other", ""],
            columns=columns,
        )
        confirm(back_office, send(back_office, swap))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert list(Resource.objects.filter(placement="other"))[:2] == [two, one]
        assert Resource.objects.filter(placement="other").last() == three

    def test_out_of_a_list_is_out_of_its_place(self, back_office, seeded):
        old = Resource.objects.get(slug="ncvli")
        data = as_csv([old.slug, old.title, ""], columns=("slug", "title", "placement"))
        confirm(back_office, send(back_office, data))
        old.refresh_from_db()
        assert (old.placement, old.position) == ("", None)


class TestFiles:
    def test_what_is_no_table_in_utf_8(self, back_office, seeded):
        one = ["new", "José"]
        said = {
            "utf-16": "is in UTF-16",
            "utf-16-le": "holds NUL bytes",
            "latin-1": "is not in UTF-8",
        }
        for encoding, sentence in said.items():
            assert sentence in refused(back_office, as_csv(one, encoding=encoding))
        assert "NUL bytes" in refused(back_office, b"slug,title\na,A\0B\n")

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b" \n", "The file is empty."),
            (b"\xef\xbb\xbf,,\n,,\n", "The file holds no row."),
            (b"slug,title\n", "The file has headings, but no row below them."),
            (b"slug,title\n,\n  ,\n", "The file has headings, but no row below them."),
            (b"slug,year\na,1\n", "The column “title” is missing. The columns are: slug,"),
            (b"name,title\na,A\n", "The column “slug” is missing."),
            (b"slug,title,colour\na,A,red\n", "The column “colour” is not known."),
            (b"slug,title,slug\na,A,b\n", "The column “slug” is there twice."),
            (b"slug,,title\na,x,A\n", "Column 2 has no heading."),
            (b"slug;title\na;A\n", "The columns are separated by something else than commas."),
            (b"slug\ttitle\na\tA\n", "The columns are separated by something else than commas."),
            (b'slug,title\na,"A\n', "The file is not a well-formed CSV"),
            (b"slug,title\na," + b"A" * 200_000, "The file is not a well-formed CSV"),
            (b"\xd0\xcf\x11\xe0 old", "The file is an old Excel workbook"),
            (b"PK\x03\x04 broken", "The file is broken."),
        ],
    )
    def test_each_has_its_sentence(self, back_office, seeded, data, said):
        assert refused(back_office, data).startswith(said)

    def test_nothing_chosen(self, back_office, seeded):
        assert "Choose the file to import." in text(back_office.post(IMPORT, {}))
        page = send(back_office, b"")
        assert "The file is empty." in text(page)

    def test_an_archive_that_is_no_workbook(self, back_office, seeded):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.txt", "a")
        assert "is not an Excel workbook that can be read" in refused(back_office, out.getvalue())

    def test_a_small_workbook_that_is_huge_inside(self, back_office, seeded):
        out = io.BytesIO(as_xlsx(["new", "New"]))
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/media/x.bin", bytes(101 * 1024 * 1024))
        assert len(out.getvalue()) < 1024 * 1024
        assert "larger than 100 MB inside" in refused(back_office, out.getvalue())

    def test_too_large_or_too_long_is_refused_without_reading_on(self, back_office, seeded):
        assert "larger than 10 MB" in refused(back_office, b"x" * (table.LARGEST + 1))
        long = b"slug,title\n" + b"".join(b"s%d,T\n" % n for n in range(200_000))
        assert "more than 5,000 rows" in refused(back_office, long)
        # What comes after the last row that may be there is not even looked at.
        assert "more than 5,000 rows" in refused(
            back_office, b"slug,title\n" + b"a,A\n" * 5001 + b'b,"'
        )

    def test_a_sheet_that_goes_on_for_ever(self, back_office, seeded):
        book = openpyxl.Workbook()
        book.active.append(["slug", "title"])
        book.active.append(["a", "A"])
        book.active.cell(row=1_000_000, column=1, value=" ")
        out = io.BytesIO()
        book.save(out)
        assert "goes on below row 20,000" in refused(back_office, out.getvalue())

    def test_5000_rows_are_planned_in_as_many_queries_as_one(self, seeded, alice):
        counts = []
        for size in (1, 5000):
            read = table.read(as_csv(*([f"s{n}", f"T {n}"] for n in range(size))))
            with connection.execute_wrapper(counting := Counting()):
                imports.plan(read)
            counts.append(counting.count)
        assert counts[0] == counts[1] < 12

    def test_a_workbook_is_read_as_it_is_typed(self, back_office, seeded):
        columns = ("slug", "title", "year", "reviewed_on", "published", "number")
        data = as_xlsx(
            ["new", "New", 2019, datetime.datetime(2026, 11, 25), True, 12.0],
            [None, None],
            columns=columns,
        )
        confirm(back_office, send(back_office, data))
        new = Resource.objects.get(slug="new")
        assert (new.year, new.reviewed_on) == (2019, datetime.date(2026, 11, 25))
        assert (new.published, new.number) == (True, "12")

    def test_a_formula_is_never_computed(self, back_office, seeded):
        found = errors(back_office, as_xlsx(["new", '="a"&"b"'], ["b", "B"]))
        assert "Title: begins with “=”" in found[2][0]
        assert list(found) == [2]


class Counting:
    count = 0

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        return execute(sql, params, many, context)


def exported(staff, kind):
    page = staff.get(EXPORT)
    assert inline_code(page) == []
    names = [name for name in page.context["form"].fields if name.startswith("resourcetable_")]
    choices = dict(page.context["form"].fields["format"].choices)
    number = next(value for value, name in choices.items() if name == kind)
    answer = staff.post(EXPORT, {"format": number, "resource": "0", **dict.fromkeys(names, "on")})
    assert "attachment" in answer["Content-Disposition"]
    return answer.content


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_ones_own_export_changes_nothing(back_office, seeded, kind):
    strange = Resource.objects.create(
        slug="strange",
        title='=HYPERLINK("http://x.org") "quoted", José',
        authors=["Lee; Ann", "-Bo\\", "@Cy"],
        series="'=1",
        number="007",
        summary="+1 two\r\nlines\n\n  end ",
        url="https://example.org/?a=1;b",
        reviewed_on=datetime.date(2024, 2, 29),
        access="request",
        published=False,
    )
    strange.topics.set(Topic.objects.all()[:3])
    before = everything()
    data = exported(back_office, kind)
    if kind == "csv":
        assert data.startswith(b"\xef\xbb\xbf")
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))):
            assert not [cell for cell in row if cell[:1] in {"=", "+", "-", "@"}]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(data)).active
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    page = send(back_office, data, f"table.{kind}")
    assert "The file changes nothing: all 24 rows are as the library has them." in text(page)
    assert everything() == before


def test_the_export_costs_the_same_for_one_and_thirty(back_office, alice):
    counts = []
    for size in (1, 30):
        for number in range(size):
            Resource.objects.create(slug=f"r{size}-{number}", title="R")
        with connection.execute_wrapper(counting := Counting()):
            exported(back_office, "csv")
        counts.append(counting.count)
    assert counts[0] == counts[1]


NAMES = st.lists(st.text(alphabet="a ;\\'=-é\n").map(single_line).filter(bool))


@given(NAMES)
def test_names_are_read_back_as_they_were_written(names):
    assert cells.parted(cells.typed(cells.written(names))) == names


@given(st.text(alphabet="a;\\ \n'="))
def test_whatever_stands_in_a_cell_is_parted_into_whole_names(cell):
    assert all(cells.parted(cell))
