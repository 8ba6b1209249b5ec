"""A mail server that takes mail as a real one does: ESMTP, STARTTLS or TLS from the first byte, and a login."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import trustme
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from OpenSSL import SSL
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.protocol import Factory
from twisted.mail.imap4 import PLAINCredentials
from twisted.mail.smtp import (
    ESMTP,
    IMessage,
    IMessageDelivery,
    LOGINCredentials,
    SMTPBadRcpt,
    SMTPServerError,
)
from zope.interface import implementer

reactor: Any = _reactor


@implementer(IOpenSSLServerConnectionCreator)
class ServerTls:
    """Shows the certificate that a test authority issued for a name."""

    def __init__(self, authority: trustme.CA, name: str) -> None:
        issued = authority.issue_cert(name, key_type=trustme.KeyType.RSA)
        self._context = SSL.Context(SSL.TLS_METHOD)
        key = load_pem_private_key(issued.private_key_pem.bytes(), None)
        self._context.use_privatekey(key)
        self._context.use_certificate(load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()))

    def serverConnectionForTLS(self, _protocol: Any) -> SSL.Connection:
        return SSL.Connection(self._context, None)


@implementer(IMessage)
class _Incoming:
    def __init__(self, server: "MailServer", to: str) -> None:
        self._server, self._to, self._lines = server, to, []

    def lineReceived(self, line: bytes) -> None:
        self._lines.append(line)

    def eomReceived(self) -> Deferred[None]:
        if self._server.refuses_mail:
            return fail(SMTPServerError(451, b"not now"))
        self._server.take(self._to, message_from_bytes(b"\n".join(self._lines), policy=default))
        return succeed(None)

    def connectionLost(self) -> None:
        self._lines = []


@implementer(IMessageDelivery)
class _Delivery:
    def __init__(self, server: "MailServer") -> None:
        self._server = server

    def receivedHeader(self, _helo: Any, _origin: Any, _recipients: Any) -> bytes:
        return b"Received: here"

    def validateFrom(self, _helo: Any, origin: Any) -> Any:
        return origin

    def validateTo(self, user: Any) -> Any:
        if str(user.dest) in self._server.put_off:
            raise SMTPServerError(451, "greylisted, come back")
        if str(user.dest) in self._server.unknown:
            raise SMTPBadRcpt(user)
        return lambda: _Incoming(self._server, str(user.dest))


class _Realm:
    def __init__(self, server: "MailServer") -> None:
        self._server = server

    def requestAvatar(self, _who: Any, _mind: Any, *_interfaces: Any) -> Any:
        return IMessageDelivery, _Delivery(self._server), lambda: None


class MailServer(Factory):
    """Listens on loopback; `mails` holds what it took, with the address it was for."""

    noisy = False

    def __init__(self, tls: Any = None, *, implicit: bool = False) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.heard: list[bytes] = []  # every line of every client
        self.unknown: set[str] = set()
        self.put_off: set[str] = set()
        self.refuses_mail = False
        self.is_silent = False
        self.login: tuple[bytes, bytes] | None = None
        self.port = 0
        self._tls = tls
        self._implicit = implicit
        self._waiting: list[tuple[int, Deferred[None]]] = []
        self._open: set[Any] = set()
        self._listening: Any = None

    def up(self) -> None:
        """Listen."""
        where = {"interface": "127.0.0.1"}
        if self._implicit:
            self._listening = reactor.listenSSL(self.port, self, self._tls, **where)
        else:
            self._listening = reactor.listenTCP(self.port, self, **where)
        self.port = self._listening.getHost().port

    async def down(self) -> None:
        """Stop, and break every connection off."""
        if self._listening is not None:
            await self._listening.stopListening()
            self._listening = None
        gone = [protocol.gone for protocol in self._open]
        for protocol in tuple(self._open):
            protocol.transport.abortConnection()
        for each in gone:
            await each

    def buildProtocol(self, _address: Any) -> Any:
        protocol = _Session(self)
        protocol.factory = self
        return protocol

    def take(self, to: str, mail: EmailMessage) -> None:
        self.mails.append((to, mail))
        for count, waiting in tuple(self._waiting):
            if len(self.mails) >= count:
                self._waiting.remove((count, waiting))
                waiting.callback(None)

    async def has_taken(self, count: int) -> None:
        """Wait until it took that many mails in all."""
        if len(self.mails) < count:
            waiting: Deferred[None] = Deferred()
            self._waiting.append((count, waiting))
            await waiting


class _Session(ESMTP):
    def __init__(self, server: MailServer) -> None:
        challengers = {b"LOGIN": LOGINCredentials, b"PLAIN": PLAINCredentials} if server.login else {}
        tls = None if server._implicit else server._tls
        super().__init__(challengers, tls)
        self._server = server
        self.gone: Deferred[None] = Deferred()
        self.delivery = None if server.login else _Delivery(server)
        if server.login:
            user, password = server.login
            self.portal = Portal(
                _Realm(server), [InMemoryUsernamePasswordDatabaseDontUse(**{user.decode(): password})]
            )

    def connectionMade(self) -> None:
        self._server._open.add(self)
        if not self._server.is_silent:
            super().connectionMade()

    def connectionLost(self, reason: Any = None) -> None:
        self._server._open.discard(self)
        super().connectionLost(reason)
        self.gone.callback(None)

    def lineReceived(self, line: bytes) -> Any:
        self._server.heard.append(line)
        return super().lineReceived(line)
