"""`openssl ocsp` as a responder: a process of its own on a port the system chose.

Knows: its command line, the index file of `openssl ca`.
Must not know: what is asked.
"""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from tests.wire.ocsp_double import Holder

reactor: Any = _reactor
OPENSSL = shutil.which("openssl")
_ACCEPTS = re.compile(rb"ACCEPT [^\n]*?:(\d+)[ \r\n]")


class Responder(ProcessProtocol):
    """One process. `ready` fires with its port."""

    transport: Any

    def __init__(self) -> None:
        self.ready: Deferred[int] = Deferred()
        self.gone: Deferred[None] = Deferred()
        self._said = b""

    def outReceived(self, data: bytes) -> None:
        self._said += data
        found = _ACCEPTS.search(self._said)
        if found and not self.ready.called:
            self.ready.callback(int(found[1]))

    def errReceived(self, data: bytes) -> None:
        self.outReceived(data)

    def processEnded(self, reason: Failure) -> None:
        if not self.ready.called:
            self.ready.errback(RuntimeError(self._said.decode(errors="replace")))
        self.gone.callback(None)

    async def stop(self) -> None:
        """End it."""
        try:
            self.transport.signalProcess("KILL")
        except ProcessExitedAlready:
            return
        await self.gone


def start(folder: Path, ca: Holder, signer: Holder, index: str, more: Sequence[str] = ()) -> Responder:
    """Start one that answers for `ca`, signed by `signer`, from the lines of an index; `more` is for its command."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ca.pem").write_bytes(ca.certificate.public_bytes(Encoding.PEM))
    (folder / "signer.pem").write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "signer.key").write_bytes(key)
    (folder / "index.txt").write_text(index, encoding="ascii")
    (folder / "index.txt.attr").write_text("unique_subject = no\n", encoding="ascii")
    told = ("-index", "index.txt", "-CA", "ca.pem", "-rsigner", "signer.pem", "-rkey", "signer.key")
    command = (str(OPENSSL), "ocsp", "-port", "0", *told, *more)
    responder = Responder()
    reactor.spawnProcess(responder, command[0], command, env={"PATH": "/usr/bin:/bin"}, path=str(folder))
    return responder


def line(certificate: x509.Certificate, *, revoked: bool = False) -> str:
    """Write the line of a certificate in the index."""
    ends = f"{certificate.not_valid_after_utc:%y%m%d%H%M%SZ}"
    serial = f"{certificate.serial_number:X}"
    serial = serial if len(serial) % 2 == 0 else f"0{serial}"
    when = f"{certificate.not_valid_before_utc:%y%m%d%H%M%SZ},keyCompromise" if revoked else ""
    return f"{'R' if revoked else 'V'}\t{ends}\t{when}\t{serial}\tunknown\t/CN=leaf.example\n"
