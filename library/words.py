"""How the library says who made a thing and where a link goes. Pure."""

from urllib.parse import urlsplit

from hub.words import listed


def byline(authors: list[str], organizations: list[str]) -> str:
    """Kelly Heinrich and Jennifer Podkul, Global Freedom Center; Author not stated"""
    return ", ".join(filter(None, [listed(authors), listed(organizations)])) or "Author not stated"


def host(url: str) -> str:
    """asistahelp.org of https://www.asistahelp.org/lists; "" of what is no address"""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def name(slug: str) -> str:
    """T visa of t-visa: how a word of the content file's vocabularies is shown."""
    return _NAMES.get(slug) or slug.replace("-", " ").capitalize()


_NAMES = {
    "childrens-attorneys": "Children’s attorneys",
    "data-statistics": "Data and statistics",
    "vawa": "VAWA",
    "victim-witness-interviewing": "Victim-witness interviewing",
}
