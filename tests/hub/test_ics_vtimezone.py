"""VTIMEZONE out of POSIX footers, proven by dateutil and by Python's own zoneinfo."""

import io
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical

from hub.vtimezone import Zone, zone

# zone, its clocks: name, offset
AMERICAN = [
    ("America/Los_Angeles", ("PST", "-0800"), ("PDT", "-0700")),
    ("America/New_York", ("EST", "-0500"), ("EDT", "-0400")),
    ("America/Chicago", ("CST", "-0600"), ("CDT", "-0500")),
    ("America/Denver", ("MST", "-0700"), ("MDT", "-0600")),
    ("America/Anchorage", ("AKST", "-0900"), ("AKDT", "-0800")),
]
UNCHANGING = [
    ("America/Phoenix", "MST", "-0700"),
    ("Pacific/Honolulu", "HST", "-1000"),
    ("America/Puerto_Rico", "AST", "-0400"),
    ("America/Argentina/Buenos_Aires", "-03", "-0300"),
    ("Asia/Kathmandu", "+0545", "+0545"),
]
UNSAYABLE = {"Africa/Cairo", "Egypt"}


def data_of(key: str) -> bytes:
    return files("tzdata").joinpath("zoneinfo", *key.split("/")).read_bytes()


def keys() -> list[str]:
    return files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()


def footers() -> dict[str, str]:
    """One zone for each rule of `tzdata` that a VTIMEZONE can say."""
    found: dict[str, str] = {}
    for key in keys():
        if key not in UNSAYABLE:
            found.setdefault(data_of(key).rsplit(b"\n", 2)[1].decode(), key)
    return found


@pytest.mark.parametrize(("key", "winter", "summer"), AMERICAN)
def test_clocks_that_change(key: str, winter: tuple[str, str], summer: tuple[str, str]) -> None:
    assert zone(key).ical.decode().split("\r\n") == [
        "BEGIN:VTIMEZONE",
        f"TZID:{key}",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700308T020000",
        "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3",
        f"TZNAME:{summer[0]}",
        f"TZOFFSETFROM:{winter[1]}",
        f"TZOFFSETTO:{summer[1]}",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19701101T020000",
        "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11",
        f"TZNAME:{winter[0]}",
        f"TZOFFSETFROM:{summer[1]}",
        f"TZOFFSETTO:{winter[1]}",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]


@pytest.mark.parametrize(("key", "name", "offset"), UNCHANGING)
def test_clocks_that_do_not_change(key: str, name: str, offset: str) -> None:
    assert zone(key).ical.decode().split("\r\n") == [
        "BEGIN:VTIMEZONE",
        f"TZID:{key}",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        f"TZNAME:{name}",
        f"TZOFFSETFROM:{offset}",
        f"TZOFFSETTO:{offset}",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]


@pytest.mark.parametrize(
    ("footer", "starts", "rules"),
    [
        # Hours past midnight and before it name another day.
        (
            "IST-2IDT,M3.4.4/26,M10.5.0",
            ["19700327T020000", "19701025T020000"],
            [
                "FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29;BYMONTH=3",
                "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
            ],
        ),
        (
            "EET-2EEST,M3.4.4/50,M10.4.4/50",
            ["19700328T020000", "19701024T020000"],
            [
                "FREQ=YEARLY;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30;BYMONTH=3",
                "FREQ=YEARLY;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30;BYMONTH=10",
            ],
        ),
        (
            "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
            ["19700328T230000", "19701025T000000"],
            [
                "FREQ=YEARLY;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30;BYMONTH=3",
                "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
            ],
        ),
        (
            "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0/3:15",
            ["19701004T020000", "19700405T031500"],
            ["FREQ=YEARLY;BYDAY=1SU;BYMONTH=10", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=4"],
        ),
    ],
)
def test_onsets(footer: str, starts: list[str], rules: list[str]) -> None:
    lines = Zone("X", footer).ical.decode().split("\r\n")
    assert [line[8:] for line in lines if line.startswith("DTSTART:")] == starts
    assert [line[6:] for line in lines if line.startswith("RRULE:")] == rules


def test_the_later_clock_is_daylight_whatever_it_is_called() -> None:
    lines = zone("Europe/Dublin").ical.decode().split("\r\n")
    assert lines[lines.index("TZNAME:IST") - 3] == "BEGIN:DAYLIGHT"
    assert lines[lines.index("TZNAME:GMT") - 3] == "BEGIN:STANDARD"


@pytest.mark.parametrize(("footer", "key"), footers().items())
def test_every_rule_tells_the_time(footer: str, key: str) -> None:
    """Through a year of days and both sides of each change of clocks."""
    ours = zone(key)
    with io.BytesIO(data_of(key)) as file:
        true = ZoneInfo.from_file(file, key)
    theirs = tzical(io.StringIO(ours.ical.decode())).get(key)
    # A year beyond every change that a file lists one by one: Morocco's reach 2087.
    moments = [datetime(2088, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(366)]
    for day, following in zip(list(moments), moments[1:], strict=False):
        if day.astimezone(true).utcoffset() != following.astimezone(true).utcoffset():
            moments += [day + timedelta(minutes=30 * n) for n in range(48)]
    for moment in moments:
        local = moment.astimezone(true)
        wall = local.replace(tzinfo=None, fold=0)
        # The second of two equal times is told as the first.
        expected = local.replace(fold=0).utcoffset()
        assert ours.offset(wall) == expected, (footer, moment)
        assert wall.replace(tzinfo=theirs).utcoffset() == expected, (footer, moment)


def test_all_but_one_rule_can_be_said() -> None:
    refused = set()
    for key in keys():
        try:
            zone(key)
        except ValueError:
            refused.add(key)
    assert refused == UNSAYABLE


@pytest.mark.parametrize("key", ["UTC", "Etc/UTC", "Zulu"])
def test_utc_is_known_as_such(key: str) -> None:
    assert zone(key).is_utc
    assert not zone("Africa/Abidjan").is_utc


def test_a_skipped_time_counts_on_the_clock_before_the_gap() -> None:
    pacific = zone("America/Los_Angeles")
    assert pacific.offset(datetime(2026, 3, 8, 1, 59)) == timedelta(hours=-8)
    assert pacific.offset(datetime(2026, 3, 8, 2, 30)) == timedelta(hours=-8)
    assert pacific.offset(datetime(2026, 3, 8, 3)) == timedelta(hours=-7)
    # Ireland's rule is told the other way round.
    irish = zone("Europe/Dublin")
    assert irish.offset(datetime(2026, 3, 29, 1, 30)) == timedelta(0)
    assert irish.offset(datetime(2026, 3, 29, 2)) == timedelta(hours=1)


def test_a_zone_is_made_once() -> None:
    assert zone("America/Los_Angeles") is zone("America/Los_Angeles")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "Nowhere",
        "America",
        "America/Nowhere",
        "../zones",
        "/etc/localtime",
        "America/../UTC",
        "iso3166.tab",
        "leapseconds",
        "America/Los_Angeles\r\nX:1",
        "America\\Los_Angeles",
    ],
)
def test_refuses_what_is_no_zone(key: str) -> None:
    with pytest.raises(ValueError, match="no time zone is called"):
        zone(key)


@pytest.mark.parametrize(
    "footer",
    [
        "",
        "PST",
        "P8",
        "PST8PDT",
        "PST8PDT,J60,J300",
        "PST8PDT,60,300",
        "PST8PDT,M3.2.0",
        "PST8PDT,M3.6.0,M11.1.0",
        "PST8PDT,M3.2.7,M11.1.0",
        "PST8PDT,M13.2.0,M11.1.0",
        "PST8PDT,M0.2.0,M11.1.0",
        "PST8PDT,M3.2.0/168,M11.1.0",
        "PST8PDT,M3.2.0/2:60,M11.1.0",
        "PST25",
        "PST8PDT25,M3.2.0,M11.1.0",
        "<-03>3:99",
        "<-03>3\r\nX:1",
        "PST8PDT,M2.5.0/-1,M11.1.0",
        "PST8PDT,M3.1.0/-1,M11.1.0",
        "EET-2EEST,M4.5.5/0,M10.5.4/24",
    ],
)
def test_refuses_a_rule_it_cannot_say(footer: str) -> None:
    with pytest.raises(ValueError, match=r"X: cannot read|no such time|X: .* in "):
        Zone("X", footer)
