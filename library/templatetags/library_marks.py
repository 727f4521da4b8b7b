from collections.abc import Collection

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from library import terms

register = template.Library()
_OPEN, _CLOSED = mark_safe("<mark>"), mark_safe("</mark>")


@register.filter
def marking(text: str, words: Collection[str]) -> SafeString:
    """The text, escaped, with each of these lower-case words in <mark>."""
    return format_html_join(
        "",
        "{}{}{}",
        (
            (_OPEN, part, _CLOSED) if is_marked else ("", part, "")
            for part, is_marked in terms.pieces(text, words)
        ),
    )
