"""The mails about certificates: each function reads its rows when the mail is sent.

The paper is not attached: the person's page has it, as often as they like.
"""

from typing import Any

from hub import words
from hub.models import Mail
from hub.outbox import Letter
from trainings import certifying
from trainings.mails.registration import link_for
from trainings.models import Activity, Certificate, Registration


def issued(mail: Mail) -> Letter | None:
    """A certificate or letter is ready; None once it was replaced or revoked."""
    row = (
        Certificate.objects.filter(pk=mail.about_id, replaced_by=None, revoked_at=None)
        .select_related("registration", "activity__offering__course")
        .first()
    )
    if row is None:
        return None
    # As the paper says it: of a letter without any word of credit.
    (said,) = row.data.get("activities") or row.data["sessions"]
    return _letter(
        "certificate",
        row.registration,
        row.activity,
        title=said["title"],
        is_letter=row.kind == Certificate.Kind.LETTER,
        is_new=row.revision == 1,
        code=certifying.dashed(row.code),
        verify_url=row.data["verify_url"],
        credits=certifying.said_credits(row.data),
    )


def held(mail: Mail) -> Letter | None:
    """A certificate waits for a bar number; None once it does not."""
    person = Registration.objects.filter(
        pk=mail.subject_id, is_attorney=True, state=Registration.State.CONFIRMED
    ).first()
    activity = Activity.objects.filter(pk=mail.about_id).select_related("offering__course").first()
    if person is None or activity is None or person.bar_numbers.exists():
        return None
    return _letter("certificate_held", person, activity)


def _letter(name: str, person: Registration, activity: Activity, **context: Any) -> Letter:
    return Letter(
        to=person.email,
        template=f"trainings/mail/{name}",
        context={
            "registration": person,
            "title": certifying.title(activity),
            "when": words.day(activity.local_start),
            "link": link_for(person),
            **context,
        },
    )
