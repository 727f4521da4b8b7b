"""Sealed columns: nothing of them in the database, and nothing to be asked of it (R1, R2, R5)."""

import io
import json

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.writer import MigrationWriter
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.forms import modelform_factory

from hub.crypt import Undecipherable
from hub.encrypted import AddressIndexField, EncryptedTextField
from tests.hub.notes import CANARY, Note, keys

pytestmark = pytest.mark.usefixtures("note_table")


def stored(column: str = "text") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM notes_note ORDER BY id")  # noqa: S608
        return [value for (value,) in cursor.fetchall()]


def store(token: str | None, column: str = "text") -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE notes_note SET {column} = %s", [token])  # noqa: S608


@pytest.fixture
def note():
    return Note.objects.create(reference="R-1", text=CANARY, contact="Bob@Example.org")


class TestStored:
    def test_r1_a_select_shows_no_plaintext(self, note):
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(n)::text FROM notes_note n")
            [(row,)] = cursor.fetchall()
        assert "R-1" in row
        assert CANARY not in row
        assert "example.org" not in row.lower()

    def test_r1_no_statement_that_is_sent_holds_plaintext(self, django_assert_num_queries):
        with django_assert_num_queries(4) as sent:
            note = Note.objects.create(text=CANARY, contact=f"{CANARY}@example.org")
            note.save()
            Note.objects.update(text=CANARY)
            list(Note.objects.filter(contact_index=f"{CANARY}@example.org"))
        assert "notes_note" in str(sent.captured_queries)
        assert CANARY not in str(sent.captured_queries)

    def test_every_way_of_writing_seals(self, note):
        Note.objects.bulk_create([Note(text=CANARY), Note(text=CANARY)])
        Note.objects.filter(pk=note.pk).update(text=CANARY)
        other = Note.objects.latest("pk")
        other.text = f"{CANARY} 2"
        Note.objects.bulk_update([other], ["text"])
        note.save(update_fields=["text"])
        assert all(token.startswith("v1.a.") for token in stored())
        assert len(set(stored())) == 3
        assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == [
            CANARY,
            CANARY,
            f"{CANARY} 2",
        ]

    def test_none_is_null_and_the_empty_text_is_sealed_as_any_other(self):
        Note.objects.create(text="", contact=None)
        assert stored("contact") == [None]
        assert stored()[0].startswith("v1.a.")
        note = Note.objects.get()
        assert (note.text, note.contact) == ("", None)

    def test_what_may_not_be_null_is_not(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.create(text=None)

    def test_the_database_takes_nothing_but_tokens(self, note):
        for text in ("in clear", "", "v2.a.AAAA"):
            with pytest.raises(IntegrityError), transaction.atomic():
                store(text)

    def test_the_longest_text_is_counted_in_characters_and_a_longer_one_refused(self):
        Note.objects.create(text="é" * 5000)
        too_long = pytest.raises(ValueError, match="longer than 5000 characters")
        with too_long as refusal, transaction.atomic():
            Note.objects.create(text=f"{CANARY}{'x' * 5000}")
        assert CANARY not in str(refusal.value)
        assert Note.objects.count() == 1


class TestRead:
    def test_r2_a_value_moved_to_another_column_is_refused(self, note):
        [token] = stored()
        store(token, "contact")
        with pytest.raises(Undecipherable) as refusal:
            Note.objects.get()
        assert CANARY not in str(refusal.value)

    def test_r2_a_damaged_or_cut_value_is_refused(self, note):
        [token] = stored()
        for damaged in (token[:-10], token[:20] + "A" + token[21:] + "A", "v1.a.Zm9v"):
            store(damaged)
            with pytest.raises(Undecipherable):
                Note.objects.get()

    def test_r2_a_value_of_a_key_that_is_gone_is_refused(self, note, settings):
        settings.FIELD_KEYS = keys("b")
        with pytest.raises(Undecipherable):
            list(Note.objects.values("text"))
        assert Note.objects.values_list("reference", flat=True).get() == "R-1"

    def test_r2_a_column_copied_within_the_database_is_refused(self, note):
        Note.objects.update(contact=F("text"))
        with pytest.raises(Undecipherable):
            Note.objects.get()

    def test_r4_another_secret_key_leaves_the_data_readable(self, note, settings):
        settings.SECRET_KEY = "another" * 10
        assert Note.objects.get().text == CANARY
        assert Note.objects.filter(contact_index="bob@example.org").exists()

    def test_a_text_read_does_not_write_itself_down(self, note):
        read = Note.objects.get()
        assert read.text == CANARY
        shown = [f"{read!r} {read.text!r} {read.__dict__}", str([read.text]), repr(Note.text)]
        shown.append(repr(Note.objects.values("text", "contact")))
        assert CANARY not in str(shown)
        assert "example.org" not in str(shown).lower()

    def test_what_is_read_is_a_text_like_any_other(self, note):
        text = Note.objects.get().text
        assert isinstance(text, str)
        assert (text.upper(), len(text), f"{text}!") == (CANARY.upper(), len(CANARY), f"{CANARY}!")
        assert json.loads(json.dumps(text)) == CANARY


class TestAsked:
    REFUSED = ["exact", "iexact", "contains", "startswith", "in", "gt", "regex", "search"]
    REFUSED += ["unaccent", "length", "lower__exact"]

    @pytest.mark.parametrize("lookup", ["text", "contact", *(f"text__{one}" for one in REFUSED)])
    def test_nothing_but_whether_it_is_null(self, note, lookup):
        value = [CANARY] if lookup.endswith("__in") else CANARY
        for condition in (Q(**{lookup: value}), ~Q(**{lookup: value})):
            with pytest.raises(FieldError) as refusal:
                Note.objects.filter(condition).exists()
            assert CANARY not in str(refusal.value)

    def test_whether_it_is_null(self, note):
        Note.objects.create(text="x", contact=None)
        assert Note.objects.filter(contact__isnull=True).count() == 1
        assert Note.objects.exclude(contact__isnull=True).get() == note

    def test_a_lookup_made_by_hand_finds_nothing(self, note):
        value = Value(CANARY, output_field=Note._meta.get_field("text"))
        assert not Note.objects.filter(Exact(F("text"), value)).exists()

    def test_what_the_database_made_of_a_token_does_not_open(self, note):
        with pytest.raises(Undecipherable):
            list(Note.objects.annotate(lower=Lower("text")).values_list("lower"))


class TestWrittenToFiles:
    @pytest.mark.parametrize("kind", ["json", "xml", "python", "jsonl"])
    def test_a_serializer_writes_nothing_of_it(self, note, kind):
        out = io.StringIO()
        with pytest.raises(FieldError, match="not written into files"):
            serializers.serialize(kind, [note], stream=out)
        assert CANARY not in out.getvalue()

    def test_other_columns_can_be_written(self, note):
        out = serializers.serialize("json", [note], fields=["reference"])
        assert json.loads(out)[0]["fields"] == {"reference": "R-1"}


class TestForms:
    def test_a_form_takes_the_text_and_its_limit_from_the_model(self, note):
        form_class = modelform_factory(Note, fields=["text", "contact"])
        assert form_class.base_fields["text"].max_length == 5000
        assert form_class(instance=Note.objects.get()).initial["text"] == CANARY
        form = form_class({"text": "new", "contact": "carol@example.org"}, instance=note)
        assert form.is_valid()
        form.save()
        assert Note.objects.get().text == "new"
        assert Note.objects.get(contact_index="carol@example.org") == note

    def test_validation_counts_the_characters(self):
        with pytest.raises(ValidationError) as refusal:
            Note(reference="R", text="x" * 5001).full_clean()
        assert list(refusal.value.message_dict) == ["text"]


class TestMigrations:
    FIELDS = [
        (
            EncryptedTextField("what", max_length=30, null=True),
            "hub.encrypted.EncryptedTextField(max_length=30, null=True, verbose_name='what')",
        ),
        (AddressIndexField(of="contact"), "hub.encrypted.AddressIndexField(of='contact')"),
    ]

    @pytest.mark.parametrize(("field", "written"), FIELDS)
    def test_a_field_is_written_as_it_was_made(self, field, written):
        assert MigrationWriter.serialize(field)[0] == written
        _, _, args, kwargs = field.deconstruct()
        again = type(field)(*args, **kwargs)
        assert again.deconstruct() == field.deconstruct()
        assert len(again.validators) == len(field.validators)

    def test_a_column_added_later_takes_only_tokens_too(self, note):
        later = EncryptedTextField(max_length=10, default="")
        later.set_attributes_from_name("later")
        later.model = Note
        with connection.schema_editor() as editor:
            editor.add_field(Note, later)
        assert stored("later")[0].startswith("v1.a.")
        with pytest.raises(IntegrityError), transaction.atomic():
            store("clear", "later")


class TestAddressIndex:
    def test_r5_a_row_is_found_by_its_whole_address_in_any_spelling(self, note):
        Note.objects.create(text="x", contact="carol@example.org")
        for spelling in ("bob@example.org", " BOB@example.ORG "):
            assert Note.objects.get(contact_index=spelling) == note
        assert Note.objects.filter(contact_index__in=["bob@example.org", "x@x.org"]).get() == note
        assert not Note.objects.filter(contact_index="bob@example.or").exists()

    def test_r5_the_index_has_a_key_of_its_own(self, note, settings):
        settings.FIELD_KEYS = keys("b", "a")
        settings.SECRET_KEY = "another" * 10
        assert Note.objects.get(contact_index="bob@example.org") == note
        settings.INDEX_KEY = b"j" * 32
        assert not Note.objects.filter(contact_index="bob@example.org").exists()

    @pytest.mark.parametrize("lookup", ["startswith", "contains", "gt", "regex"])
    def test_r5_it_can_be_asked_nothing_else(self, note, lookup):
        with pytest.raises(FieldError):
            Note.objects.filter(**{f"contact_index__{lookup}": "b"}).exists()

    def test_it_moves_with_the_address_and_goes_with_it(self, note):
        note.contact = "new@example.org"
        note.save()
        assert Note.objects.get(contact_index="new@example.org") == note
        assert not Note.objects.filter(contact_index="bob@example.org").exists()
        note.contact = None
        note.save(update_fields=["contact", "contact_index"])
        assert Note.objects.get(contact_index__isnull=True) == note

    def test_rows_made_together_have_theirs(self):
        Note.objects.bulk_create([Note(text="x", contact=f"p{n}@example.org") for n in range(3)])
        assert Note.objects.filter(contact_index="p1@example.org").count() == 1

    def test_two_columns_of_one_address_cannot_be_matched(self, note):
        other = AddressIndexField(of="contact")
        other.set_attributes_from_name("other_index")
        other.model = Note
        [mine] = stored("contact_index")
        assert other.index_of("bob@example.org") != bytes(mine)
