"""A certificate and a letter with every field filled."""

from datetime import date

from trainings.certificates import (
    Activity,
    BarNumber,
    CertificateData,
    CreditLine,
    LetterData,
    Session,
)

URL = "https://hub.example.org/certificates/7KQ4-M2XD-9TBR/"
CREDIT = CreditLine(
    total="6.00",
    parts=(("Legal ethics", "1.00"), ("Bias", "0.50"), ("Competence", "0.25"), ("General", "4.25")),
)
ACTIVITY = Activity(
    title="Pro Bono Attorney Training",
    when="Wednesday, December 2, 2026",
    place="Los Angeles, California",
    credit=(CREDIT,),
)
CERTIFICATE = CertificateData(
    attendee="María Núñez",
    provider_name="Example Provider",
    provider_number="12345",
    provider_contact=("1 Main Street, Los Angeles", "training@example.org"),
    number="2026-000123",
    issued=date(2026, 12, 9),
    revision=2,
    code="7KQ4-M2XD-9TBR",
    verify_url=URL,
    bar_numbers=(
        BarNumber(state="State Bar of California", number="123456"),
        BarNumber(state="New York", number="5567788"),
    ),
    activities=(ACTIVITY,),
    total="6.00",
    signer="Alice Adams",
    signer_role="Director of Training",
)
LETTER = LetterData(
    attendee="Dan Reyes",
    provider_name="Example Provider",
    provider_contact=("training@example.org",),
    number="2026-000124",
    issued=date(2026, 12, 9),
    code="AAAA-BBBB-CCCC",
    verify_url=URL,
    role="Case manager",
    organization="Harbor Shelter",
    sessions=(
        Session(
            title="Advocates’ Training",
            when="Thursday, December 3, 2026",
            place="Online",
            attended="6 hours 15 minutes",
        ),
    ),
)
