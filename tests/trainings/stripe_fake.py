"""A payment service on this machine that answers the real client like Stripe does.

It keeps sessions and refunds in memory and remembers what it was asked. A test moves it on
(`pay`, `expire`, `refund`) and takes from it the signed messages it would send.
"""

import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

SECRET_KEY = "sk_test_only_here"
WEBHOOK_SECRET = "whsec_only_here"


class FakeStripe:
    def __init__(self) -> None:
        self.sessions: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}
        self.asked: list[tuple[str, str, dict, dict]] = []
        self.down = self.refuses_refunds = False
        self.base = ""
        self._answers: dict[str, dict] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    # What happens at the service

    def pay(self, session_id: str, *, amount=None, currency="usd", status="paid") -> dict:
        session = self.sessions[session_id]
        session |= {
            "status": "complete",
            "payment_status": status,
            "payment_intent": session["payment_intent"] or f"pi_{next(self._numbers)}",
            "amount_total": session["amount_total"] if amount is None else amount,
            "currency": currency,
        }
        return session

    def expire(self, session_id: str) -> dict:
        session = self.sessions[session_id]
        if session["status"] == "open":
            session["status"] = "expired"
        return session

    def refund(self, payment_intent: str, amount: int, metadata=None) -> dict:
        refund = {
            "id": f"re_{next(self._numbers)}",
            "object": "refund",
            "amount": amount,
            "currency": "usd",
            "payment_intent": payment_intent,
            "status": "succeeded",
            "metadata": metadata or {},
        }
        self.refunds[refund["id"]] = refund
        return refund

    def event(self, kind: str, thing: dict, number: str = "") -> dict:
        """A message of the service; one number makes it the same message."""
        return {
            "id": number or f"evt_{next(self._numbers)}",
            "object": "event",
            "type": kind,
            "data": {"object": dict(thing)},
        }

    # What it answers

    def answer(self, method: str, path: str, params: dict, headers: dict) -> tuple[int, dict]:
        with self._lock:
            self.asked.append((method, path, params, headers))
            if self.down:
                return 503, _error("api_error", "down")
            if headers.get("authorization") != f"Bearer {SECRET_KEY}":
                return 401, _error("invalid_request_error", "no such key")
            key = headers.get("idempotency-key")
            if key in self._answers:
                kept = self._answers[key]
                if kept["params"] != params:
                    return 400, _error("idempotency_error", "other parameters")
                return 200, kept["answer"]
            status, answer = self._route(method, path, params)
            if key and status == 200:
                self._answers[key] = {"params": params, "answer": answer}
            return status, answer

    def _route(self, method: str, path: str, params: dict) -> tuple[int, dict]:
        match [method, *path.strip("/").split("/")]:
            case ["POST", "v1", "checkout", "sessions"]:
                return 200, self._new_session(params)
            case ["GET", "v1", "checkout", "sessions"]:
                return 200, _list(path, self.sessions, params["payment_intent"])
            case ["GET", "v1", "checkout", "sessions", number] if number in self.sessions:
                return 200, self.sessions[number]
            case ["POST", "v1", "checkout", "sessions", number, "expire"]:
                if self.sessions[number]["status"] != "open":
                    return 400, _error("invalid_request_error", "not open")
                return 200, self.expire(number)
            case ["GET", "v1", "refunds"]:
                return 200, _list(path, self.refunds, params["payment_intent"])
            case ["POST", "v1", "refunds"]:
                if self.refuses_refunds:
                    return 400, _error("invalid_request_error", "already refunded")
                metadata = {
                    name[len("metadata[") : -1]: value
                    for name, value in params.items()
                    if name.startswith("metadata[")
                }
                amount = int(params["amount"])
                return 200, self.refund(params["payment_intent"], amount, metadata)
        return 404, _error("invalid_request_error", "no such thing")

    def _new_session(self, params: dict) -> dict:
        number = f"cs_test_{next(self._numbers)}"
        price = "line_items[0][price_data]"
        session = {
            "id": number,
            "object": "checkout.session",
            "url": f"https://checkout.stripe.com/c/pay/{number}",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": int(params[f"{price}[unit_amount]"]),
            "currency": params[f"{price}[currency]"],
            "client_reference_id": params["client_reference_id"],
        }
        self.sessions[number] = session
        return session


def _list(path: str, things: dict[str, dict], payment_intent: str) -> dict:
    found = [one for one in things.values() if one["payment_intent"] == payment_intent]
    return {"object": "list", "url": path, "has_more": False, "data": found}


def _error(kind: str, message: str) -> dict:
    return {"error": {"type": kind, "message": message}}


@contextmanager
def running() -> Iterator[FakeStripe]:
    """The service, listening at `base` until the end."""
    fake = FakeStripe()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self._answer("POST", self.rfile.read(length).decode())

        def _answer(self, method: str, encoded: str) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = urlsplit(self.path).path
            status, answer = fake.answer(method, path, dict(parse_qsl(encoded)), headers)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if status >= 500:
                self.send_header("Stripe-Should-Retry", "false")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed(event: dict, secret: str = WEBHOOK_SECRET, at: int | None = None) -> tuple[bytes, str]:
    """A message's bytes and its Stripe-Signature: HMAC-SHA-256 over time, a dot and the body."""
    body = json.dumps(event)
    stamp = int(time.time()) if at is None else at
    mac = hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256)
    return body.encode(), f"t={stamp},v1={mac.hexdigest()}"


def tell(client, event: dict, **how):
    """Post a message to the hub's webhook, as the service does."""
    body, signature = signed(event, **how)
    return client.post(
        "/trainings/payments/webhook/",
        data=body,
        content_type="application/json",
        headers={"Stripe-Signature": signature},
    )
