"""The life of the certificates of this site: counted down, watched on disk, and told of.

Knows: which certificates of the settings keep the site going, who is told by mail.
Must not know: when a step is due, what a mail says, how a certificate is read.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from cryptography import x509

from edge_node.building import Wired, Workshop
from edge_node.certificates import Certificates, read_certificates
from edge_node.choosing import telling_retry
from edge_node.falling_back import FallingBack
from edge_node.falling_back import Parts as FallingParts
from edge_node.flow.certificate_way import CertificateMailWay
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.countdown import Countdown, CountdownTools
from edge_node.flow.pacing import Pace
from edge_node.flow.ports import Chance
from edge_node.flow.postman import Postman
from edge_node.flow.telling import Telling, TellingFact, TellingTools
from edge_node.inventory import Known, inventory
from edge_node.model.certificate import CertificateNotice, Counted, Part
from edge_node.model.revocation import RevocationFact
from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps
from edge_node.settings.values import existing_path
from edge_node.status.facts import CertificateFact, CertificateFilesFact
from edge_node.store.certificate_book import CertificateBook
from edge_node.telling import letterhead, quiet_left
from edge_node.watching import OnDisk, Watching, WatchingParts
from edge_node.wire.revocation_judge import Seen
from edge_node.wire.trust_certificate import common_name, fingerprint
from edge_node.wire.trust_choice import Choice, Pair, Source
from edge_node.wire.trust_inventory import findings_of, generation_of
from edge_node.wire.trust_keys import EXPOSED, OPENED_WITH

_STOP_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the life of certificates is joined to."""

    wired: Callable[[], Wired]
    workshop: Callable[[], Workshop]
    book: CertificateBook
    reactor: Any
    aside: Callable[[Callable[[], Any]], Awaitable[Any]]
    moment: Callable[[], datetime]
    now: Callable[[], float]
    chance: Chance
    clock_watch: ClockWatch
    falling_back: FallingBack
    rewire: Callable[[], None]
    revocation: Callable[[], RevocationFact]
    seen: Callable[[], tuple[Seen, ...]]


class Certifying:
    """Counts down, watches and tells."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._watching = Watching(
            WatchingParts(held=lambda: parts.wired().held, read=self._read, aside=parts.aside, clock=parts.reactor)
        )
        self._countdown = Countdown(
            CountdownTools(
                book=parts.book,
                counted=lambda: counted(parts.wired().settings, parts.wired().held),
                steps=lambda: parts.wired().settings.alerts.certificate_days,
                moment=parts.moment,
                clock=parts.reactor,
                watch=parts.clock_watch,
            )
        )
        tools: TellingTools[CertificateNotice] = TellingTools(
            notices=parts.book,
            clock=parts.reactor,
            chance=parts.chance,
            retry=lambda: telling_retry(parts.wired().settings),
        )
        self._telling: Telling[CertificateNotice] = Telling(tools)

    @property
    def on_disk(self) -> OnDisk:
        """How the files are beside what is in use."""
        return self._watching.on_disk

    @property
    def facts(self) -> tuple[TellingFact, ...]:
        """How each way of telling is."""
        return self._telling.facts

    @property
    def shown(self) -> tuple[tuple[CertificateFact, ...], CertificateFilesFact]:
        """The certificates in use, and how the files are, for the status."""
        held = self._parts.wired().held
        files = _files(self.on_disk)
        waiting = {pair.own.name: _from(pair) for pair in self.on_disk.waiting if pair.own}
        shown = (choice for choice in held.choices.values() if choice.in_use)
        return tuple(replace(_fact(one), next_from=waiting.get(one.identity)) for one in shown), files

    def begin(self) -> None:
        """Count, watch and tell from now on."""
        self.become()
        self._countdown.begin()
        self._watching.begin()
        parts = self._parts
        parts.falling_back.begin(
            FallingParts(
                wired=parts.wired,
                rewire=parts.rewire,
                tell=parts.book.tell,
                surroundings=lambda: parts.workshop().surroundings,
                reactor=parts.reactor,
                moment=parts.moment,
            )
        )

    def become(self) -> None:
        """Go on with new settings."""
        wired = self._parts.wired()
        self._telling.become(tuple(self._ways(wired.settings, wired.telling.mail)))

    def let_go(self) -> None:
        """Change nothing of what is shown any more: the node stops."""
        self._parts.falling_back.stop()

    async def inventory(self) -> dict[str, Any]:
        """Every certificate of the site, as people ask for it."""
        parts = self._parts
        wired = parts.wired()
        known = Known(revocation=parts.revocation(), seen=parts.seen(), on_disk=self.on_disk, is_served=True)
        # What waits is read anew: nothing was swapped when it was installed.
        held = await parts.aside(lambda: _with_what_waits(wired))
        return inventory(wired.settings, held, known, parts.moment())

    async def stop(self) -> None:
        """Tell nothing new; what was not told is told at the next start."""
        for ended in (self._countdown.stop(), self._watching.stop(), self._parts.falling_back.stop()):
            await ended
        await self._telling.stop(_STOP_S)

    def _read(self) -> Certificates:
        parts, workshop = self._parts, self._parts.workshop()
        lent = workshop.credentials
        return read_certificates(
            parts.wired().settings, lambda it: existing_path(it, lent), parts.moment(), workshop.beyond
        )

    def _ways(self, settings: Settings, door: Postman | None) -> Iterator[CertificateMailWay]:
        alerts = settings.alerts
        mail = alerts.mail
        if mail is None or door is None:
            return
        told = (
            ("mail-certificates", mail.to, max(alerts.certificate_days)),
            ("mail-certificates-network", mail.network_to, alerts.network_from_days),
        )
        for name, to, from_days in told:
            if to:
                yield CertificateMailWay(
                    name=name,
                    to=to,
                    sender=mail.sender,
                    head=letterhead(settings, alerts, mail),
                    post=door,
                    now=self._parts.now,
                    pace=Pace(interval_s=mail.urgent_s, quiet_left_s=quiet_left(alerts, self._parts.now)),
                    from_days=from_days,
                )


def _with_what_waits(wired: Wired) -> Certificates:
    settings, held = wired.settings, wired.held
    fresh = [held.installed_now(identity, settings.node.state_dir) for identity in settings.identities]
    waiting = {one.identity: [pair for pair in one.pairs if pair.source is Source.NEXT] for one in fresh}
    known = {name: [it for it in pairs if it.source is not Source.NEXT] for name, pairs in held.pairs.items()}
    return replace(held, pairs={name: (*pairs, *waiting.get(name, ())) for name, pairs in known.items()})


def _from(pair: Pair) -> datetime:
    """When one that waits may be shown: from its first moment, and not before a person wants it."""
    assert pair.own is not None
    begins = pair.own.certificate.not_before
    return begins if pair.installed_at is None else max(begins, pair.installed_at)


def _fact(choice: Choice) -> CertificateFact:
    shown = choice.in_use
    assert shown is not None
    assert shown.own is not None
    ends = shown.own.certificate.not_after
    return CertificateFact(
        identity=choice.identity,
        not_after=ends,
        generation=generation_of(shown.own.chain),
        findings=tuple(findings_of(shown.own.chain)),
        refused_until=ends if choice.fell_back else None,
    )


def _files(seen: OnDisk) -> CertificateFilesFact:
    """What lies on disk; of the keys that others can read those apart that a check looks at too."""
    exposed = (one for one in seen.broken if one.startswith("identities.") and f": {EXPOSED}" in one)
    keys = frozenset(one for one in exposed if OPENED_WITH not in one)
    return CertificateFilesFact(broken=seen.broken, changed=seen.changed, exposed=keys)


def counted(settings: Settings, held: Certificates) -> tuple[Counted, ...]:
    """Return every certificate that keeps this site going, each once, by the worst that ends with it."""
    found: dict[str, Counted] = {}
    for one in (*_own(settings, held), *_anchors(settings, held)):
        found.setdefault(one.fingerprint, one)
    return tuple(found.values())


def _own(settings: Settings, held: Certificates) -> Iterator[Counted]:
    above: list[Counted] = []
    for steps, own in held.own.items():
        part, name = _whose(settings, steps)
        leaf, *cas = own.chain
        yield _counted(leaf, part, name)
        above += [_counted(one, Part.CA, name) for one in cas if part is Part.OWN]
    yield from above


def _whose(settings: Settings, steps: Steps) -> tuple[Part, str]:
    if steps[0] == "identities":
        return Part.OWN, settings.identities[int(steps[1])].organisation
    listener = settings.local.listeners[int(steps[2])]
    return Part.LOCAL, f"{listener.host}:{listener.port}"


def _anchors(settings: Settings, held: Certificates) -> Iterator[Counted]:
    for steps, anchors in held.anchors.items():
        of_peer = steps[:2] == ("switchboard", "peers")
        name = settings.switchboard.peers[int(steps[2])].name if of_peer else ".".join(str(step) for step in steps)
        yield from (_counted(one, Part.ANCHOR, name) for one in anchors)


def _counted(certificate: x509.Certificate, part: Part, name: str) -> Counted:
    return Counted(
        fingerprint=fingerprint(certificate),
        part=part,
        name=name,
        subject=common_name(certificate.subject) or certificate.subject.rfc4514_string(),
        ends_at=certificate.not_valid_after_utc,
    )
