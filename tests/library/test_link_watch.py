"""A look at a link, at a server that misbehaves in each way."""

import datetime
import gzip
import ipaddress
import socket
import ssl
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from library.link_rules import Finding, Hop, Meaning, Trouble, meaning
from library.link_watch import Limits, Outside, look
from tests.library import misbehaving
from tests.library.misbehaving import answer, drip, flood, hang, on, redirect

# Short for what must run out of time, long for what must not.
SHORT = Limits(seconds=0.3)
LONG = Limits(seconds=10)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def resolve(host: str) -> list[str]:
    known = {
        "site.test": ["127.0.0.1"],
        "xn--bcher-kva.test": ["127.0.0.1"],
        "127.0.0.1": ["127.0.0.1"],
        "127.0.0.2": ["127.0.0.2"],
        "10.0.0.1": ["10.0.0.1"],
        "inside.test": ["192.168.1.1"],
        "both.test": ["127.0.0.1", "169.254.169.254"],
    }
    if host not in known:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    return known[host]


def closes_early(server, peer, request):
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-")


def closes_in_the_body(server, peer, request):
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")


def says_nothing(server, peer, request):
    return


BOMB = gzip.compress(b"\0" * 10_000_000)
WAYS = {
    "/200": answer("200 OK", body=b""),
    "/": answer("200 OK", body=b""),
    "/404": answer("404 Not Found"),
    "/410": answer("410 Gone"),
    "/403": answer("403 Forbidden"),
    "/429": answer("429 Too Many Requests", "Retry-After: 10"),
    "/500": answer("500 Oh"),
    "/999": answer("999 No"),
    "/no-head": on(head=answer("405 Method Not Allowed"), get=answer("200 OK", body=b"x")),
    "/head-501": on(head=answer("501 Not Implemented"), get=answer("200 OK", body=b"x")),
    "/head-404": on(head=answer("404 Not Found"), get=answer("200 OK", body=b"x")),
    "/head-403": on(head=answer("403 Forbidden"), get=answer("200 OK", body=b"x")),
    "/head-hangs": on(head=hang, get=answer("200 OK", body=b"x")),
    "/head-hangs-up": on(head=says_nothing, get=answer("200 OK", body=b"x")),
    "/get-404": on(head=answer("405 No"), get=answer("404 Not Found")),
    "/round": redirect(302, b"/round"),
    "/a": redirect(301, b"/b"),
    "/b": redirect(308, b"b/c?x=1#part"),
    "/b/c?x=1": answer("200 OK"),
    "/to-404": redirect(301, b"/404"),
    "/to-front": redirect(301, b"/"),
    **{f"/hop{number}": redirect(302, b"/hop%d" % (number + 1)) for number in range(6)},
    "/hop6": answer("200 OK"),
    "/see-other": redirect(303, b"/200"),
    "/for-now": redirect(307, b"/200"),
    "/nowhere": answer("302 Found"),
    "/to-private": redirect(302, b"http://10.0.0.1/"),
    "/to-inside": redirect(302, b"http://inside.test/"),
    "/to-loopback": redirect(302, b"http://127.0.0.2/"),
    "/to-gone": redirect(302, b"http://gone.test/"),
    "/to-file": redirect(302, b"file:///etc/passwd"),
    "/to-script": redirect(302, b"javascript:alert(1)"),
    "/to-port": redirect(302, b"http://site.test:22/"),
    "/to-person": redirect(302, b"http://me:secret@site.test/"),
    "/to-control": redirect(302, b"http://site.test/\x01"),
    "/to-utf8": redirect(302, "/gu\u00eda".encode()),
    "/to-latin1": redirect(302, "/gu\u00eda".encode("latin-1")),
    "/gu%C3%ADa": answer("200 OK"),
    "/flood": on(head=answer("405 No"), get=flood(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n")),
    "/drip": on(head=answer("405 No"), get=drip(CHUNKED, b"1\r\nx\r\n")),
    "/no-body": on(head=answer("405 No"), get=drip(CHUNKED, b"")),
    "/slow-headers": drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
    "/slow-first-line": drip(b"HTTP", b""),
    "/hangs": hang,
    "/closes": says_nothing,
    "/closes-early": closes_early,
    "/closes-in-body": on(head=answer("405 No"), get=closes_in_the_body),
    "/garbage": b"\x16\x03\x01 what is this\r\n\r\n",
    "/ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "/giant-header": flood(b"HTTP/1.1 200 OK\r\nX-Much: ", b"x" * 4096),
    "/many-headers": flood(b"HTTP/1.1 200 OK\r\n", b"X-Much: x\r\n" * 400),
    "/continues": flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "/bomb": on(head=answer("405 No"), get=answer("200 OK", "Content-Encoding: gzip", body=BOMB)),
    "/cookie": redirect(302, b"/200\r\nSet-Cookie: a=b"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.running(WAYS) as server:
        yield server


@pytest.fixture
def world(server) -> Outside:
    """This one server, by its names, is all there is of the world."""
    server.asked.clear()
    return Outside(
        allowed=lambda address: address == "127.0.0.1",
        resolve=resolve,
        ports=frozenset({server.port, 80}),
    )


@pytest.fixture
def seen(server, world):
    """Look at a path of the server."""

    def seen(path: str, limits: Limits = LONG, host: str = "site.test") -> Finding:
        return look(f"http://{host}:{server.port}{path}", limits, world)

    return seen


@pytest.mark.parametrize(
    ("path", "status", "methods"),
    [
        ("/200", 200, "HEAD"),
        ("/404", 404, "HEAD GET"),
        ("/410", 410, "HEAD GET"),
        ("/403", 403, "HEAD GET"),
        ("/429", 429, "HEAD GET"),
        ("/500", 500, "HEAD GET"),
        ("/999", 999, "HEAD GET"),
        ("/no-head", 200, "HEAD GET"),
        ("/head-501", 200, "HEAD GET"),
        ("/head-404", 200, "HEAD GET"),
        ("/head-403", 200, "HEAD GET"),
        ("/head-hangs-up", 200, "HEAD GET"),
        ("/get-404", 404, "HEAD GET"),
        # All that was sent is far more than is read; that it began is enough.
        ("/flood", 200, "HEAD GET"),
        ("/drip", 200, "HEAD GET"),
        ("/bomb", 200, "HEAD GET"),
    ],
)
def test_a_status(server, seen, path, status, methods):
    finding = seen(path)
    assert (finding.status, finding.trouble, finding.hops) == (status, None, ())
    assert " ".join(request.method for request in server.asked) == methods


def test_a_head_that_hangs_leaves_time_to_ask_in_full(seen):
    assert seen("/head-hangs", Limits(seconds=10, head_share=0.02)).status == 200


@pytest.mark.parametrize(
    ("path", "trouble", "limits"),
    [
        ("/round", Trouble.ENDLESS, LONG),
        ("/hop0", Trouble.ENDLESS, LONG),
        ("/nowhere", Trouble.NOWHERE, LONG),
        ("/to-gone", Trouble.NO_SUCH_HOST, LONG),
        ("/hangs", Trouble.TIMEOUT, SHORT),
        ("/slow-headers", Trouble.TIMEOUT, SHORT),
        ("/slow-first-line", Trouble.TIMEOUT, SHORT),
        ("/no-body", Trouble.TIMEOUT, SHORT),
        ("/closes", Trouble.NOT_HTTP, LONG),
        ("/closes-early", Trouble.NOT_HTTP, LONG),
        ("/closes-in-body", Trouble.NOT_HTTP, LONG),
        ("/garbage", Trouble.NOT_HTTP, LONG),
        ("/ssh", Trouble.NOT_HTTP, LONG),
        ("/giant-header", Trouble.TOO_MUCH, LONG),
        ("/many-headers", Trouble.TOO_MUCH, LONG),
        ("/continues", Trouble.TOO_MUCH, LONG),
    ],
)
def test_trouble(seen, path, trouble, limits):
    assert seen(path, limits).trouble is trouble


@pytest.mark.parametrize(
    "path",
    [
        "/to-private",
        "/to-inside",
        "/to-loopback",
        "/to-file",
        "/to-script",
        "/to-port",
        "/to-person",
        "/to-control",
    ],
)
def test_a_step_to_what_we_do_not_open_is_not_taken(server, seen, path):
    finding = seen(path)
    assert finding.trouble is Trouble.REFUSED
    assert meaning(finding) is Meaning.UNKNOWN
    assert [request.path for request in server.asked] == [path]


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "http://inside.test/",
        "http://both.test/",
        "http://localhost/",
        "http://localhost./",
        "http://hub.localhost/",
        "http://me:secret@site.test/",
        "http://me@site.test/",
        "http://site.test:22/",
        "ftp://site.test/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//site.test/",
        "http://",
        "http://./",
        "http://[::1/",
        "http://site.test\x00/",
        "http://xn--a/",
        "http://" + "a" * 70 + "\u00fc.test/",
        "no address",
        "",
    ],
)
def test_what_is_not_opened_at_all(server, world, url):
    finding = look(url, LONG, world)
    assert meaning(finding) is not Meaning.WORKS
    assert finding.trouble in {Trouble.REFUSED, Trouble.NO_SUCH_HOST}
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://127.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[fd00:ec2::254]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://0/",
        "http://\uff11\uff12\uff17.0.0.1/",
    ],
)
def test_as_the_hub_runs_no_spelling_of_an_inner_address_is_opened(url):
    finding = look(url, LONG)
    assert finding.trouble is Trouble.REFUSED, finding


def test_redirects_are_followed_and_remembered(server, seen):
    base = f"http://site.test:{server.port}"
    finding = seen("/a")
    assert finding.status == 200
    assert finding.hops == (Hop(301, f"{base}/b"), Hop(308, f"{base}/b/c?x=1#part"))
    assert [request.path for request in server.asked] == ["/a", "/b", "/b/c?x=1"]
    assert seen("/to-404").status == 404
    assert seen("/to-front").hops == (Hop(301, f"{base}/"),)
    assert [seen(path).status for path in ("/see-other", "/for-now")] == [200, 200]


def test_five_steps_and_no_more(server, seen):
    assert seen("/hop1").status == 200
    assert seen("/hop0").trouble is Trouble.ENDLESS


@pytest.mark.parametrize("path", ["/to-utf8", "/to-latin1"])
def test_a_step_written_in_other_letters(seen, path):
    assert seen(path).status == 200


@pytest.mark.parametrize("host", ["b\u00fccher.test", "SITE.test", "site.test.", "127.0.0.1"])
def test_a_name_in_any_spelling(server, seen, host):
    assert seen("/200", host=host).status == 200
    assert len(server.asked) == 1


def test_a_name_nobody_knows(world):
    assert look("http://gone.test/", LONG, world).trouble is Trouble.NO_SUCH_HOST


def test_a_site_that_takes_no_connection(world):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    world = Outside(world.allowed, world.resolve, frozenset({port}))
    assert look(f"http://site.test:{port}/", LONG, world).trouble is Trouble.NO_CONNECTION


def test_it_says_who_asks_and_carries_nothing(server, seen, monkeypatch):
    # Taken from the environment, they would send every look to somebody else.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert seen("/cookie").status == 200
    assert [request.path for request in server.asked] == ["/cookie", "/200"]
    for request in server.asked:
        assert request.headers["user-agent"] == "CAST-hub-link-check/1.0 (+http://testserver)"
        assert request.headers["host"] == f"site.test:{server.port}"
        assert request.headers["accept-encoding"] == "identity"
        assert not {"cookie", "authorization", "referer"} & set(request.headers)


def test_each_step_is_resolved_once_an_asking_and_goes_to_what_was_checked(server, world):
    """A name that is private the second time: the step after it is refused, not taken."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    world = Outside(world.allowed, lambda host: answers.pop(0), world.ports)
    finding = look(f"http://rebinding.test:{server.port}/a", LONG, world)
    assert finding.trouble is Trouble.REFUSED
    assert answers == []
    assert [request.path for request in server.asked] == ["/a"]


def test_our_own_mistakes_are_not_the_sites(world):
    def mistake(address: str) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look("http://site.test/", LONG, Outside(mistake, resolve, world.ports))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Key and certificate of site.test, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site.test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("site.test"), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


class TestCertificates:
    """A site whose certificate is for another name, whose signer nobody knows, or is right."""

    @pytest.fixture
    def secure(self, made):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made)
        with misbehaving.running(WAYS, tls=context) as server:
            yield server

    def seen(self, server, host, tls=None, path="/200"):
        world = Outside(
            lambda address: address == "127.0.0.1", resolve, frozenset({server.port}), tls
        )
        return look(f"https://{host}:{server.port}{path}", LONG, world)

    def test_one_nobody_signed(self, secure):
        assert self.seen(secure, "site.test").trouble is Trouble.BAD_CERTIFICATE
        assert secure.asked == []

    def test_one_for_another_name(self, secure, made):
        trusting = ssl.create_default_context(cafile=made)
        assert self.seen(secure, "127.0.0.1", trusting).trouble is Trouble.BAD_CERTIFICATE
        assert secure.asked == []

    def test_the_right_one(self, secure, made):
        trusting = ssl.create_default_context(cafile=made)
        assert self.seen(secure, "site.test", trusting).status == 200
        assert self.seen(secure, "site.test.", trusting).status == 200

    def test_https_that_is_none(self, server):
        assert self.seen(server, "site.test").trouble is Trouble.BAD_CERTIFICATE

    @pytest.mark.parametrize("code", [20, 21])
    def test_a_chain_that_is_not_whole_may_be_whole_for_a_browser(self, secure, monkeypatch, code):
        def fails(*args, **kwargs):
            error = ssl.SSLCertVerificationError(1, "unable to get local issuer certificate")
            error.verify_code = code
            raise error

        tls = ssl.create_default_context()
        monkeypatch.setattr(tls, "wrap_socket", fails, raising=False)
        finding = self.seen(secure, "site.test", tls)
        assert finding.trouble is Trouble.UNPROVEN_CERTIFICATE
        assert meaning(finding) is Meaning.UNKNOWN
