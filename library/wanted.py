"""What a visitor asks the library for, read from an address and written back to one. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from hub.text import single_line

LONGEST_SEARCH = 200
FACETS = ("topic", "audience", "type", "organization")
_MOST_CHOICES = 50
_PAGE = re.compile(r"[1-9][0-9]{0,5}")


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
        page = first("page")
        return cls(
            q=single_line(first("q"))[:LONGEST_SEARCH],
            exact=first("exact") == "1",
            page=int(page) if _PAGE.fullmatch(page) else 1,
            **chosen,
        )

    def but(self, **changes: object) -> "Wanted":
        """The same with something changed, on its first page unless that is what changes."""
        return replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]

    @property
    def narrowed(self) -> bool:
        return any(getattr(self, name) for name in FACETS)

    @property
    def query(self) -> str:
        """The canonical query string, without "?": "" for the whole library."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name in FACETS for value in getattr(self, name)]
        if self.exact:
            pairs.append(("exact", "1"))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return urlencode(pairs)
