"""Times /calendar.ics over the database: `python -m benchmarks.calendar_feed`.

200 series over ten years with 1,000 changed dates, in a database of its own below
var/bench; prints the median of several requests, the bytes and the queries.
"""

import os
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "var" / "bench"
SERIES, CHANGED, RUNS = 200, 1000, 9


def fill() -> None:
    from calls import schedule
    from calls.models import CallDate, CallSeries, Schedule

    CallSeries.objects.all().delete()
    rules = ["FREQ=WEEKLY;BYDAY=WE", "FREQ=MONTHLY;BYDAY=4TH"]
    for number in range(SERIES):
        series = CallSeries.objects.create(
            slug=f"series-{number}",
            name=f"Working group {number}",
            summary="Informal call where attorneys ask questions and compare experience. " * 2,
        )
        rule = schedule.parse(rules[number % 2])
        plan = Schedule.objects.create(
            series=series,
            recurrence=schedule.to_recurrence(rule),
            first_date=schedule.first_date(rule, date(2017, 1, 1)),
            start_time=clock(12),
            minutes=60,
        )
        days = schedule.dates(rule, plan.first_date, date(2017, 1, 1), date(2026, 12, 31))
        rows = []
        for day in days[: CHANGED // SERIES * 7 : 7]:
            begins = plan.begins_at(day) + timedelta(days=1)
            rows.append(
                CallDate(
                    schedule=plan,
                    original_date=day,
                    starts_at=begins,
                    ends_at=begins.astimezone(UTC) + timedelta(hours=1),
                    reason="Moved because the office is closed that day.",
                    topic="Policy updates",
                    sequence=1,
                    changed_at=datetime(2026, 11, 24, tzinfo=UTC),
                )
            )
        CallDate.objects.bulk_create(rows)


def main() -> None:
    os.environ |= {
        "HUB_LOCAL": "1",
        "HUB_DATA_DIR": str(DATA),
        "DJANGO_SETTINGS_MODULE": "hub.settings",
        "HUB_BASE_URL": "http://testserver",
        "HUB_ALLOWED_HOSTS": "testserver",
    }
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from hub import local

    call_command("migrate", verbosity=0)
    fill()
    client, seconds = Client(), []
    body = client.get("/calendar.ics").content
    for _ in range(RUNS):
        began = time.perf_counter()
        client.get("/calendar.ics")
        seconds.append(time.perf_counter() - began)
    with CaptureQueriesContext(connection) as queries:
        client.get("/calendar.ics")
    events = body.count(b"BEGIN:VEVENT")
    print(f"{SERIES} series, {events - SERIES} changed dates, {len(body):,} bytes")
    print(f"median {statistics.median(seconds) * 1000:.0f} ms, {len(queries)} queries")
    connection.close()
    local.stop_database(DATA / "postgres")


if __name__ == "__main__":
    main()
