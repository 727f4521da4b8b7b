"""What a visitor asks the library for, read from an address and written back to one. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from hub.text import single_line

LONGEST_SEARCH = 200
FACETS = ("topic", "audience", "type", "organization")
_MOST_CHOICES = 50
# Every page beyond this is beyond the last.
_LAST_PAGE = 999_999
_PAGE = re.compile(r"[0-9]+", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """`q` the words, the four facets what is ticked, `exact` no correction of misspelt words."""

    q: str = ""
    topic: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    organization: tuple[str, ...] = ()
    exact: bool = False
    page: int = 1
    # More was typed than `q` holds.
    shortened: bool = field(default=False, compare=False)

    @classmethod
    def read(cls, parameters: Mapping[str, list[str]]) -> "Wanted":
        """Of `dict(request.GET.lists())`. Whatever makes no sense is as if it was not there."""

        def first(name: str) -> str:
            return (parameters.get(name) or [""])[0]

        chosen = {
            name: tuple(
                sorted({line for each in parameters.get(name, []) if (line := single_line(each))})
            )[:_MOST_CHOICES]
            for name in FACETS
        }
        q = single_line(first("q"))
        page = first("page")[:20]
        return cls(
            q=q[:LONGEST_SEARCH].rstrip(),
            exact=first("exact") == "1",
            page=min(max(int(page), 1), _LAST_PAGE) if _PAGE.fullmatch(page) else 1,
            shortened=len(q) > LONGEST_SEARCH,
            **chosen,
        )

    def but(self, **changes: object) -> "Wanted":
        """The same with something changed, on its first page unless that is what changes."""
        return replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]

    def without(self, name: str, value: str) -> "Wanted":
        """The same with one choice of a facet no longer ticked."""
        return self.but(**{name: tuple(each for each in getattr(self, name) if each != value)})

    @property
    def ticked(self) -> list[tuple[str, str]]:
        """(facet, value) of every choice that narrows the search."""
        return [(name, value) for name in FACETS for value in getattr(self, name)]

    @property
    def narrowed(self) -> bool:
        return bool(self.ticked)

    @property
    def widest(self) -> "Wanted":
        """The same words with no facet ticked."""
        return self.but(**dict.fromkeys(FACETS, ()))

    @property
    def query(self) -> str:
        """The canonical query string, without "?": "" for the whole library."""
        pairs = [("q", self.q)] if self.q else []
        pairs += self.ticked
        if self.exact:
            pairs.append(("exact", "1"))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return urlencode(pairs)
