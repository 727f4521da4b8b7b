"""Times the queue of technical assistance: `python -m benchmarks.ta_queue`.

200,000 requests, of which 2,000 wait for an answer, in a database of its own below var/bench;
prints for each page the median time in the database and in all, and the queries.
"""

import os
import statistics
import time
import uuid
from datetime import timedelta
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "var" / "bench"
REQUESTS, OPEN, RUNS = 200_000, 2_000, 15


def fill() -> None:
    from django.db import connection
    from django.utils import timezone

    from ta_requests.models import Cycle, Pause, TaRequest

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE ta_requests_tarequest CASCADE")
    now = timezone.now()
    for first in range(0, REQUESTS, 5000):
        rows = []
        for number in range(first, first + 5000):
            is_open = number >= REQUESTS - OPEN
            age = timedelta(hours=number % 40) if is_open else timedelta(days=20 + number // 100)
            waiting = is_open and number % 5 == 0
            rows.append(
                TaRequest(
                    reference=f"{number // 10000:04}-{number % 10000:04}",
                    form_id=uuid.uuid4(),
                    status="waiting" if waiting else "open" if is_open else "closed",
                    ending="" if is_open else "solved",
                    closed_at=None if is_open else now - age,
                    role="attorney",
                    us_state="CA",
                    stage="filed",
                    organization=f"Legal Aid {number % 500}",
                    deadline_type="court" if number % 7 == 0 else "",
                    deadline=(now + timedelta(days=number % 9)).date() if number % 7 == 0 else None,
                    question="word " * 300,
                    name="Somebody",
                    email="somebody@example.org",
                    received_at=now - age,
                    created_at=now - age,
                    active_at=now - age,
                )
            )
        TaRequest.objects.bulk_create(rows)
        Cycle.objects.bulk_create(
            Cycle(
                request=row,
                number=1,
                started_at=row.received_at,
                promised_at=row.received_at + timedelta(days=2),
                due_at=None if row.status == "waiting" else row.received_at + timedelta(days=2),
                office_days=2,
                opens="09:00",
                closes="17:00",
                ended_at=row.closed_at,
                outcome="on_time" if row.closed_at else "",
            )
            for row in rows
        )
    Pause.objects.bulk_create(
        Pause(cycle=cycle, started_at=cycle.started_at)
        for cycle in Cycle.objects.filter(ended_at=None, due_at=None)
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    os.environ |= {
        "HUB_LOCAL": "1",
        "HUB_DATA_DIR": str(DATA),
        "DJANGO_SETTINGS_MODULE": "hub.settings",
        "HUB_BASE_URL": "http://testserver",
        "HUB_ALLOWED_HOSTS": "testserver",
        "HUB_STAFF_SECOND_FACTOR": "0",
    }
    import django

    django.setup()
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from hub import local
    from hub.models import User
    from ta_requests.models import TaRequest

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if TaRequest.objects.count() != REQUESTS:
        fill()
    user, _ = User.objects.get_or_create(email="tanya@example.org", defaults={"is_staff": True})
    user.groups.add(Group.objects.get(name="TA staff"))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def spent(path: str) -> tuple[float, float, int]:
        with CaptureQueriesContext(connection) as queries:
            began = time.perf_counter()
            answer = client.get(path)
            took = time.perf_counter() - began
        assert answer.status_code == 200
        in_database = sum(float(query["time"]) for query in queries.captured_queries)
        return in_database * 1000, took * 1000, len(queries)

    queue = "/admin/ta_requests/tarequest/"
    print(f"{REQUESTS:,} requests, {OPEN:,} to answer; median of {RUNS}")
    for name, query in [
        ("the queue", ""),
        ("its last page", "?p=40"),
        ("late", "?which=late"),
        ("mine", "?whose=mine"),
        ("closed", "?which=closed"),
        ("search by reference", "?q=0019-9999"),
        ("search by organization", "?q=Legal+Aid+77"),
    ]:
        spent(queue + query)
        runs = [spent(queue + query) for _ in range(RUNS)]
        database, whole = (statistics.median(run[place] for run in runs) for place in (0, 1))
        print(f"{name:24} {database:6.1f} ms database {whole:7.1f} ms {runs[0][2]:3} queries")
    connection.close()
    local.stop_database(DATA / "postgres")


if __name__ == "__main__":
    main()
