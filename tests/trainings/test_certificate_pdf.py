"""Certificates and letters, as read back from the PDF by other libraries."""

import hashlib
import io
import multiprocessing
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
import segno
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainings.certificate_samples import ACTIVITY, CERTIFICATE, LETTER, URL
from tests.trainings.pdf_reading import (
    actual_texts,
    drawn_glyphs,
    drawn_modules,
    page_fonts,
    reach,
    tags,
    text_starts,
)
from trainings import certificates
from trainings.certificates import (
    Activity,
    CertificateData,
    CreditLine,
    LetterData,
    fonts,
    text,
)

ROOT = Path(__file__).resolve().parents[2]


def pdf(data: CertificateData | LetterData) -> bytes:
    return certificates.render(data).pdf


def read(data: CertificateData | LetterData) -> str:
    """The text layer of all pages, its lines joined."""
    reader = pypdf.PdfReader(io.BytesIO(pdf(data)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def pages(data: CertificateData | LetterData) -> list[Any]:
    return list(pypdf.PdfReader(io.BytesIO(pdf(data))).pages)


def test_a_certificate_says_everything() -> None:
    said = read(CERTIFICATE)
    for words in (
        "Certificate of attendance",
        "California Minimum Continuing Legal Education (MCLE)",
        "Example Provider",
        "Provider number 12345",
        "1 Main Street, Los Angeles",
        "training@example.org",
        "María Núñez",
        "State Bar of California 123456",
        "New York 5567788",
        "Pro Bono Attorney Training",
        "Wednesday, December 2, 2026",
        "Los Angeles, California",
        "Participatory",
        "Credit hours Legal ethics Bias Competence General Total",
        "Attendance 1.00 0.50 0.25 4.25 6.00",
        "Total credit hours 6.00",
        "Certificate 2026-000123",
        "Issued December 9, 2026",
        "Revision 2",
        "7KQ4-M2XD-9TBR",
        "Alice Adams",
        "Director of Training",
    ):
        assert words in said
    assert URL in said.replace(" ", "")


def test_the_first_revision_is_not_numbered() -> None:
    assert "Revision" not in read(replace(CERTIFICATE, revision=1))


def test_optional_texts_leave_nothing_behind() -> None:
    bare = replace(
        CERTIFICATE,
        program="",
        provider_number="",
        provider_contact=(),
        bar_numbers=(),
        total="",
        signer="",
        signer_role="",
        activities=(Activity(title="A Talk", when="May 1, 2027", place="", participation=""),),
    )
    said = read(bare)
    assert "A Talk Date May 1, 2027 Issued by the provider" in said
    for word in ("Provider number", "Total", "Credit", "Place", "Participation", "None", "MCLE"):
        assert word not in said


def test_speaking_and_attending_are_two_lines() -> None:
    speaker = replace(
        CERTIFICATE,
        total="1.75",
        activities=(
            replace(
                ACTIVITY,
                credit=(
                    CreditLine(label="Speaking", total="1.00", parts=(("General", "1.00"),)),
                    CreditLine(total="0.75", parts=(("Legal ethics", "0.25"), ("General", "0.50"))),
                ),
            ),
        ),
    )
    said = read(speaker)
    assert "Credit hours Legal ethics General Total" in said
    assert "Speaking – 1.00 1.00 Attendance 0.25 0.50 0.75" in said
    assert "Total credit hours 1.75" in said


def test_activities_are_listed_separately() -> None:
    days = tuple(
        replace(ACTIVITY, title=f"Training, Day {day}", when=f"January {14 + day}, 2027")
        for day in (1, 2)
    )
    said = read(replace(CERTIFICATE, activities=days, total="12.00"))
    first, second = said.index("Training, Day 1"), said.index("Training, Day 2")
    assert first < said.index("January 15, 2027") < second < said.index("January 16, 2027")
    assert said.count("Attendance 1.00 0.50 0.25 4.25 6.00") == 2


def test_the_letter_says_everything_and_nothing_of_credit() -> None:
    said = read(LETTER)
    for words in (
        "Letter of attendance",
        "Dan Reyes",
        "Case manager",
        "Harbor Shelter",
        "Advocates’ Training",
        "Thursday, December 3, 2026",
        "Online",
        "6 hours 15 minutes",
        "Letter 2026-000124",
        "AAAA-BBBB-CCCC",
        "Example Provider",
        "training@example.org",
    ):
        assert words in said
    with pikepdf.open(io.BytesIO(pdf(LETTER))) as file:
        said += str(file.docinfo) + bytes(file.Root.Metadata.read_bytes()).decode()
    said = re.sub(r"\sMCLE\s*=|xmp\w*:Credit", "", said)
    assert not re.search("MCLE|credit|legal education|certif(y|icate of)", said, re.IGNORECASE)


@pytest.mark.parametrize("data", [CERTIFICATE, LETTER], ids=["certificate", "letter"])
def test_the_file_is_tagged_archivable_and_described(data: CertificateData | LetterData) -> None:
    with pikepdf.open(io.BytesIO(pdf(data))) as file:
        assert file.Root.MarkInfo.Marked is True
        assert "/StructTreeRoot" in file.Root
        assert str(file.Root.Lang) == "en-US"
        assert file.Root.ViewerPreferences.DisplayDocTitle is True
        assert str(file.Root.OutputIntents[0].S) == "/GTS_PDFA1"
        with file.open_metadata() as xmp:
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("2", "A")
            assert xmp["pdfuaid:part"] == "1"
            assert data.attendee in xmp["dc:title"]
            assert data.number in xmp["dc:title"]
            assert xmp["dc:creator"] == ["Example Provider"]
            assert data.code in xmp["pdf:Keywords"]
            assert xmp["xmp:CreateDate"] == "2026-12-09T00:00:00Z"
        assert [float(side) for side in file.pages[0].MediaBox] == [0, 0, 612, 792]


def test_headings_table_and_code_are_tagged() -> None:
    found = tags(pdf(CERTIFICATE))
    names = [name for name, _ in found]
    assert names.count("/H1") == 1
    assert names.count("/H2") == 3
    assert names.count("/TH") == 6
    assert names.count("/TD") == 6
    assert "/Link" in names
    assert [alt for name, alt in found if name == "/Figure"] == [f"QR code of the address {URL}"]


def test_the_drawn_code_is_the_address() -> None:
    with pikepdf.open(io.BytesIO(pdf(CERTIFICATE))) as file:
        modules = drawn_modules(file.pages[0])
    expected = segno.make_qr(URL, error="m").matrix
    assert modules == {
        (x, y) for y, row in enumerate(expected) for x, dark in enumerate(row) if dark
    }


@pytest.mark.parametrize(
    ("name", "face"),
    [
        ("Nguyễn Thị Hồng Nhung Đặng", "LibertinusSerif-Bold"),
        ("Świętosława Brzęczyszczykiewicz-Żółć", "LibertinusSerif-Bold"),
        ("محمد السوري", "FiraGO-Bold"),
        ("王小明", "NotoSansCJKtc-Regular"),
        ("김민수", "NotoSansCJKtc-Regular"),
        ("สมชาย ใจดี", "FiraGO-Bold"),
    ],
)
def test_names_of_many_scripts_are_set_with_embedded_fonts(name: str, face: str) -> None:
    made = certificates.render(replace(CERTIFICATE, attendee=name))
    assert made.unsupported == frozenset()
    used = page_fonts(made.pdf)
    assert any(face in font for font in used)
    assert all(used.values())
    assert 0 not in drawn_glyphs(made.pdf)
    layer = read(replace(CERTIFICATE, attendee=name)) + actual_texts(made.pdf)
    for word in name.split():
        # Arabic comes out in the order of display; the letters are what counts.
        assert word in layer or set(word) <= set(layer)
    with pikepdf.open(io.BytesIO(made.pdf)) as file:
        assert name in str(file.docinfo.Title)


def test_arabic_letters_are_joined() -> None:
    joined = drawn_glyphs(pdf(replace(CERTIFICATE, attendee="سسس", total="")), "FiraGO-Bold")
    apart = drawn_glyphs(pdf(replace(CERTIFICATE, attendee="س س س", total="")), "FiraGO-Bold")
    # The first, middle and last forms of the letter instead of its single one.
    assert len(set(joined)) == len(set(apart)) + 2


@pytest.mark.parametrize("name", ["محمد 王小明", "王小明 محمد"])
def test_a_name_runs_the_way_of_its_first_letter(name: str) -> None:
    """Either way the Chinese part stands at the left, where it stands alone."""
    at, alone = (
        text_starts(pdf(replace(CERTIFICATE, attendee=shown)), "CJK") for shown in (name, "王小明")
    )
    assert at == alone


def test_a_latin_certificate_holds_no_large_font() -> None:
    made = pdf(CERTIFICATE)
    assert not any("CJK" in font for font in page_fonts(made))
    assert len(made) < 70_000


@pytest.mark.parametrize(
    "typed",
    [
        '#panic("x")',
        "$x$ $ sum_1 $",
        "*bold* _it_ `raw`",
        r"\u{0} \\ \#",
        "]} ) #[",
        "\"quoted\" 'it'",
        "= Heading",
        "- item + item / term: x",
        "<label> @ref // comment",
        "#sys.inputs.data ~ --- ...",
        "{{ x }} {% y %} </script>",
    ],
)
def test_markup_is_shown_as_typed(typed: str) -> None:
    data = replace(
        CERTIFICATE,
        attendee=typed,
        activities=(replace(ACTIVITY, title=typed),),
    )
    assert read(data).count(" ".join(typed.split())) == 2


def test_lines_controls_and_direction_overrides_do_not_print() -> None:
    data = replace(CERTIFICATE, attendee="Ann\r\n\tLee\x00\x1b\u202e\u2066\ufeff\u200b\u00ad Roe")
    assert "of Ann Lee Roe State Bar" in read(data)
    assert certificates.render(data).unsupported == frozenset()


def test_the_same_letters_composed_or_not_are_the_same_document() -> None:
    composed, apart = "Núñez", "Nu\u0301n\u0303ez"
    assert pdf(replace(CERTIFICATE, attendee=apart)) == pdf(replace(CERTIFICATE, attendee=composed))


@pytest.mark.parametrize("letter", ["😀", "\ue000", "\uf89e", "\ud800", "𒀀", "\U000e0041"])
def test_letters_without_a_glyph_are_shown_replaced_and_told(letter: str) -> None:
    made = certificates.render(replace(CERTIFICATE, attendee=f"Ann {letter} Lee"))
    invisible = letter == "\U000e0041"
    assert made.unsupported == (frozenset() if invisible else {letter})
    assert certificates.unsupported(f"Ann {letter} Lee") == set(made.unsupported)
    said = read(replace(CERTIFICATE, attendee=f"Ann {letter} Lee"))
    assert ("Ann Lee" if invisible else "Ann � Lee") in said


def test_a_glyph_that_fails_only_in_shaping_is_replaced_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = frozenset(range(0x20, 0x20000))
    monkeypatch.setattr(fonts, "FACES", (*fonts.FACES, lambda: everything))
    made = certificates.render(replace(CERTIFICATE, attendee="Ann 😀 Núñez"))
    assert made.unsupported == {"😀"}
    assert 0 not in drawn_glyphs(made.pdf)


def test_a_name_of_invisible_letters_is_shown_replaced_and_told() -> None:
    made = certificates.render(replace(CERTIFICATE, attendee="\u3164\u200e"))
    assert made.unsupported == {"\u3164", "\u200e"}


@settings(max_examples=60, deadline=None)
@given(typed=st.text(min_size=1, max_size=30).filter(str.strip))
def test_any_text_renders(typed: str) -> None:
    made = certificates.render(replace(CERTIFICATE, attendee=typed))
    assert made.pdf.startswith(b"%PDF-1.7")
    assert made.unsupported <= set(text.clean(typed)) | set(typed)


@settings(max_examples=30, deadline=None)
@given(
    typed=st.text(
        st.characters(categories=["L", "M", "N", "Zs"], max_codepoint=0xFFFF), min_size=1
    ).filter(str.strip)
)
def test_letters_that_a_font_has_are_never_replaced(typed: str) -> None:
    value = text.shown(typed)
    faces = [face() for face in fonts.FACES]
    for letter in value.missing:
        alone = any(ord(letter) in face for face in faces)
        assert not alone or text._continues(letter)


WIDE = "Wolfeschlegelsteinhausenbergerdorff "
TITLE = ("Representing Survivors of Human Trafficking in Immigration Court " * 5)[:300]


@pytest.mark.parametrize(
    "data",
    [
        replace(CERTIFICATE, attendee=(WIDE * 6)[:200].strip(), activities=(ACTIVITY,) * 8),
        replace(CERTIFICATE, activities=(replace(ACTIVITY, title=TITLE),) * 8),
        replace(
            CERTIFICATE,
            attendee="W" * 200,
            activities=(replace(ACTIVITY, title="W" * 300),),
            signer="W" * 80,
            provider_number="9" * 60,
        ),
        replace(CERTIFICATE, attendee="س" * 200, provider_name="漢" * 120),
        replace(CERTIFICATE, attendee="ที่" * 66),
        replace(
            LETTER, attendee="W" * 200, sessions=(replace(LETTER.sessions[0], title=TITLE),) * 8
        ),
    ],
    ids=["name", "titles", "words", "scripts", "marks", "letter"],
)
def test_much_text_stays_on_one_page(data: CertificateData | LetterData) -> None:
    assert len(pages(data)) == 1
    right, lowest = reach(pages(data)[0])
    assert right <= 612 - 0.85 * 72 + 1
    assert lowest >= 0.75 * 72 - 12


@pytest.mark.parametrize("letter", ["W", "س", "i"])
def test_a_word_without_end_is_broken_into_lines(letter: str) -> None:
    page = pages(replace(CERTIFICATE, attendee=letter * 200))[0]
    lines = re.findall(f"{letter}{{2,}}", page.extract_text())
    assert max(map(len, lines)) < 120
    assert sum(map(len, lines)) == 200


def test_more_than_a_page_can_hold_is_never_cut() -> None:
    data = replace(
        CERTIFICATE,
        activities=tuple(
            replace(ACTIVITY, title=f"{TITLE} {number}.") for number in range(100, 140)
        ),
    )
    said = read(data)
    assert len(pages(data)) > 1
    assert all(f"{number}." in said for number in range(100, 140))
    assert "Verification code 7KQ4-M2XD-9TBR" in said


def test_equal_input_gives_equal_bytes_whatever_was_made_between() -> None:
    first = pdf(CERTIFICATE)
    pdf(replace(CERTIFICATE, attendee="王小明"))
    assert pdf(replace(CERTIFICATE)) == first
    assert pdf(replace(CERTIFICATE, attendee="María Nuñez")) != first


def test_another_process_makes_the_same_bytes() -> None:
    code = (
        "import hashlib; from tests.trainings import test_certificate_pdf as t;"
        "print(hashlib.sha256(t.pdf(t.CERTIFICATE)).hexdigest(), t.certificates.TEMPLATE_VERSION)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    here = hashlib.sha256(pdf(CERTIFICATE)).hexdigest()
    assert done.stdout.split() == [here, certificates.TEMPLATE_VERSION]
    assert done.stderr == ""


def test_threads_take_turns() -> None:
    names = ["Ann", "Bea", "Cyd", "Dee"]
    alone = [pdf(replace(CERTIFICATE, attendee=name)) for name in names]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda name: pdf(replace(CERTIFICATE, attendee=name)), names, timeout=60)
        )
    assert together == alone


def _in_child(queue: Any) -> None:
    try:
        pdf(CERTIFICATE)
    except RuntimeError as error:
        queue.put(str(error))


def test_a_fork_after_use_is_refused_rather_than_hung() -> None:
    pdf(CERTIFICATE)
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=_in_child, args=(queue,))
    child.start()
    child.join(30)
    hung = child.is_alive()
    child.kill()
    assert not hung
    assert "forked" in queue.get()


def test_no_font_file_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    loaded = fonts.fonts()
    assert list(tmp_path.iterdir()) == []
    made = typst.compile(b'#text(font: "FiraGO")[a *b*]', font_paths=loaded)
    assert {"FiraGO-Regular", "FiraGO-Bold"} == {name.split("+")[1] for name in page_fonts(made)}


def test_the_serif_has_the_letters_it_is_used_for() -> None:
    letters = sorted(fonts._LIBERTINUS - set(range(0x300, 0x370)))
    shown = "".join(map(chr, letters)).replace(" ", "")
    assert text.shown(shown).missing == frozenset()
    made = certificates.render(replace(CERTIFICATE, attendee=f"A{shown}", signer=f"B{shown}"))
    assert made.unsupported == frozenset()
    assert 0 not in drawn_glyphs(made.pdf)


def test_the_hash_is_of_the_values() -> None:
    one = certificates.input_hash(CERTIFICATE)
    assert re.fullmatch("[0-9a-f]{64}", one)
    assert certificates.input_hash(replace(CERTIFICATE)) == one
    assert certificates.input_hash(replace(CERTIFICATE, revision=3)) != one
    assert certificates.input_hash(replace(CERTIFICATE, issued=date(2026, 12, 10))) != one
    assert certificates.input_hash(LETTER) != one
    assert re.fullmatch("[0-9a-f]{16}", certificates.TEMPLATE_VERSION)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"attendee": " "}, "attendee"),
        ({"provider_name": ""}, "provider_name"),
        ({"number": ""}, "number"),
        ({"code": ""}, "code"),
        ({"revision": 0}, "revision"),
        ({"verify_url": "javascript:alert(1)"}, "verify_url"),
        ({"activities": ()}, "activities"),
    ],
)
def test_what_no_certificate_lacks_is_asked_for(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(CERTIFICATE, **change)


def test_a_letter_needs_a_session() -> None:
    with pytest.raises(ValueError, match="sessions"):
        replace(LETTER, sessions=())
