"""A mail server on loopback that keeps what it takes, and can be held at any step."""

import asyncio
import logging
import socket
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

logging.getLogger("mail.log").setLevel(logging.WARNING)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


class Sink:
    """Set `hold_at` to MAIL, RCPT, DATA (not taken yet) or TAKEN (taken, answer outstanding).

    The `hold_nth` conversation that comes there waits: `held` is set, until `let_go()`.
    `refuse` maps a recipient to the answer it gets instead of 250.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.refuse: dict[str, str] = {}
        self.hold_at, self.hold_nth = "", 1
        self.held, self._go = threading.Event(), threading.Event()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def port(self) -> int:
        return int(self.controller.port)

    @property
    def message_ids(self) -> list[str]:
        return [str(message["Message-ID"]) for _, message in self.taken]

    def let_go(self) -> None:
        self._go.set()

    async def _step(self, name: str) -> bool:
        """Whether this conversation was the one to be held here."""
        if name != self.hold_at:
            return False
        self.hold_nth -= 1
        if self.hold_nth != 0:
            return False
        self.held.set()
        while not self._go.is_set():
            await asyncio.sleep(0.01)
        return True

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        await self._step("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        await self._step("RCPT")
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if await self._step("DATA"):
            return "451 The client has gone meanwhile"
        message = message_from_bytes(envelope.content, EmailMessage, policy=default)
        self.taken.append((envelope.rcpt_tos, message))
        await self._step("TAKEN")
        return "250 OK"
