"""How the table of addresses writes what each kind of person gets."""

# To the door of the back office, with the way back.
OFFICE = "302 /admin/login/?next={here}"


def everyone(answer: str) -> list[str]:
    return [answer] * 4


def staff_only(alice: str) -> list[str]:
    return [OFFICE, OFFICE, OFFICE, alice]
