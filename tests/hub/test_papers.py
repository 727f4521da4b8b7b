"""Our own papers: what each app keeps to read, gathered under one name."""

import pytest
from django.core.files.base import ContentFile

from calls.models import CallSeries
from hub import offers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def flyer(slug: str, **values) -> CallSeries:
    series = CallSeries.objects.create(slug=slug, name=f"Call {slug}", **values)
    series.flyer.save("f.pdf", ContentFile(b"%PDF-1.7 x"))
    return series


def test_flyers_that_are_there_and_the_sample_agenda(client):
    flyer("b", position=2), flyer("a", position=1), flyer("draft", published=False)
    CallSeries.objects.create(slug="none", name="No flyer")
    lost = flyer("lost")
    lost.flyer.storage.delete(lost.flyer.name)
    found = [(each.title, each.url, each.kind.replace("\xa0", " ")) for each in offers.papers()]
    assert found == [
        ("Call a", "/calls/a/flyer.pdf", "Flyer (PDF, 10 bytes)"),
        ("Call b", "/calls/b/flyer.pdf", "Flyer (PDF, 10 bytes)"),
        ("What two days of training look like", "/trainings/host/#agenda", "Sample agenda"),
    ]
    for _, url, _ in found:
        answer = client.get(url)
        assert answer.status_code == 200
        assert b"".join(answer)
    assert 'id="agenda"' in client.get("/trainings/host/").content.decode()


def test_one_and_thirty_cost_the_same(django_assert_num_queries):
    flyer("s0")
    with django_assert_num_queries(1):
        offers.papers()
    for number in range(1, 30):
        flyer(f"s{number}")
    with django_assert_num_queries(1):
        assert len(offers.papers()) == 31
