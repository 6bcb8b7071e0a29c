"""Send a mail over the shop's SMTP server: plain text, to one person.

    mailer = Mailer.of(settings)        None where no server is set
    mailer.send("mia@example.com", "Your conversation", text)

`smtp://` takes STARTTLS where the server offers it and gives a password over nothing less; `smtps://` is TLS from the
first byte.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from assistant.settings import Settings

PORTS = {"smtp": 587, "smtps": 465}  # for submission, RFC 8314 and RFC 6409
TIMEOUT_S = 15


class Undeliverable(RuntimeError):
    """The mail server did not take the mail. Says why, without the address or a secret."""


@dataclass(frozen=True)
class Mailer:
    scheme: str
    host: str
    port: int
    sender: Address
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Mailer | None:
        if settings.smtp_url is None or settings.smtp_sender is None:
            return None
        url = urlsplit(settings.smtp_url.get_secret_value())
        return cls(
            scheme=url.scheme,
            host=url.hostname or "",
            port=url.port or PORTS[url.scheme],
            sender=Address(addr_spec=settings.smtp_sender),
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
        )

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand one mail to the server. Raises Undeliverable."""
        try:
            mail = letter(self.sender, Address(addr_spec=to), subject, text)
        except (MessageError, ValueError, IndexError) as error:  # what the parser of addresses raises, the last for ""
            raise Undeliverable("The address or the subject is none that a mail can have.") from error
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(mail)
        except (smtplib.SMTPException, OSError) as error:
            raise Undeliverable(f"The mail server {self.host}:{self.port} did not take it: {reason(error)}.") from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.scheme == "smtps":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self.user:
                raise smtplib.SMTPException("it offers no TLS, and a password is not sent without")
        except BaseException:
            server.close()
            raise
        return server


def letter(sender: Address, to: Address, subject: str, text: str) -> EmailMessage:
    """Raises ValueError where a header would hold a line break."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=sender.domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence note answers it
    mail.set_content(text)
    return mail


def reason(error: Exception) -> str:
    """What went wrong, without what the server quotes: it may be the shopper's address."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}, code {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "it refused the recipient"
    return str(error) or type(error).__name__
