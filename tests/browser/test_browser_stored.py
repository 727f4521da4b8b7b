"""What strangers wrote, on the main pages that show it, in a real browser: nothing of it runs, and
the policy has nothing to stop. tests/attacks/test_stored.py reads every other page."""

import pytest
from django.urls import reverse

from library.models import Resource
from tests.attacks.conftest import clock, root, world, written
from tests.mailbox import deliver
from tests.trainings.cast import own

__all__ = ["clock", "root", "world", "written"]
pytestmark = pytest.mark.django_db(transaction=True)


def page(row: object, kind: str) -> str:
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{kind}", args=[row.pk])


def test_nothing_a_stranger_wrote_runs(visitor, as_user, root, written):
    one = as_user(visitor(), root)
    dialogs = []
    one.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    one.context.add_init_script("window.canary = () => { window.ran = true; };")

    def look(path: str) -> None:
        one.visit(path)
        assert one.page.evaluate("() => window.ran === undefined"), path
        assert one.page.evaluate("() => typeof window.canary") == "function"

    for made in written:
        root.post(reverse("admin:library_suggestion_take", args=[made.suggestion.pk]))
        Resource.objects.update(published=True, placement="legal")
        for row in (made.registration, made.host, made.suggestion, made.calls[0], made.person):
            look(page(row, "change"))
            look(page(row, "history"))
        for row in (made.host, made.news, made.suggestion):
            look(page(row, "delete"))
        look(page(made.request, "change"))
        one.page.locator("input[name=purpose]").first.check()
        with one.page.expect_navigation():
            one.page.get_by_role("button", name="Open", exact=True).click()
        one.fine()
        assert one.page.evaluate("() => window.ran === undefined")
        look(own(made.registration))
        as_user(one, made.client)
        look("/my/")
        look("/my/data/")
        as_user(one, root)
    for name in ("calls_signup", "trainings_registration", "trainings_hostoffer", "hub_user"):
        look(reverse(f"admin:{name}_changelist"))
    for path in ("/staff/", "/library/", "/library/reading-list/", "/admin/"):
        look(path)
    for resource in Resource.objects.all():
        look(resource.get_absolute_url())
    assert dialogs == []


def test_nor_in_a_mail(visitor, written):
    """Where no policy of ours stops anything."""
    one = visitor()
    for letter in deliver():
        body = letter.get_body(("html",))
        shown = one.context.new_page()
        shown.add_init_script("window.canary = () => { window.ran = true; };")
        shown.set_content(body.get_content())
        assert shown.evaluate("() => window.ran === undefined"), letter["Subject"]
        assert shown.locator("script, [onerror], [onload], img[src=x]").count() == 0
        shown.close()
