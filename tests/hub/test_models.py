"""What the database itself holds to, and the small methods of the hub's own models."""

from datetime import UTC, date, datetime, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from hub import people
from hub.models import (
    Closure,
    ContentVersion,
    Mail,
    Organization,
    PersonalFeed,
    RateCount,
    SeedRecord,
    TimedWork,
    User,
    normalize_email,
)

NOW = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def refused(constraint: str, make) -> None:
    """The database refuses it by this constraint, however the row is written."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        make()
    assert error.value.__cause__.diag.constraint_name == constraint


def bob(**fields) -> User:
    return User.objects.create_user("bob@example.org", **fields)


class TestUser:
    def test_an_address_is_kept_in_one_spelling(self):
        assert User.objects.create_user(" Bob@Example.ORG ").email == "bob@example.org"
        assert normalize_email("\tBOB@example.org\n") == "bob@example.org"

    def test_another_spelling_is_refused_by_the_database(self):
        refused("user_email_lower", lambda: User.objects.create(email="Bob@example.org"))
        user = bob()
        refused(
            "user_email_lower",
            lambda: User.objects.filter(pk=user.pk).update(email="BOB@example.org"),
        )

    def test_one_person_an_address(self):
        bob()
        refused("hub_user_email_key", bob)

    def test_staff_may_type_capitals(self):
        """The form of the back office checks with full_clean and says nothing of constraints."""
        user = User(email="Jane@CAST.example", name="Jane", password="!")
        user.full_clean()
        assert user.email == "jane@cast.example"

    def test_the_same_address_in_capitals_is_told_as_taken(self):
        bob()
        with pytest.raises(ValidationError) as error:
            User(email="BOB@example.org", password="!").full_clean()
        assert error.value.message_dict == {"email": ["Person with this Email already exists."]}

    def test_without_a_password_none_fits(self):
        user = bob()
        assert not user.has_usable_password()
        assert not any(user.check_password(guess) for guess in ("", "!", user.password))

    def test_a_person_is_no_staff_unless_said(self):
        assert (bob().is_staff, User.objects.get().is_superuser) == (False, False)
        root = User.objects.create_superuser("root@example.org")
        assert (root.is_staff, root.is_superuser) == (True, True)

    def test_they_are_called_by_name_else_by_address(self):
        assert User(email="a@b.org", name="Ann").get_full_name() == "Ann"
        assert User(email="a@b.org").get_short_name() == "a@b.org"
        assert str(User(email="a@b.org", name="Ann")) == "a@b.org"


class TestProven:
    def test_a_new_person_has_the_name_given_and_no_password(self):
        user = people.proven("Carol@Example.org", "Carol")
        assert (user.email, user.name) == ("carol@example.org", "Carol")
        assert not user.has_usable_password()

    def test_a_known_person_stays_who_they_are(self):
        known = bob(name="Bob", is_staff=True)
        found = people.proven("BOB@example.org", "Somebody else")
        assert (found.pk, found.name, found.is_staff) == (known.pk, "Bob", True)


class TestOneRow:
    def test_the_organization(self):
        Organization.objects.create(id=1, name="A", short_name="A")
        refused(
            "organization_is_one",
            lambda: Organization.objects.create(id=2, name="B", short_name="B"),
        )

    def test_the_content_version(self):
        assert ContentVersion.objects.count() == 1
        refused(
            "contentversion_is_one",
            lambda: ContentVersion.objects.create(id=2, number=1, changed_at=NOW),
        )


class TestPersonalFeed:
    def test_one_live_address_a_person_and_any_number_of_old_ones(self):
        user = bob()
        for number in range(3):
            PersonalFeed.objects.create(user=user, token_hash=bytes([number]), revoked_at=NOW)
        PersonalFeed.objects.create(user=user, token_hash=b"live")
        refused(
            "one_live_feed_a_person",
            lambda: PersonalFeed.objects.create(user=user, token_hash=b"second"),
        )

    def test_one_person_an_address(self):
        PersonalFeed.objects.create(user=bob(), token_hash=b"x", revoked_at=NOW)
        other = User.objects.create_user("carol@example.org")
        refused(
            "hub_personalfeed_token_hash_key",
            lambda: PersonalFeed.objects.create(user=other, token_hash=b"x"),
        )

    def test_it_goes_with_the_person(self):
        user = bob()
        PersonalFeed.objects.create(user=user, token_hash=b"x")
        user.delete()
        assert not PersonalFeed.objects.exists()


class TestMail:
    def test_a_promise_is_one_row(self):
        key = {"kind": "note", "subject_id": 1, "about_id": 2, "version": 3}
        Mail.objects.create(**key)
        refused("mail_promised_once", lambda: Mail.objects.create(**key))


class TestRateCount:
    def test_one_row_a_key_and_window(self):
        RateCount.objects.create(key=b"k", window=NOW, hits=1)
        refused(
            "ratecount_once_a_window",
            lambda: RateCount.objects.create(key=b"k", window=NOW, hits=1),
        )


class TestClosure:
    def test_one_a_day(self):
        Closure.objects.create(date=date(2026, 11, 26), name="Thanksgiving")
        refused(
            "hub_closure_date_key",
            lambda: Closure.objects.create(date=date(2026, 11, 26), name="Again"),
        )

    def test_names_between_are_of_whole_days_first_and_last_included(self):
        for day, closes_at in [(24, None), (25, time(12)), (26, None), (27, None), (28, None)]:
            Closure.objects.create(date=date(2026, 11, day), name=f"Day {day}", closes_at=closes_at)
        with_names = Closure.names_between(date(2026, 11, 25), date(2026, 11, 27))
        assert with_names == {date(2026, 11, 26): "Day 26", date(2026, 11, 27): "Day 27"}

    def test_it_is_called_by_name_and_day(self):
        closure = Closure(date=date(2026, 11, 6), name="Founder’s Day")
        assert str(closure) == "Founder’s Day, November 6, 2026"


def test_no_name_of_a_row_tells_a_secret():
    """What shows in lists, logs of the back office and titles."""
    assert str(PersonalFeed(pk=4, token_hash=b"secret")) == "Private calendar 4"
    assert str(Mail(kind="calls.link", subject_id=7)) == "calls.link 7"
    assert str(RateCount(key=b"secret", hits=3)) == "3 hits"
    assert str(TimedWork(name="work")) == "work"
    assert str(SeedRecord(key="calls:x", values={"a": "b"})) == "calls:x"
    assert str(ContentVersion(number=3)) == "Version 3"
