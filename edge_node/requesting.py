"""A new certificate is asked for: a key is made on the box, with the request that bears its public half.

Knows: that the key is kept before anybody can ask with it, that one request waits at a time unless it is replaced.
Must not know: how a key is sealed, what a request looks like, what becomes of the certificate.
"""

from functools import partial

import structlog
from cryptography.x509.oid import NameOID

from edge_node.errors import Refused
from edge_node.model.renewal import Asked, Requested
from edge_node.renewal_bench import Bench
from edge_node.renewal_ground import find_identity
from edge_node.wire.trust_folder import Waiting
from edge_node.wire.trust_request import Subject, make_key, make_request

_log = structlog.get_logger()


class Requesting:
    """Makes requests."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def waiting(self, identity: str | None) -> tuple[Requested, ...]:
        """Those that wait, of one organisation or of all."""
        settings = self._bench.parts.settings()
        names = [one.name for one in settings.identities] if identity is None else [identity]
        for name in names:
            find_identity(settings, name)
        found = await self._bench.parts.aside(lambda: [(name, self._bench.folder(name).requests()) for name in names])
        return tuple(_requested(name, one) for name, waiting in found for one in waiting)

    async def make(self, asked: Asked) -> Requested:
        """Make a key and a request. Raises `EN-CERT-WAITING` where one waits."""
        folder = self._bench.folder(asked.identity)
        identity = find_identity(self._bench.parts.settings(), asked.identity)
        await self._bench.parts.aside(folder.clear)
        waiting = await self._bench.parts.aside(folder.requests)
        if waiting and not asked.replace:
            told = ", ".join(f"{one.number} ({one.request.kind}, {one.at:%Y-%m-%d})" for one in waiting)
            raise Refused(f"{asked.identity}: {told}", code="EN-CERT-WAITING")
        ground = await self._bench.survey(asked.identity)
        subject = Subject(
            organisation=identity.organisation,
            fqdn=identity.fqdn,
            state=asked.state or ground.subject_field(NameOID.STATE_OR_PROVINCE_NAME),
            locality=asked.locality or ground.subject_field(NameOID.LOCALITY_NAME),
        )
        key = await self._bench.parts.aside(lambda: make_key(asked.kind))
        pem = await self._bench.parts.aside(lambda: make_request(key, subject))
        number = await self._bench.parts.aside(folder.next_number)
        # The key is on the disk before anybody can ask for a certificate with it.
        await self._bench.parts.seal(ground.sealed_at(number), key)
        await self._bench.parts.aside(lambda: folder.put_request(number, pem))
        for one in waiting:
            await self._bench.parts.aside(partial(folder.forget, one.number))
        _log.info("certificate.requested", identity=asked.identity, number=number, key=asked.kind)
        found = await self._bench.parts.aside(folder.requests)
        return next(_requested(asked.identity, one) for one in found if one.number == number)


def _requested(identity: str, one: Waiting) -> Requested:
    return Requested(
        identity=identity,
        number=one.number,
        subject=one.request.subject,
        fqdn=one.request.fqdn,
        kind=one.request.kind,
        at=one.at,
        pem=one.pem.decode("ascii"),
    )
