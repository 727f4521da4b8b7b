"""What keeps the look one look: a small sheet, tokens only, nothing inline."""

import re

import pytest
from django.conf import settings
from django.template import engines

TEMPLATES = settings.BASE_DIR / "templates"
PAGES = [p for p in sorted(TEMPLATES.rglob("*.html")) if not {"mail", "email"} & set(p.parts)]
MAIL = {"base_url": "https://hub.example.org", "sender": "CAST Resources & Training"}


def test_the_sheet_stays_under_12_kb():
    assert (settings.BASE_DIR / "static/hub/hub.css").stat().st_size < 12 * 1024


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_no_page_writes_style_or_script_of_its_own(page):
    text = page.read_text()
    assert not re.search(
        r"\sstyle\s*=|<style|\son\w+\s*=\s*[\"']|javascript:|url\((?!#)|\bdata:", text
    )
    assert not re.search(r"<script(?![^>]*(\bsrc=|application/(ld\+)?json))", text)
    assert not re.search(r"#[0-9a-f]{3,8}\b(?![^<]*>)", text.replace("&#", "")), "a color"


def draw(source: str, **context: object) -> str:
    return engines["django"].from_string(source).render(MAIL | context)


def test_a_mail_of_the_layout_has_its_words_its_one_button_and_who_sends_it():
    html = draw(
        '{% extends "mail/layout.html" %}{% block content %}<h1>Hello {{ name }}</h1>{% endblock %}'
        "{% block action %}"
        '{% include "mail/_button.html" with url=link label="Confirm" %}{% endblock %}',
        name="<b>Sam</b>",
        link="https://hub.example.org/x/?a=1&b=2",
    )

    assert "Hello &lt;b&gt;Sam&lt;/b&gt;" in html
    assert html.count('href="https://hub.example.org/x/?a=1&amp;b=2"') == 2
    assert "Sent by CAST Resources &amp; Training" in html
    assert "prefers-color-scheme:dark" in html
    assert not re.search(r"<img|<link|<script|@import|url\(", html)
    hosts = set(re.findall(r"https?://([^/\"<]+)", html))
    assert hosts == {"hub.example.org"}


def test_a_plain_mail_escapes_nothing():
    text = draw(
        '{% extends "mail/layout.txt" %}{% block content %}Rivera & Co: "{{ name }}"{% endblock %}',
        name="O'Neil <x>",
    )

    assert text.startswith('Rivera & Co: "O\'Neil <x>"')
    assert "CAST Resources & Training, Los Angeles" in text
    assert "https://hub.example.org/" in text
