"""One look at a link, as a careful reader would take it: no cookies, no script, little read.

It stands on httpcore, the half of httpx that talks: httpx.Client would follow redirects
without asking, keep cookies, unpack what it is sent and take proxies from the environment.
"""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import httpcore
import httpx
from django.conf import settings

from hub import outside
from library.link_rules import Finding, Hop, Trouble

REDIRECTS = {301, 302, 303, 307, 308}
# What OpenSSL says of a chain that lacks its middle; browsers fetch it or know it already.
_INCOMPLETE = {20, 21}


@dataclass(frozen=True)
class Limits:
    """`seconds` for the whole look, redirects included; `head_share` of what is left of
    them for a HEAD, so that one that hangs leaves time to ask in full; `most_bytes` of an
    answer, headers and body together."""

    seconds: float = 20
    head_share: float = 0.4
    hops: int = 5
    most_bytes: int = 64 * 1024


@dataclass(frozen=True)
class Outside:
    """What a look may reach, and how. Tests have another world than the hub."""

    allowed: Callable[[str], bool] = outside.is_public
    resolve: outside.Resolve = outside.system_resolve
    ports: frozenset[int] = frozenset({80, 443})
    tls: ssl.SSLContext | None = None


def look(url: str, limits: Limits = Limits(), world: Outside = Outside()) -> Finding:
    """Look at a link, follow where it leads, and say what was found, whatever it is.

    HEAD is asked first and believed where it says yes or leads on; everything else is
    asked again by GET, of whose body only the first bytes are read.
    """
    ends = time.monotonic() + limits.seconds
    finding = Finding(url)
    address = _address(url, world)
    while address is not None:
        try:
            status, leads_to = _asked(address, ends, limits, world)
        except Exception as error:
            trouble = _trouble(error)
            if trouble is None:
                raise
            return replace(finding, trouble=trouble)
        if status not in REDIRECTS:
            return replace(finding, status=status)
        if leads_to is None:
            return replace(finding, status=status, trouble=Trouble.NOWHERE)
        if len(finding.hops) == limits.hops:
            return replace(finding, status=status, trouble=Trouble.ENDLESS)
        here = _joined(address, leads_to)
        address = _address(here, world)
        if address is not None:
            finding = replace(finding, hops=(*finding.hops, Hop(status, here)))
    return replace(finding, trouble=Trouble.REFUSED)


def _address(url: str, world: Outside) -> httpx.URL | None:
    """The address if it is one we open: the web's, its usual ports, no name and password."""
    try:
        address = httpx.URL(url)
        host = address.raw_host.decode("ascii").rstrip(".")
        port = address.port or {"http": 80, "https": 443}[address.scheme]
        if not host or address.userinfo or port not in world.ports:
            return None
        if host == "localhost" or host.endswith(".localhost"):
            return None
        return address.copy_with(host=host, fragment=None)
    except (httpx.InvalidURL, KeyError, ValueError):
        return None


def _joined(address: httpx.URL, leads_to: str) -> str:
    try:
        return str(address.join(leads_to))
    except (httpx.InvalidURL, ValueError):
        return leads_to


def _asked(
    address: httpx.URL, ends: float, limits: Limits, world: Outside
) -> tuple[int, str | None]:
    """Status and Location of an address."""
    now = time.monotonic()
    soon = now + (ends - now) * limits.head_share
    try:
        status, leads_to = _request("HEAD", address, soon, limits, world)
        if 200 <= status < 300 or (status in REDIRECTS and leads_to is not None):
            return status, leads_to
    except (httpcore.ProtocolError, httpcore.ReadError, httpcore.ReadTimeout):
        # Some servers know no HEAD and hang up or hang.
        pass
    return _request("GET", address, ends, limits, world)


def _request(
    method: str, address: httpx.URL, ends: float, limits: Limits, world: Outside
) -> tuple[int, str | None]:
    backend = outside.Backend(ends, limits.most_bytes, world.allowed, world.resolve)
    headers = [
        (b"Host", address.netloc),
        (b"User-Agent", _name().encode()),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", b"identity"),
        (b"Connection", b"close"),
    ]
    url = httpcore.URL(
        scheme=address.raw_scheme,
        host=address.raw_host,
        port=address.port,
        target=address.raw_path,
    )
    with (
        httpcore.ConnectionPool(ssl_context=world.tls or _tls(), network_backend=backend) as pool,
        pool.stream(method, url, headers=headers) as answer,
    ):
        found = [value for name, value in answer.headers if name.lower() == b"location"]
        if method == "GET" and answer.status not in REDIRECTS:
            # Something must come, but it need not end.
            next(iter(answer.iter_stream()), b"")
        return answer.status, _text(found[0]) if found else None


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _name() -> str:
    return f"CAST-hub-link-check/1.0 (+{settings.BASE_URL})"


def _trouble(error: Exception) -> Trouble | None:
    """What an error of the network means; None for one that is our own mistake."""
    match error:
        case outside.NotPublic():
            return Trouble.REFUSED
        case outside.NoSuchHost():
            return Trouble.NO_SUCH_HOST
        case outside.TooMuch():
            return Trouble.TOO_MUCH
        case httpcore.TimeoutException():
            return Trouble.TIMEOUT
        case httpcore.ConnectError():
            # The pool raises it "from None", which takes its cause away but not its context.
            return _no_connection(error.__context__)
        case httpcore.NetworkError() | httpcore.ProtocolError():
            return Trouble.NOT_HTTP
    return None


def _no_connection(cause: BaseException | None) -> Trouble:
    match cause:
        case ssl.SSLCertVerificationError(verify_code=code) if code in _INCOMPLETE:
            return Trouble.UNPROVEN_CERTIFICATE
        case ssl.SSLError():
            return Trouble.BAD_CERTIFICATE
    return Trouble.NO_CONNECTION
