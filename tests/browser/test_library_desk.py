"""A librarian's day as a browser shows it: import, correct, publish, break, put back."""

import csv
import io

import pytest
from playwright.sync_api import expect

from hub.models import User
from library.models import Resource, Topic
from library.services import curation, suggestions
from tests.people import staff_client

pytestmark = pytest.mark.django_db(transaction=True)
DESK = "/admin/library/resource/"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def alice():
    return User.objects.create_superuser("alice@example.org", name="Alice")


@pytest.fixture
def three():
    return [
        Resource.objects.create(slug=name.lower(), title=name, placement="legal", position=number)
        for number, name in enumerate(["Alpha", "Beta", "Gamma"], start=1)
    ]


def table(*rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return {"name": "table.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode()}


@pytest.mark.parametrize(
    ("width", "scheme", "script"),
    [(390, "dark", True), (1280, "light", True), (320, "light", False)],
)
def test_a_librarian_imports_corrects_publishes_breaks_and_puts_back(
    visitor, as_user, alice, width, scheme, script
):
    Topic.objects.create(slug="housing", name="Housing")
    one = as_user(visitor(width=width, scheme=scheme, script=script), staff_client(alice))

    def looked_at():
        one.no_sideways()
        if script:
            one.axe()

    page = one.visit(f"{DESK}import/")
    looked_at()
    head = ["slug", "title", "type", "topics", "placement"]
    page.get_by_label("File").set_input_files(
        table(head, ["homes", "Homes", "poem", "housing", "legal"])
    )
    one.press("Show what it would change")
    expect(page.get_by_text("Type: “poem” is not known.")).to_be_visible()
    looked_at()
    page.get_by_role("link", name="Choose the file again").click()
    page.get_by_label("File").set_input_files(
        table(head, ["homes", "Homes", "guide", "housing", "legal"])
    )
    one.press("Show what it would change")
    expect(page.get_by_text("The file brings 1 new resource.")).to_be_visible()
    looked_at()
    one.press("Import all of this")
    expect(page.get_by_text("Imported: 1 new resource.")).to_be_visible()
    resource = Resource.objects.get()

    page.get_by_role("link", name="Homes").click()
    page.get_by_role("link", name="Preview").click()
    expect(page.get_by_text("Draft – only staff see this.")).to_be_visible()
    looked_at()
    page.get_by_role("link", name="Back to editing").click()
    one.press("Publish")
    expect(page.get_by_text("is published: everybody sees it.")).to_be_visible()
    page.get_by_label("Title").fill("Broken")
    one.press("Save and continue editing")
    page.get_by_role("link", name="History").last.click()
    expect(page.get_by_text("Title: Homes → Broken")).to_be_visible()
    looked_at()
    page.get_by_role("link", name="Put it back as it was before this change").first.click()
    looked_at()
    one.press("Put it back")
    expect(page.get_by_text("“Homes” is put back as it was.")).to_be_visible()
    resource.refresh_from_db()
    assert (resource.title, resource.published) == ("Homes", True)

    curation.delete([resource.pk], alice)
    page = one.visit(f"{DESK}deleted/")
    looked_at()
    page.get_by_role("link", name="Put back Homes").click()
    one.press("Put it back")
    assert Resource.objects.get().topics.get().name == "Housing"
    one.visit("/library/homes/")


def order():
    return [each.title for each in curation.in_list("legal")]


def test_a_list_is_put_in_order_by_dragging_by_buttons_and_by_numbers(
    visitor, as_user, alice, three
):
    one = as_user(visitor(), staff_client(alice))
    page = one.visit(f"{DESK}order/legal/")
    one.axe_in_light_and_dark()
    one.no_sideways()
    grips = page.locator("[data-grip]")
    first, last = grips.nth(0).bounding_box(), grips.nth(2).bounding_box()
    page.mouse.move(last["x"] + 5, last["y"] + 10)
    page.mouse.down()
    for y in range(int(last["y"]), int(first["y"]) - 20, -10):
        page.mouse.move(first["x"] + 5, y)
    page.mouse.up()
    expect(page.get_by_text("Gamma: place 1 of 3. Not saved yet.")).to_be_visible()
    assert order() == ["Alpha", "Beta", "Gamma"]
    one.press("Save the order")
    assert order() == ["Gamma", "Alpha", "Beta"]

    button = page.get_by_role("button", name="Move up: Beta")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Beta: place 2 of 3. Not saved yet.")).to_be_visible()
    expect(button).to_be_focused()
    one.press("Save the order")
    assert order() == ["Gamma", "Beta", "Alpha"]

    page.get_by_label("Place of Alpha").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The order of “Legal resources” is saved.")).to_be_visible()
    assert order() == ["Alpha", "Gamma", "Beta"]


def test_a_list_is_put_in_order_without_script(visitor, as_user, alice, three):
    one = as_user(visitor(width=320, script=False), staff_client(alice))
    page = one.visit(f"{DESK}order/legal/")
    one.no_sideways()
    one.press("Move up: Gamma")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    one.press("Save the order")
    assert order() == ["Alpha", "Gamma", "Beta"]


@pytest.mark.parametrize(("width", "script"), [(390, True), (1280, True), (320, False)])
def test_a_visitor_suggests_and_staff_take_it(visitor, as_user, alice, width, script):
    one = visitor(width=width, script=script)
    page = one.visit("/library/suggest/?title=Homes")
    if script:
        one.axe_in_light_and_dark()
    one.no_sideways()
    page.get_by_label("Link").fill("javascript:alert(1)")
    page.get_by_label("What it helps with").fill("It helps.")
    one.press("Send the suggestion")
    expect(page.get_by_role("link", name="Enter a web address that begins")).to_be_visible()
    expect(page.get_by_label("What it helps with")).to_have_value("It helps.")
    if script:
        one.axe_in_light_and_dark()
    page.get_by_label("Link").fill("example.org/homes")
    one.press("Send the suggestion")
    expect(page.get_by_role("heading", name="We have your suggestion. Thank you")).to_be_visible()
    if script:
        one.axe()

    as_user(one, staff_client(alice))
    page = one.visit("/admin/library/")
    page.get_by_role("link", name="1 new suggestion").click()
    if script:
        one.axe()
    page.get_by_role("link", name="Homes", exact=True).click()
    if script:
        one.axe()
    one.no_sideways()
    one.press("Take into the library")
    expect(page.get_by_text("“Homes” is a draft: fill it in, then publish it.")).to_be_visible()
    assert Resource.objects.get().url == "https://example.org/homes"
    assert suggestions.count_new() == 0


def test_pages_for_several_and_for_merging(visitor, as_user, alice, three):
    topics = [Topic.objects.create(slug=name.lower(), name=name) for name in ("Homes", "Housing")]
    three[0].topics.add(topics[0])
    one = as_user(visitor(), staff_client(alice))
    page = one.visit(DESK)
    page.get_by_role("checkbox", name="Select this object for an action - Alpha").check()
    page.get_by_role("checkbox", name="Select this object for an action - Beta").check()
    page.get_by_label("Action:").select_option(label="Add topics")
    one.press("Go")
    one.axe_in_light_and_dark()
    page.get_by_label("Housing").check()
    one.press("Add topics")
    expect(page.get_by_text("Topics added to: 2 resources.")).to_be_visible()

    page = one.visit(f"{DESK}review/")
    one.axe_in_light_and_dark()
    one.press("Reviewed today: Alpha")
    expect(page.get_by_text("“Alpha”: reviewed today.")).to_be_visible()

    page = one.visit(f"/admin/library/topic/{topics[1].pk}/change/")
    page.get_by_role("link", name="Merge another one into it").click()
    page.get_by_label("Homes: 1 resource gets this one instead").check()
    one.axe_in_light_and_dark()
    one.press("Merge into “Housing”")
    expect(
        page.get_by_text("“Homes” is now “Housing”, for 1 resource that had it.")
    ).to_be_visible()

    one.visit(f"{DESK}export/")
    one.axe_in_light_and_dark()
