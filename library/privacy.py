"""What the library keeps of people: rows of the table on /privacy/."""

from hub.offers import Kept
from hub.privacy import days
from library.services import suggestions

PRIVACY = [
    Kept(
        kind="Suggestion for the library",
        what="The title and link; your name and email address if you gave them, and what you "
        "wrote of it",
        why="To look at it, and to ask you about it.",
        how_long=f"{days(suggestions.PERSON_KEPT_FOR)} after we have dealt with it, and "
        f"{days(suggestions.PERSON_KEPT_AT_MOST)} at most",
        then="Name, email address and what you wrote are deleted; title and link stay",
        where={"library.Suggestion": ("name", "email", "why", "dealt_with_by")},
        done_by=("library: forget who suggested",),
    ),
    Kept(
        kind="Authors in the library",
        what="The names of authors, as the work itself has them",
        why="A library names who wrote what.",
        how_long="As long as the work, or its history, is in the library",
        then="Deleted with it",
        where={
            "library.Resource": ("authors", "organizations", "short_name"),
            "library.HistoricalResource": ("authors", "organizations", "short_name"),
            "library.Claim": ("attributed_to",),
        },
    ),
    Kept(
        kind="Who of our staff changed the library",
        what="Which account made a change, and why",
        why="So that a change can be explained and taken back.",
        how_long="As long as the history of the library; without a name once the account is "
        "deleted",
        then="The account’s place in it is empty",
        where={"library.HistoricalResource": ("history_user", "history_change_reason")},
    ),
]

IMPERSONAL = {
    "library.Alias",
    "library.Audience",
    "library.HistoricalResource_audiences",
    "library.HistoricalResource_topics",
    "library.LinkHealth",
    "library.Topic",
}
