"""Every certificate of a site in one list: own ones with all that is known of them, anchors, and what peers showed.

Knows: where each fact is found, of a node that serves or of settings alone.
Must not know: how a certificate is read, how the list is shown to people.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from edge_node.certificates import Certificates
from edge_node.errors import Refused
from edge_node.model.revocation import RevocationFact
from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps
from edge_node.watching import OnDisk
from edge_node.wire.revocation_judge import Seen
from edge_node.wire.trust_choice import Pair, Place, Source
from edge_node.wire.trust_inventory import describe, describe_chain
from edge_node.wire.trust_keys import finding_of, kind_of, place_of

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a node that serves knows besides; nothing of it where only the settings are read."""

    revocation: RevocationFact = field(default_factory=RevocationFact)
    seen: tuple[Seen, ...] = ()
    on_disk: OnDisk = field(default_factory=OnDisk)
    is_served: bool = False


def inventory(settings: Settings, held: Certificates, known: Known, at: datetime) -> Document:
    """Return all of it, as JSON has it."""
    return {
        "at": _moment(at),
        "node": settings.node.id,
        "environment": settings.node.environment,
        "is_served": known.is_served,
        "identities": [_identity(settings, held, i, (known, at)) for i in range(len(settings.identities))],
        "signing": list(_signing(settings, held, at)),
        "local": list(_local(settings, held, at)),
        "anchors": list(_anchors(settings, held, at)),
        "peers": list(_peers(settings, known, at)),
        "faults": [*held.faults, *(f"{'.'.join(map(str, steps))}: {wrong}" for steps, wrong in held.wrong)],
        "files": {"broken": list(known.on_disk.broken), "changed": list(known.on_disk.changed)},
    }


def _identity(settings: Settings, held: Certificates, i: int, of: tuple[Known, datetime]) -> Document:
    identity = settings.identities[i]
    choice = held.choices.get(identity.name)
    shown = () if choice is None else choice.pairs
    waiting = [(it, Place.WAITING) for it in held.pairs.get(identity.name, ()) if it.source is Source.NEXT]
    return {
        "name": identity.name,
        "organisation": identity.organisation,
        "ura": identity.ura,
        "fqdn": identity.fqdn,
        "fell_back": choice is not None and choice.fell_back,
        "certificates": [_pair(pair, place, of) for pair, place in (*shown, *waiting)],
    }


def _pair(pair: Pair, place: Place, of: tuple[Known, datetime]) -> Document:
    known, at = of
    named: Document = {
        "place": place.value,
        "source": pair.source.value,
        "file": pair.certificate,
        "key_place": place_of(pair.key),
        "installed_at": _moment(pair.installed_at) if pair.installed_at else None,
        "complaint": pair.complaint,
        "shown_from": None,
    }
    if pair.own is None:
        return named
    described = describe_chain(pair.own.chain, at)
    weak = finding_of(pair.own.key)
    described["findings"] += [] if weak is None else [{"code": weak.code, "detail": weak.detail}]
    if pair.source is Source.NEXT:
        named["shown_from"] = max(described["begins"], named["installed_at"] or "")
    return {**named, **described, "key": kind_of(pair.own.key), "revocation": _standing(pair, place, known)}


def _standing(pair: Pair, place: Place, known: Known) -> str:
    """Good, revoked or unknown; only what is in use is asked about."""
    if place is not Place.IN_USE or pair.own is None:
        return "not asked"
    standings = [one for one in known.revocation.standings if one.is_own and one.of == pair.own.name]
    verdicts = {one.verdict for one in standings}
    return next((verdict for verdict in ("revoked", "unknown", "good") if verdict in verdicts), "not asked")


def _signing(settings: Settings, held: Certificates, at: datetime) -> Iterator[Document]:
    """What signs transaction tokens, for each organisation that has such a one."""
    for i, identity in enumerate(settings.identities):
        own = held.own.get(("identities", i, "token_signing"))
        if own is not None and identity.token_signing is not None:
            yield {
                "used_for": [identity.name],
                "file": identity.token_signing.certificate,
                **describe_chain(own.chain, at),
                "key_place": place_of(identity.token_signing.key),
            }


def _local(settings: Settings, held: Certificates, at: datetime) -> Iterator[Document]:
    for i, listener in enumerate(settings.local.listeners):
        own = held.own.get(("local", "listeners", i, "tls"))
        if own is not None and listener.tls is not None:
            place = place_of(listener.tls.key)
            yield {
                "listener": f"{listener.host}:{listener.port}",
                **describe_chain(own.chain, at),
                "key_place": place,
            }


def _anchors(settings: Settings, held: Certificates, at: datetime) -> Iterator[Document]:
    """Each anchor once, with all it is used for."""
    used: dict[x509.Certificate, list[str]] = {}
    for steps, anchors in held.anchors.items():
        for anchor in anchors:
            used.setdefault(anchor, []).append(_name(settings, steps))
    for anchor, names in used.items():
        yield {"used_for": names, **_described(anchor, at)}


def _name(settings: Settings, steps: Steps) -> str:
    if steps[:2] == ("switchboard", "peers"):
        return settings.switchboard.peers[int(steps[2])].name
    return ".".join(str(step) for step in steps)


def _peers(settings: Settings, known: Known, at: datetime) -> Iterator[Document]:
    """What the parties of the switchboard showed last; cards of people are nobody's business here."""
    parties = {peer.role for peer in settings.switchboard.peers}
    for seen in sorted(known.seen, key=lambda one: one.at, reverse=True):
        if roles := sorted(seen.roles & parties):
            yield {"roles": roles, "seen_at": _moment(seen.at), **_described(seen.chain[0], at)}


def _described(certificate: x509.Certificate, at: datetime) -> Document:
    try:
        return describe(certificate, at)
    except Refused as refused:
        return {"subject": "", "complaint": refused.detail}


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
