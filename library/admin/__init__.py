"""The back office of the library: resources, words, suggestions, links."""

from library import link_admin  # noqa: F401 (its list of links)
from library.admin import resources, suggestions, words  # noqa: F401
