"""The way to the mail server: ESMTP, over verified TLS wherever it leaves the machine.

Knows: twisted's SMTP client, that a peer is judged before it is told anything, what a mail looks like on the wire.
Must not know: what a mail is about, when to try again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from io import BytesIO
from typing import Any, Final, Literal

import structlog
from OpenSSL.SSL import Error as TlsError
from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.internet.interfaces import IHandshakeListener
from twisted.mail.smtp import ESMTPSender, ESMTPSenderFactory, SMTPClientError
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import implementer

from edge_node.errors import Refused, Unavailable
from edge_node.model.letter import Letter, Taken
from edge_node.wire.broken_way import in_words
from edge_node.wire.http1_transport import tls_of
from edge_node.wire.trust import LocalClientTls

log = structlog.get_logger()

_CODE: Final = "EN-MAIL-FAILED"
_LATER, _REFUSED = 400, 500  # the first status of those that ask to come back, and of those that do not


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail goes."""

    host: str
    port: int
    mode: Literal["starttls", "implicit", "none"]
    tls: LocalClientTls | None  # None only for a mail server on this machine
    user: str | None
    password: str | None = field(repr=False)
    timeout_s: float


class MailDoor:
    """Hands mail to one server, a connection for each: it is seldom."""

    def __init__(self, server: MailServer, reactor: Any) -> None:
        if server.tls is None and server.mode != "none":
            raise ValueError("TLS without anything to judge it by")
        self._server = server
        self._reactor = reactor

    async def send(self, letter: Letter) -> Taken:
        """Return for whom the server did not take it.

        Raises `Unavailable` (EN-MAIL-FAILED) where it took it for nobody.
        """
        done: Deferred[Any] = Deferred()
        factory = _SenderFactory(self._server, letter, done)
        connector = self._connect(factory)
        done.addTimeout(self._server.timeout_s, self._reactor)
        try:
            _, answered = await done
        except (TimeoutError, CancelledError) as error:
            connector.disconnect()
            raise Unavailable("the mail server did not take it in time", code=_CODE) from error
        except SMTPClientError as error:
            raise Unavailable(factory.reason or _said(error), code=_CODE) from error
        except (OSError, TlsError) as error:
            raise Unavailable(in_words(error), code=_CODE) from error
        return _taken(answered)

    def _connect(self, factory: "_SenderFactory") -> Any:
        server = self._server
        served: Any = factory
        if server.mode == "implicit" and server.tls is not None:
            served = TLSMemoryBIOFactory(server.tls, True, factory, self._reactor)
        return self._reactor.connectTCP(server.host, server.port, served, timeout=server.timeout_s)


@implementer(IHandshakeListener)
class _Sender(ESMTPSender):
    """Sends one mail to a server that was judged first."""

    def handshakeCompleted(self) -> None:
        """Judge the server before it hears a name, a password or a mail."""
        transport: Any = self.transport
        # After STARTTLS the transport is still the plain one, with the TLS between it and us.
        connection, tls = tls_of(transport) or tls_of(transport.protocol), self.factory.server.tls
        assert connection is not None
        assert tls is not None
        try:
            tls.judge(connection)
        except Refused as refusal:
            self.factory.reason = refusal.code
            transport.abortConnection()


class _SenderFactory(ESMTPSenderFactory):
    """Makes that sender; never tries again by itself, never goes on without TLS where there must be some."""

    protocol = _Sender
    noisy = False

    def __init__(self, server: MailServer, letter: Letter, done: "Deferred[Any]") -> None:
        self.server = server
        self.reason = ""
        super().__init__(  # type: ignore[no-untyped-call]
            (server.user or "").encode(),
            (server.password or "").encode(),
            letter.sender,
            list(dict.fromkeys(letter.to)),
            BytesIO(written(letter)),
            done,
            retries=0,
            timeout=server.timeout_s,
            contextFactory=server.tls,
            requireAuthentication=server.user is not None,
            requireTransportSecurity=server.mode != "none",
            heloFallback=server.mode == "none" and server.user is None,
        )
        self.domain = letter.sender.rpartition("@")[2].encode()

    def _removeDeferred(self, result: Any) -> Any:  # noqa: N802  twisted's name
        """What the connection says once the mail is given up is heard by nobody."""
        self.sendFinished = True
        self.result = Deferred()
        self.result.addErrback(lambda _: None)
        return result


def _taken(answered: Sequence[tuple[bytes, int, bytes]]) -> Taken:
    refused = {address.decode(): status for address, status, _ in answered if status >= _REFUSED}
    if refused:
        log.warning("mail.address-refused", addresses=len(refused), statuses=list(refused.values()))
    later = tuple(address.decode() for address, status, _ in answered if _LATER <= status < _REFUSED)
    return Taken(put_off=later, refused=tuple(refused))


def written(letter: Letter) -> bytes:
    """Return a mail as it goes over the wire."""
    message = EmailMessage(policy=SMTP)
    message["From"] = letter.sender
    message["To"] = ", ".join(letter.to)
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(datetime.fromtimestamp(letter.at_s, UTC))
    message["Message-ID"] = f"<{letter.name}@{letter.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office answers (RFC 3834)
    message["X-Auto-Response-Suppress"] = "All"  # nor those of Exchange, which knows only its own header
    if letter.is_urgent:
        message["Importance"] = "high"
    message.set_content(letter.text, cte="quoted-printable")
    return message.as_bytes().replace(b"\r\n", b"\n")  # twisted's client makes the line ends


def _one_line(text: str) -> str:
    """A subject may hold what a certificate calls itself: no line end of it may end the header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _said(error: SMTPClientError) -> str:
    """What the server answered, without its words: they may name the addresses."""
    return f"the mail server refused it (SMTP status {error.code})" if error.code > 0 else "the mail server broke off"
