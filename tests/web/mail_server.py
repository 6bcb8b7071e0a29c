"""A real SMTP server on this machine, which keeps what it gets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from assistant.mail import Mailer
from assistant.settings import Settings

controller = pytest.importorskip("aiosmtpd.controller", reason="pip install -e '.[dev]'")


class Inbox:
    """What an SMTP server got; it takes mail for example.com alone."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if not address.endswith("@example.com"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@dataclass
class MailServer:
    port: int
    inbox: Inbox

    def mailer(self, url: str = "smtp://127.0.0.1:{port}") -> Mailer:
        settings = Settings(smtp_url=url.format(port=self.port), smtp_sender="shop@example.com")  # type: ignore[arg-type]
        mailer = Mailer.of(settings)
        assert mailer is not None
        return mailer


@contextmanager
def receiving() -> Iterator[MailServer]:
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = controller.Controller(inbox, hostname="127.0.0.1", port=port, ready_timeout=60)
    server.start()
    yield MailServer(port, inbox)
    server.stop()
