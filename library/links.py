"""Looking at the library's links: which are due, what was found, what staff do about it.

No transaction is open while a site is waited for. Who looks takes the row for LEASE
first, so no two look at one link, and one that was killed over it leaves it to be looked
at later. A site is asked once a run, which is more than five seconds apart.
"""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from hub.models import User
from hub.refusal import Refused
from library import link_rules, words
from library.link_rules import Finding
from library.link_watch import Limits, look
from library.models import LinkHealth, LinkState, Resource

log = logging.getLogger(__name__)

Look = Callable[[str, Limits], Finding]

# Within hub.worker.LONGEST_WAIT: none is begun after BEGIN, the last takes LINK, and to
# find out whether we are online CONTROL is looked at once more.
BEGIN_SECONDS = 10
LINK = Limits(seconds=20)
CONTROL = Limits(seconds=5)
MOST = 20
LEASE = timedelta(minutes=10)
# When there was no network, or a mistake of ours.
LATER = timedelta(hours=1)


def watch(now: datetime, look: Look = look, clock: Callable[[], float] = time.monotonic) -> None:
    """Look at the links that are due, for about half a minute at most."""
    keep_in_step(now)
    rows = _take(now)
    begin_until = clock() + BEGIN_SECONDS
    asked: set[str] = set()
    findings: list[tuple[LinkHealth, Finding]] = []
    for row in rows:
        if clock() >= begin_until or words.host(row.url) in asked:
            _put_back(row)
            continue
        finding = _looked(row, look, LINK)
        if finding is not None:
            findings.append((row, finding))
            asked |= _hosts(finding)
    if _offline([finding for _, finding in findings], asked, look):
        log.info("no link answered: no network?")
        LinkHealth.objects.filter(pk__in=[row.pk for row, _ in findings]).update(due_at=now + LATER)
        return
    for row, finding in findings:
        _write(row, finding, now)


def keep_in_step(now: datetime) -> None:
    """One row for each resource that has a link; a new link is not known and due now."""
    LinkHealth.objects.filter(resource__url=None).delete()
    for row in LinkHealth.objects.exclude(url=F("resource__url")).select_related("resource"):
        LinkHealth.objects.filter(pk=row.pk, url=row.url).update(
            **_fresh(row.resource.url or "", now)
        )
        _show(Q(pk=row.resource_id), LinkState.UNKNOWN)
    _show(Q(url=None), LinkState.UNKNOWN)
    LinkHealth.objects.bulk_create(
        [
            LinkHealth(resource_id=pk, url=url, due_at=now)
            for pk, url in Resource.objects.filter(health=None)
            .exclude(url=None)
            .values_list("pk", "url")
            if url
        ],
        ignore_conflicts=True,
    )


def look_again(rows: QuerySet[LinkHealth]) -> int:
    """Have these looked at in the worker's next run; return how many."""
    return rows.update(due_at=timezone.now())


@transaction.atomic
def take_over(health: LinkHealth, by: User) -> None:
    """Write the address a link has moved to into its resource. Raises Refused.

    The new address is looked at like any other that was just written.
    """
    resource = Resource.objects.select_for_update().get(pk=health.resource_id)
    row = LinkHealth.objects.select_for_update().get(pk=health.pk)
    if resource.url != row.url:
        raise Refused(f"“{resource}” has another link by now. Look at it again first.")
    if not row.goes_to:
        raise Refused(f"The link of “{resource}” has not moved.")
    resource.url = row.goes_to
    resource.link_state = LinkState.UNKNOWN
    resource._history_user = by  # type: ignore[attr-defined]
    try:
        resource.clean_fields(exclude=[f.name for f in resource._meta.fields if f.name != "url"])
    except ValidationError as error:
        raise Refused(f"“{resource}”: {' '.join(error.messages)}") from None
    resource.save()
    LinkHealth.objects.filter(pk=row.pk).update(**_fresh(row.goes_to, timezone.now()))


def _fresh(url: str, now: datetime) -> dict[str, object]:
    return {
        "url": url,
        "finding": "",
        "status": None,
        "goes_to": "",
        "failures": 0,
        "failed_at": None,
        "checked_at": None,
        "due_at": now,
    }


def _take(now: datetime) -> list[LinkHealth]:
    """Rows that are due, the longest first, now ours for the lease."""
    with transaction.atomic():
        rows = list(
            LinkHealth.objects.select_for_update(skip_locked=True)
            .filter(due_at__lte=now)
            .order_by("due_at", "pk")[:MOST]
        )
        LinkHealth.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=now + LEASE)
    return rows


def _put_back(row: LinkHealth) -> None:
    LinkHealth.objects.filter(pk=row.pk).update(due_at=row.due_at)


def _looked(row: LinkHealth, look: Look, limits: Limits) -> Finding | None:
    """What was found; None where it was our mistake, which is no link's fault."""
    try:
        return look(row.url, limits)
    except Exception:
        log.exception("link %s could not be looked at", row.pk)
        LinkHealth.objects.filter(pk=row.pk).update(due_at=timezone.now() + LATER)
        return None


def _offline(findings: Iterable[Finding], asked: set[str], look: Look) -> bool:
    """Did we find nothing because there is no network?

    Where every link failed as it would without one, a link of another site that worked the
    last time is asked: it is ours to doubt until one such answers.
    """
    findings = list(findings)
    if not findings or not all(link_rules.no_network(each) for each in findings):
        return False
    working = LinkHealth.objects.filter(resource__link_state=LinkState.WORKS)
    for row in working.order_by("-checked_at"):
        if words.host(row.url) not in asked:
            control = _looked(row, look, CONTROL)
            return control is None or link_rules.no_network(control)
    return True


@transaction.atomic
def _write(row: LinkHealth, finding: Finding, now: datetime) -> None:
    """Keep what was found, unless the link has changed while we looked."""
    resource = Resource.objects.select_for_update().filter(pk=row.resource_id).first()
    kept = LinkHealth.objects.select_for_update().filter(pk=row.pk).first()
    if resource is None or kept is None or resource.url != row.url:
        return
    before = link_rules.Health(resource.link_state, kept.failures, kept.failed_at)
    health, kept.due_at = link_rules.next_health(before, finding, now, kept.pk)
    kept.failures, kept.failed_at = health.failures, health.failed_at
    kept.finding, kept.status = link_rules.said(finding), finding.status
    moved = link_rules.moved_to(finding)
    kept.goes_to = moved if len(moved) <= 2000 else ""
    kept.checked_at = now
    kept.save()
    _show(Q(pk=resource.pk), LinkState(health.state))


def _show(which: Q, state: LinkState) -> None:
    """Change what readers see. A statement that changes no row would raise the content
    version all the same, and so throw every cached page away: it is not made."""
    rows = Resource.objects.filter(which).exclude(link_state=state)
    if rows.exists():
        rows.update(link_state=state)


def _hosts(finding: Finding) -> set[str]:
    return {words.host(url) for url in (finding.url, *(hop.url for hop in finding.hops))}
