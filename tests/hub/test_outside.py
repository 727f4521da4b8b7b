"""Which addresses the hub connects to, and that a name cannot change its meaning between."""

import socket
import threading
import time

import httpcore
import pytest

from hub import outside

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:81b::200e",
    "2001:4860:4860::8888",
    # 8.8.8.8 as a network without IPv4 sees it.
    "64:ff9b::808:808",
]
NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    # IPv4 within IPv6: mapped, compatible, NAT64, 6to4, Teredo.
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
    "",
    "localhost",
    "example.org",
    "127.1",
    "0x7f000001",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address):
    assert outside.is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_not_public(address):
    assert not outside.is_public(address)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1", "127.0.0.1", "::1"]
)
def test_each_spelling_of_an_address_is_read_as_what_it_is(host):
    with pytest.raises(outside.NotPublic):
        outside.addresses(host, outside.is_public, outside.system_resolve, 5)


def found(*addresses: str):
    return outside.addresses("example.org", outside.is_public, lambda host: addresses, 5)


def test_one_address_that_is_not_public_spoils_all():
    assert found("1.1.1.1", "8.8.8.8") == ["1.1.1.1", "8.8.8.8"]
    for row in (["1.1.1.1", "10.0.0.1"], ["10.0.0.1", "1.1.1.1"], ["1.1.1.1", "::1"]):
        with pytest.raises(outside.NotPublic):
            found(*row)


def test_a_name_without_an_address():
    with pytest.raises(outside.NoSuchHost):
        found()


@pytest.mark.parametrize("error", [socket.gaierror, OSError, UnicodeError])
def test_a_name_that_cannot_be_asked_for(error):
    def resolve(host):
        raise error

    with pytest.raises(outside.NoSuchHost):
        outside.addresses("example.org", outside.is_public, resolve, 5)


def test_a_resolver_that_hangs_is_not_waited_for():
    let_go = threading.Event()

    def resolve(host):
        let_go.wait(30)
        return ["1.1.1.1"]

    with pytest.raises(httpcore.ConnectTimeout):
        outside.addresses("example.org", outside.is_public, resolve, 0.01)
    let_go.set()


class TestBackend:
    @pytest.fixture
    def listening(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield server

    def backend(self, resolve, seconds=5.0, most_bytes=100):
        return outside.Backend(
            time.monotonic() + seconds, most_bytes, lambda a: a.startswith("127.0.0."), resolve
        )

    def test_a_name_is_resolved_once_and_connected_to_what_was_checked(self, listening):
        """The second answer, which the guard would refuse, is never asked for."""
        answers = [["127.0.0.1"], ["169.254.169.254"]]
        backend = self.backend(lambda host: answers.pop(0))
        stream = backend.connect_tcp("rebinding.example", listening.getsockname()[1])
        assert stream.get_extra_info("server_addr") == listening.getsockname()
        assert answers == [["169.254.169.254"]]
        stream.close()

    def test_the_next_address_is_tried_where_one_takes_no_connection(self, listening):
        backend = self.backend(lambda host: ["127.0.0.2", "127.0.0.1"])
        stream = backend.connect_tcp("two.example", listening.getsockname()[1])
        assert stream.get_extra_info("server_addr") == listening.getsockname()
        stream.close()

    def test_an_address_that_is_not_allowed_is_not_connected_to(self, listening):
        backend = self.backend(lambda host: ["127.0.0.1", "127.0.1.1"])
        with pytest.raises(outside.NotPublic):
            backend.connect_tcp("mixed.example", listening.getsockname()[1])
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()

    def test_time_is_for_all_together(self, listening):
        backend = self.backend(lambda host: ["127.0.0.1"], seconds=-1)
        with pytest.raises(httpcore.ConnectTimeout):
            backend.connect_tcp("late.example", listening.getsockname()[1])

    def test_no_more_is_read_than_agreed(self, listening):
        stream = self.backend(lambda host: ["127.0.0.1"], most_bytes=10).connect_tcp(
            "much.example", listening.getsockname()[1]
        )
        peer, _ = listening.accept()
        with peer:
            peer.sendall(b"x" * 50)
            assert stream.read(1000) == b"x" * 10
            with pytest.raises(outside.TooMuch):
                stream.read(1000)
        stream.close()
