"""How the table of addresses writes what each kind of person gets."""

from collections.abc import Sequence

from hub import roles

# The columns: nobody signed in; bob and carol, attorneys signed in, what there is is bob's; eve,
# staff who has not given a second factor in this session; a member of staff of each role; alice,
# who may do everything.
COLUMNS = ("anonymous", "bob", "carol", "eve", *roles.ROLES, "alice")
STAFF = COLUMNS[4:]
CURATORS = (roles.CURATOR, roles.MANAGER)
PROGRAMME = (roles.PROGRAMME, roles.MANAGER)
MANAGERS = (roles.MANAGER,)

# To the door of the back office, with the way back.
OFFICE = "302 /admin/login/?next={here}"


def everyone(answer: str) -> list[str]:
    return [answer] * len(COLUMNS)


def staff_only(
    answer: str, may: Sequence[str] = roles.ROLES, refused: str = "403", alice: str = ""
) -> list[str]:
    """`answer` for these roles and alice (who may get another), `refused` for others of the
    staff; the door for everybody else.
    """
    said = {role: answer if role in may else refused for role in roles.ROLES}
    return [*[OFFICE] * 4, *said.values(), alice or answer]


def whole(answers: list[str]) -> list[str]:
    """A row of the table: four answers are those of anonymous, attorneys, eve and other staff."""
    if len(answers) == len(COLUMNS):
        return answers
    anonymous, attorney, eve, staff = answers
    return [anonymous, attorney, attorney, eve, *[staff] * len(STAFF)]
