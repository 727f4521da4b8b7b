"""How a test reads an answer: as a visitor does, as a form, as a content policy does."""

import re
from html import unescape

from django.forms import FileField

_TAG = re.compile(r"<[^>]+>")
_INLINE = re.compile(
    r"<style|<[^>]*\s(?:style|on[a-z]+)=|<script(?![^>]*\s(?:src=|type=.application/json))"
)


def text(response):
    """What a reader reads, and nothing of how it is marked up."""
    return re.sub(r"\s+", " ", unescape(_TAG.sub(" ", response.content.decode())))


def inline_code(response):
    """Style and script that `default-src 'self'` would stop."""
    return _INLINE.findall(response.content.decode())


def filled(response):
    """What a browser would send of an admin's form as it stands."""
    sent = _answers(response.context["adminform"].form)
    for each in response.context["inline_admin_formsets"]:
        sent |= _answers(each.formset.management_form)
        for form in each.formset.forms:
            sent |= _answers(form)
    return sent


def _answers(form):
    sent = {}
    for field in form:
        value = field.value()
        # A box that is not ticked is not sent, nor is a file that is there already.
        if value is not False and not isinstance(field.field, FileField):
            sent[field.html_name] = "" if value is None else value
    return sent
