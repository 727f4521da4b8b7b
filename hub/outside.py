"""Connections to addresses that others wrote down: to the public internet and nowhere else.

A name is resolved once, every address it has must be public, and the connection goes to
one of just those addresses: a name that means something else a moment later gains nothing.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore

# IANA's registry of special-purpose IPv4 addresses, multicast, and the one public address
# that is the machine's own cloud (Azure's 168.63.129.16).
_NOT_PUBLIC_4 = [
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
# Of IPv6 only what is handed out to networks is public, less what has an IPv4 address
# within (Teredo, 6to4), is for documents or for protocols.
_GLOBAL_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]
# A network without IPv4 sees the IPv4 internet here (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")

LONGEST_CONNECT = 5.0


class NotPublic(Exception):
    """The address is, or its name leads to, one that is not on the public internet."""


class NoSuchHost(Exception):
    """The name leads nowhere."""


class TooMuch(Exception):
    """More was sent than we read."""


Resolve = Callable[[str], Iterable[str]]


def is_public(address: str) -> bool:
    """Is this IP address, in any of its spellings, one of the public internet?"""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return is_public(str(ip_address(int(ip) & 0xFFFFFFFF)))
        return ip in _GLOBAL_6 and not any(ip in network for network in _NOT_PUBLIC_6)
    return not any(ip in network for network in _NOT_PUBLIC_4)


def system_resolve(host: str) -> list[str]:
    """Every address of a name, as this machine would connect to it.

    It also reads the spellings of IPv4 addresses that browsers read: 2130706433, 0x7f.1.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def addresses(
    host: str, allowed: Callable[[str], bool], resolve: Resolve, seconds: float
) -> list[str]:
    """The addresses of a host. Raises NotPublic if any is not allowed, NoSuchHost if there
    are none, and httpcore.ConnectTimeout after `seconds`."""
    answer: list[list[str]] = []

    def ask() -> None:
        try:
            answer.append(list(resolve(host)))
        except (OSError, UnicodeError):
            answer.append([])

    # The system's resolver takes no time limit, and may take half a minute.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(max(seconds, 0))
    if not answer:
        raise httpcore.ConnectTimeout
    if not answer[0]:
        raise NoSuchHost
    if not all(allowed(each) for each in answer[0]):
        raise NotPublic
    return answer[0]


class Backend(httpcore.NetworkBackend):
    """How httpcore reaches the network: guarded, and all of it within one time limit.

    `ends` (of time.monotonic) is for everything done over this backend together, so that a
    server that answers a letter at a time gains nothing; `most_bytes` is for all that is
    read of one connection, headers included. httpcore's own time limits are not used.
    """

    def __init__(
        self,
        ends: float,
        most_bytes: int,
        allowed: Callable[[str], bool] = is_public,
        resolve: Resolve = system_resolve,
    ) -> None:
        self.ends, self.most_bytes = ends, most_bytes
        self.allowed, self.resolve = allowed, resolve

    def left(self, error: type[Exception]) -> float:
        """Seconds left; raises the error once there are none."""
        seconds = self.ends - time.monotonic()
        if seconds <= 0:
            raise error
        return seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = addresses(host, self.allowed, self.resolve, self.left(httpcore.ConnectTimeout))
        failed: Exception = httpcore.ConnectError()
        for address in found:
            seconds = min(self.left(httpcore.ConnectTimeout), LONGEST_CONNECT)
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, timeout=seconds)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self)
        raise failed


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, backend: Backend) -> None:
        self.stream, self.backend = stream, backend
        self.bytes_left = backend.most_bytes

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self.bytes_left <= 0:
            raise TooMuch
        data = self.stream.read(
            min(max_bytes, self.bytes_left), self.backend.left(httpcore.ReadTimeout)
        )
        self.bytes_left -= len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.backend.left(httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self.backend.left(httpcore.ConnectTimeout)
        return _Stream(self.stream.start_tls(ssl_context, server_hostname, seconds), self.backend)

    def close(self) -> None:
        self.stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)
