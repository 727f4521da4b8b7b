"""The back office of the library: resources, words, suggestions, links."""

from library.admin import links, resources, suggestions, words  # noqa: F401
