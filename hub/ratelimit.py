"""Limits on what one visitor may do, counted without keeping who they are."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from hub.models import RateCount


def allowed(limit: str, who: str) -> bool:
    """Count one use of `limit` by `who`; False once the window's share is used up.

    The limit's size is settings.RATE_LIMITS[limit], (uses, seconds) in fixed UTC windows.
    One statement, so parallel requests cannot all be the last one.
    """
    most, seconds = settings.RATE_LIMITS[limit]
    now = timezone.now()
    window = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO hub_ratecount (key, "window", hits) VALUES (%s, %s, 1) '
            'ON CONFLICT (key, "window") DO UPDATE SET hits = hub_ratecount.hits + 1 '
            "RETURNING hits",
            [_key(limit, who, now), window],
        )
        hits: int = cursor.fetchone()[0]
    return hits <= int(most)


def _key(limit: str, who: str, now: datetime) -> bytes:
    # The day is in the key, so yesterday's rows cannot be matched with today's.
    text = f"{now.date()}|{limit}|{who}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), b"hub.ratelimit|" + text, hashlib.sha256)


def cache_key(key: str, prefix: str, version: int) -> str:
    """Under what the cache keeps something: allauth writes networks and codes into its keys."""
    text = f"hub.cache|{prefix}|{version}|{key}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), text, hashlib.sha256).hex()


def network_of(request: HttpRequest) -> str:
    """The visitor's network: one IPv4 address, or an IPv6 /64.

    X-Forwarded-For counts only as many steps from the right as there are proxies of ours
    (HUB_TRUSTED_PROXIES); anything a visitor writes there is further left.
    """
    text = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.TRUSTED_PROXIES and forwarded:
        hops = forwarded.split(",")
        if len(hops) >= settings.TRUSTED_PROXIES:
            text = hops[-settings.TRUSTED_PROXIES].strip()
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    prefix = 32 if address.version == 4 else 64
    return str(ip_network(f"{address}/{prefix}", strict=False))


def forget(now: datetime) -> None:
    """Delete counts older than a day, and of sign-in's whatever has had its time."""
    RateCount.objects.filter(window__lt=now - timedelta(days=1)).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM hub_cache WHERE expires < %s", [now])
