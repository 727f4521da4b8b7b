"""Times the library's search in the database: `python -m benchmarks.library_search [rows]`.

100,000 made-up resources unless told otherwise, in a database of its own below var/bench-library,
kept for the next run. Prints the time the database's answers took, all queries of a search
together, facets and the page's resources included: median and 95th percentile by the wall, and
the median of the time its processor worked, which others on the machine change little.
"""

import itertools
import os
import random
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "var" / "bench-library"
ROWS, RUNS, BATCH = 100_000, 20, 2_000

# (what is searched, facets ticked); the first group is what people type.
TYPICAL: list[tuple[str, dict[str, Any]]] = [
    ("criminal restitution", {}),
    ("child trafficking identification", {}),
    ("u visa certification", {}),
    ("T nonimmigrant status", {}),
    ("forced labor domestic workers", {}),
    ("restitution", {"topic": ("topic-3",)}),
    ("confidentiality", {"type": ("guide", "manual"), "audience": ("audience-1",)}),
    ("NCVLI", {}),
    ("interviewing victim witnesses", {"topic": ("topic-1", "topic-2")}),
    ("shelter safety planning", {}),
]
MISSPELT: list[tuple[str, dict[str, Any]]] = [
    ("restituton", {}),
    ("child traficking identificaton", {}),
    ("confidentialty privilege", {}),
    ("interveiwing", {}),
    ("forced labur", {}),
    ("polarsi", {}),
    ("guestwroker", {}),
    ("prosecuter restitution", {}),
]
BROAD: list[tuple[str, dict[str, Any]]] = [
    ("guide", {}),
    ("trafficking", {}),
    ("trafficking", {"topic": ("topic-1",)}),
    ("", {}),
    ("", {"topic": ("topic-1",)}),
    ("", {"type": ("report",), "audience": ("audience-2",)}),
]

_SPECIAL = (
    "restitution:60 identification:60 certification:40 visa:150 nonimmigrant:20 shelter:50"
    " confidentiality:30 privilege:30 interviewing:30 witness:60 witnesses:30 prosecutors:30"
    " guestworker:15 slavery:25 forced:60 labor:100 domestic:60 workers:50 child:120"
    " children:90 criminal:120 victim:150 survivors:180 legal:200 immigration:120 asylum:50"
    " advocates:60 attorneys:60 minors:30 safety:70 planning:50 debt:25 bondage:20"
    " trafficking:2000 guide:600 report:300 handbook:60 human:700"
)


def words() -> list[str]:
    """English prose that comes with Python, with the library's own words among it, as often
    as they are likely to stand there."""
    from pydoc_data.topics import topics

    prose = re.findall(r"[a-z]{2,14}", " ".join(topics.values()).lower())
    for each in _SPECIAL.split():
        word, times = each.split(":")
        prose += [word] * int(times)
    return prose


def names(count: int) -> list[str]:
    first = [
        "Ana",
        "Amara",
        "Bela",
        "Carl",
        "Dana",
        "Eva",
        "Finn",
        "Grace",
        "Hana",
        "Ines",
        "Jean",
        "Kim",
        "Lin",
        "Maya",
        "Nora",
        "Omar",
    ]
    parts = ["bra", "ke", "lo", "min", "dar", "son", "ric", "ta", "vel", "hart", "wyn", "os"]
    last = ["".join(each).capitalize() for each in itertools.product(parts, repeat=3)]
    return [f"{random.choice(first)} {random.choice(last)}" for _ in range(count)]


def fill(rows: int) -> None:
    from django.db import connection

    from library.models import Audience, Resource, ResourceType, Topic

    random.seed(41)
    prose, people = words(), names(rows // 3)
    some = [word for word in prose if len(word) > 3]
    topics = Topic.objects.bulk_create(
        Topic(slug=f"topic-{n}", name=f"Topic {random.choice(some)} {n}") for n in range(1, 41)
    )
    audiences = Audience.objects.bulk_create(
        Audience(slug=f"audience-{n}", name=f"Audience {n}") for n in range(1, 18)
    )
    bodies = [" ".join(random.sample(some, 3)).title() + f" Center {n}" for n in range(800)]
    # As frequent as 1/n: a few topics and organizations are about everything.
    weights = [1 / n for n in range(1, 801)]
    types = [each.value for each in ResourceType]
    with connection.cursor() as cursor:
        # Indexed once, below, not once for each table a resource stands in.
        cursor.execute("SET session_replication_role = replica")
    for start in range(0, rows, BATCH):
        batch = Resource.objects.bulk_create(
            Resource(
                slug=f"r{number}",
                title=" ".join(random.choices(some, k=random.randint(4, 11))).capitalize(),
                short_name="NCVLI" if number % 5000 == 7 else "",
                authors=random.sample(people, random.randint(0, 3)),
                organizations=random.choices(bodies, weights, k=random.choice([0, 1, 1, 2])),
                type=random.choices(types, weights[: len(types)])[0],
                summary=" ".join(random.choices(prose, k=random.randint(0, 60))),
                region=random.choice(["", "", "", "California", "New York", "Los Angeles"]),
                year=random.randint(1998, 2026),
            )
            for number in range(start, min(start + BATCH, rows))
        )
        for field, sorts in (("topic", topics), ("audience", audiences)):
            through = Resource._meta.get_field(f"{field}s").remote_field.through
            through.objects.bulk_create(
                through(**{"resource_id": each.pk, f"{field}_id": pk})
                for each in batch
                for pk in {one.pk for one in random.choices(sorts, weights[: len(sorts)], k=3)}
            )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("SELECT array_agg(id ORDER BY id) FROM library_resource")
        ids = cursor.fetchone()[0]
        began = time.perf_counter()
        for start in range(0, len(ids), BATCH):
            cursor.execute("SELECT library_reindex(%s)", [ids[start : start + BATCH]])
        print(f"indexed in {time.perf_counter() - began:.0f} s")
        cursor.execute("VACUUM ANALYZE")


class Clock:
    """What the database's answers took, in milliseconds: by the wall and of its processor."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.schedule = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
        self.wall = self.busy = 0.0

    def __call__(self, execute: Any, *args: Any) -> Any:
        began, worked = time.perf_counter(), self._worked()
        try:
            return execute(*args)
        finally:
            self.wall += (time.perf_counter() - began) * 1e3
            self.busy += (self._worked() - worked) / 1e6

    def _worked(self) -> int:
        return int(self.schedule.read_text().split()[0]) if self.schedule.exists() else 0


def measure(title: str, searches: list[tuple[str, dict[str, Any]]]) -> None:
    from django.core.cache import caches
    from django.db import connection

    from library.search import find
    from library.wanted import Wanted

    everything: list[Clock] = []
    print(f"\n{title:<42}   found   median      p95     busy")
    for q, facets in searches:
        clocks = []
        for _ in range(RUNS):
            # What is kept of a broad search once it is counted would hide what counting costs.
            caches["process"].clear()
            clock = Clock()
            with connection.execute_wrapper(clock):
                found = find(Wanted(q=q, **facets))
            clocks.append(clock)
        everything += clocks
        said = q or "(no words)"
        if facets:
            said += f" + {sum(map(len, facets.values()))} filters"
        print(f"{said:<42} {found.total:>7,} {_times(clocks)}")
    print(f"{'all':<50} {_times(everything)}")


def _times(clocks: list[Clock]) -> str:
    wall = [clock.wall for clock in clocks]
    busy = statistics.median(clock.busy for clock in clocks)
    last = statistics.quantiles(wall, n=20)[-1]
    return f"{statistics.median(wall):>5.1f} ms {last:>5.1f} ms {busy:>5.1f} ms"


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    os.environ |= {
        "HUB_LOCAL": "1",
        "HUB_DATA_DIR": str(DATA),
        "DJANGO_SETTINGS_MODULE": "hub.settings",
    }
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from hub import local
    from library.models import Alias, Audience, Resource, Topic

    call_command("migrate", verbosity=0)
    if Resource.objects.count() != rows:
        for model in (Resource, Topic, Audience, Alias):
            model.objects.all().delete()
        Alias.objects.create(terms=["T visa", "T nonimmigrant status"])
        Alias.objects.create(terms=["U visa", "U nonimmigrant status"])
        Alias.objects.create(terms=["NCVLI", "National Crime Victim Law Institute"])
        fill(rows)
    print(f"{rows:,} resources")
    measure("What people type", TYPICAL)
    measure("Misspelt", MISSPELT)
    measure("Broad", BROAD)
    connection.close()
    local.stop_database(DATA / "postgres")


if __name__ == "__main__":
    main()
