"""A web server on this machine that misbehaves as it is told to, one way an address."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

# How long a slow answer waits between two letters: far less than the looks' own limits.
DRIP = 0.02


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Server:
    """`ways` by path: bytes to send, or a function that talks over the connection itself."""

    sock: socket.socket
    ways: dict[str, bytes | Callable[["Server", socket.socket, Request], None]]
    asked: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    tls: ssl.SSLContext | None = None

    @property
    def port(self) -> int:
        return int(self.sock.getsockname()[1])

    def serve(self) -> None:
        while not self.closing.is_set():
            try:
                peer, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=[peer], daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        peer.settimeout(10)
        with contextlib.suppress(OSError, ValueError), peer:
            if self.tls is not None:
                with self.tls.wrap_socket(peer, server_side=True) as secure:
                    self._answer(secure)
            else:
                self._answer(peer)

    def _answer(self, peer: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            more = peer.recv(4096)
            if not more:
                return
            head += more
            if head[0] == 0x16:
                # A greeting of TLS, to a server that speaks none.
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        request = Request(method, path, headers)
        self.asked.append(request)
        way = self.ways[path]
        if isinstance(way, bytes):
            peer.sendall(way)
        else:
            way(self, peer, request)


@contextlib.contextmanager
def running(
    ways: dict[str, bytes | Callable[[Server, socket.socket, Request], None]],
    tls: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    server = Server(socket.create_server(("127.0.0.1", 0)), ways, tls=tls)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        # Wakes accept(), which closing the socket would not.
        with contextlib.suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)
        server.sock.close()
        thread.join(10)


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def redirect(status: int, location: bytes) -> bytes:
    return b"HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location)


def on(
    **by_method: bytes | Callable[[Server, socket.socket, Request], None],
) -> Callable[[Server, socket.socket, Request], None]:
    """One way for HEAD, another for GET."""

    def talk(server: Server, peer: socket.socket, request: Request) -> None:
        way = by_method[request.method.lower()]
        if isinstance(way, bytes):
            peer.sendall(way)
        else:
            way(server, peer, request)

    return talk


def hang(server: Server, peer: socket.socket, request: Request) -> None:
    server.closing.wait(10)


def drip(start: bytes, piece: bytes) -> Callable[[Server, socket.socket, Request], None]:
    """`start` at once, then a piece at a time for as long as somebody listens."""

    def talk(server: Server, peer: socket.socket, request: Request) -> None:
        peer.sendall(start)
        while not server.closing.wait(DRIP):
            peer.sendall(piece)

    return talk


def flood(start: bytes, piece: bytes) -> Callable[[Server, socket.socket, Request], None]:
    """Without end and as fast as it goes; counts what was sent in `server.sent`."""

    def talk(server: Server, peer: socket.socket, request: Request) -> None:
        peer.sendall(start)
        while not server.closing.is_set():
            peer.sendall(piece)

    return talk
