"""A certificate of this site is renewed while it serves: asked for, looked at, tried, put in use, taken back.

Knows: the order of these steps, that nothing is shown before a peer took it, that the one before stays at hand.
Must not know: how a key is sealed, how a handshake is tried, what a certificate must say.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate, load_der_x509_certificate
from cryptography.x509.oid import NameOID
from twisted.internet.defer import Deferred, DeferredLock

from edge_node.certificates import Certificates, Fresh, installed_files
from edge_node.errors import EdgeNodeError, Refused, SettingsInvalid, Unavailable
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.model.finding import Finding
from edge_node.model.renewal import (
    Asked,
    Installation,
    Offered,
    Outcome,
    Pairing,
    Requested,
    Result,
    Trial,
    Tried,
)
from edge_node.renewal_ground import Ground, KeyFound, find_identity, folder_for, survey
from edge_node.renewal_trials import Trials
from edge_node.settings.schema import Settings
from edge_node.wire.trust import OwnIdentity, Surroundings
from edge_node.wire.trust_certificate import UNREADABLE
from edge_node.wire.trust_choice import Place
from edge_node.wire.trust_fitting import Fitting, fit, pem_of
from edge_node.wire.trust_folder import IdentityFolder, Waiting
from edge_node.wire.trust_identity import load_identity
from edge_node.wire.trust_installed import Installed, Standing
from edge_node.wire.trust_request import Subject, make_key, make_request

T = TypeVar("T")
_log = structlog.get_logger()

#: How often what waits is tried again; a certificate is in use so soon after its first moment.
TEND_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What renewing is handed."""

    settings: Callable[[], Settings]
    seal: Callable[[Path, bytes], Awaitable[None]]
    aside: Callable[[Callable[[], Any]], Awaitable[Any]]  # in a thread
    surroundings: Surroundings
    reactor: Any
    held: Callable[[], Certificates]  # what is in use, with what is not
    swap: Callable[[Fresh], None]  # chooses anew with it; raises `SettingsInvalid` and changes nothing
    taken: Callable[[str], None] = lambda _fingerprint: None  # it is not refused, or to be shown all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A certificate that fits, with its key, on its way to being used."""

    ground: Ground
    fitting: Fitting
    found: KeyFound
    own: OwnIdentity


class Renewing:
    """Renews certificates, one at a time. Fits `status.ports.Renewals`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._turn = DeferredLock()
        self._has_ended = False
        self._told: dict[str, tuple[str, dict[str, Any]]] = {}  # by identity: the trouble with what waits
        self._trials = Trials(parts.surroundings, parts.reactor)
        rhythm = Rhythm(clock=parts.reactor, pause_s=lambda: TEND_S, event="certificate.not-tended")
        self._rounds = Rounds(self.tend, rhythm)

    def begin(self) -> None:
        """Look after what waits, now and then."""
        self._rounds.begin()

    def end(self) -> Deferred[None]:
        """No more; what is under way ends before it changes what is shown. Fires when a look has ended."""
        self._has_ended = True
        self._trials.end()
        return self._rounds.stop()

    # Requests

    async def request(self, asked: Asked) -> Requested:
        """Make a key here, and the request for its certificate. Raises `EN-CERT-WAITING` where one waits."""
        return await self._run(lambda: self._request(asked))

    async def requests(self, identity: str | None) -> tuple[Requested, ...]:
        """The requests that wait, of one organisation or of all."""
        settings = self._parts.settings()
        names = [one.name for one in settings.identities] if identity is None else [identity]
        for name in names:
            find_identity(settings, name)
        found = await self._parts.aside(lambda: [(name, self._folder(name).requests()) for name in names])
        return tuple(_requested(name, one) for name, waiting in found for one in waiting)

    async def _request(self, asked: Asked) -> Requested:
        folder = self._folder(asked.identity)
        identity = find_identity(self._parts.settings(), asked.identity)
        await self._parts.aside(folder.clear)
        waiting = await self._parts.aside(folder.requests)
        if waiting and not asked.replace:
            told = ", ".join(f"{one.number} ({one.request.kind}, {one.at:%Y-%m-%d})" for one in waiting)
            raise Refused(f"{asked.identity}: {told}", code="EN-CERT-WAITING")
        ground = await self._survey(asked.identity)
        subject = Subject(
            organisation=identity.organisation,
            fqdn=identity.fqdn,
            state=asked.state or ground.subject_field(NameOID.STATE_OR_PROVINCE_NAME),
            locality=asked.locality or ground.subject_field(NameOID.LOCALITY_NAME),
        )
        key = await self._parts.aside(lambda: make_key(asked.kind))
        pem = await self._parts.aside(lambda: make_request(key, subject))
        number = await self._parts.aside(folder.next_number)
        # The key is on the disk before anybody can ask for a certificate with it.
        await self._parts.seal(ground.sealed_at(number), key)
        await self._parts.aside(lambda: folder.put_request(number, pem))
        for one in waiting:
            await self._parts.aside(partial(folder.forget, one.number))
        _log.info("certificate.requested", identity=asked.identity, number=number, key=asked.kind)
        found = await self._parts.aside(folder.requests)
        return next(_requested(asked.identity, one) for one in found if one.number == number)

    # Installations

    async def install(self, offered: Offered) -> Installation:
        """Put a certificate in use, once it fits and a peer took it; otherwise nothing changes, or it waits."""
        return await self._run(lambda: self._install(offered))

    async def back(self, identity: str) -> Installation:
        """Put the certificate in use that was before the last installation. Raises `EN-CERT-NONE`."""
        return await self._run(lambda: self._back(identity))

    async def _install(self, offered: Offered) -> Installation:
        ground = await self._survey(offered.identity)
        given = _read(offered.certificates)
        fitting: Fitting = await self._parts.aside(lambda: fit(given, ground.wanted))
        said = Installation(identity=offered.identity, result=Result.UNFIT, wrong=fitting.wrong, notes=fitting.notes)
        if fitting.certificate is None:
            return said
        said = _with(said, *_wrong_moment(offered.at, fitting.certificate.not_after, self._now()))
        try:
            found = await self._parts.aside(lambda: ground.key_for(fitting.chain[0], offered))
        except Refused as refused:
            found, said = None, _with(said, Finding(refused.code, refused.detail))
        if found is None or said.wrong:
            return said
        if ground.is_shown(fitting.chain) and offered.key is None:
            return _as_it_is(said, ground)
        plan = _Plan(ground=ground, fitting=fitting, found=found, own=ground.own(fitting, found.key))
        done = await self._prove(plan, said, offered)
        damaged = await self._parts.aside(ground.folder.damaged)
        return done if damaged is None else replace(done, notes=(*done.notes, _index_lost(damaged)))

    async def _prove(self, plan: _Plan, said: Installation, offered: Offered) -> Installation:
        tried: tuple[Tried, ...] = ()
        untested = offered.untested
        if not plan.fitting.is_early and not untested:
            tried = await self._try(plan.ground, plan.own)
        if any(one.outcome is Outcome.REFUSED for one in tried):
            return replace(said, result=Result.REFUSED, tried=tried)
        proven = untested or _is_taken(tried)
        if plan.found.is_new:
            await self._parts.seal(plan.ground.sealed_at(plan.found.number), _pem(plan.found))
        kept = await self._parts.aside(lambda: _keep(plan, self._now(), is_tested=bool(tried) and proven))
        if complaints := await self._parts.aside(lambda: self._complaints(plan, kept)):
            if plan.found.is_new:
                await self._parts.aside(partial(plan.ground.folder.forget, plan.found.number))
            await self._parts.aside(plan.ground.folder.clear)
            return _with(said, *(Finding("EN-CERT-UNFIT", one) for one in complaints))
        later = offered.at is not None and offered.at > self._now()
        if plan.fitting.is_early or later or not proven:
            kept = replace(kept, at=offered.at or kept.at)
            said = _replacing(said, await self._parts.aside(partial(_waiting, plan.ground.folder)), kept)
            await self._parts.aside(lambda: plan.ground.folder.wait(kept))
            _log.warning("certificate.waiting", identity=said.identity, fingerprint=kept.fingerprint)
            return replace(said, result=Result.WAITING, tried=tried, now=_pairing(plan.ground, plan.own, kept))
        before = await self._use(plan.ground, kept)
        return replace(
            said, result=Result.IN_USE, tried=tried, now=_pairing(plan.ground, plan.own, kept), before=before
        )

    async def _use(self, ground: Ground, kept: Installed) -> Pairing | None:
        """Have the index name it, then show it. Where that does not show it all is as it was."""
        self._demand_life()
        index = await self._parts.aside(ground.folder.index)
        before = await self._parts.aside(lambda: _copied(ground, kept.fingerprint))
        await self._parts.aside(lambda: ground.folder.become(kept, before))
        fresh = await self._parts.aside(lambda: self._fresh(ground))
        try:
            self._show(kept, fresh)
        except SettingsInvalid:
            await self._parts.aside(lambda: ground.folder.restore(index))
            self._parts.swap(await self._parts.aside(lambda: self._fresh(ground)))
            raise
        await self._parts.aside(ground.folder.clear)
        _log.info("certificate.installed", identity=ground.identity.name, fingerprint=kept.fingerprint)
        own = None if before is None else ground.own_of(before.fingerprint)
        return None if before is None or own is None else _pairing(ground, own, before)

    def _fresh(self, ground: Ground) -> Fresh:
        return self._parts.held().installed_now(ground.identity, ground.settings.node.state_dir)

    def _show(self, kept: Installed, fresh: Fresh) -> None:
        """Have it shown, and see that it is. Raises `SettingsInvalid`."""
        self._parts.taken(kept.fingerprint)
        self._parts.swap(fresh)
        shown = self._parts.held().choices[fresh.identity].in_use
        if shown is None or shown.fingerprint != kept.fingerprint:
            raise SettingsInvalid(fresh.faults or (f"{fresh.identity}: another certificate goes before it",))

    async def _back(self, identity: str) -> Installation:
        ground = await self._survey(identity)
        index = await self._parts.aside(ground.folder.pairs)
        previous = next((one for one in index if one.standing is Standing.PREVIOUS), None)
        if previous is None:
            raise Refused(f"{identity} has no certificate from before to go back to", code="EN-CERT-NONE")
        own = await self._parts.aside(lambda: self._load(ground, previous))
        if not own.certificate.not_before <= self._now() < own.certificate.not_after:
            raise Refused(f"{identity}: it ended {own.certificate.not_after:%Y-%m-%d}", code="EN-TLS-EXPIRED")
        # It was good once; whoever goes back to one that was revoked since must hear so.
        fitting: Fitting = await self._parts.aside(lambda: fit(own.chain, ground.wanted))
        before = await self._use(ground, replace(previous, at=self._now()))
        return Installation(
            identity=identity,
            result=Result.IN_USE,
            notes=(*fitting.wrong, *fitting.notes),
            now=_pairing(ground, own, previous),
            before=before,
        )

    # Trials

    async def test(self, identity: str, peer: str | None = None) -> tuple[Trial, ...]:
        """Try what is shown, what waits and what was refused before, against every peer or one of them."""
        ground = await self._survey(identity)
        if peer is not None and peer not in {one.name for one, _ in ground.peers}:
            known = ", ".join(one.name for one, _ in ground.peers)
            raise Refused(f"the node calls no peer {peer}; it calls {known}", code="EN-NOT-FOUND")
        found = []
        if ground.shown is not None and ground.shown.own is not None:
            found.append((ground.shown.own, "in use"))
        pairs = self._parts.held().choices[identity].pairs
        found += [(pair.own, place.value) for pair, place in pairs if pair.own and place is Place.REFUSED]
        for one in await self._parts.aside(ground.folder.listed):
            if one.standing is Standing.WAITING:
                own = await self._parts.aside(partial(self._load, ground, one))
                found.append((own, "waiting"))
        if not found:
            raise Refused(f"{identity} has no certificate that can be tried", code="EN-CERT-NONE")
        return tuple([await self._trial(ground, own, standing, peer) for own, standing in found])

    async def _trial(self, ground: Ground, own: OwnIdentity, standing: str, peer: str | None) -> Trial:
        tried, fingerprint = await self._try(ground, own, peer), own.certificate.fingerprint
        if standing == Place.REFUSED.value and _is_taken(tried):
            self._parts.taken(fingerprint)
        return Trial(identity=ground.identity.name, certificate=fingerprint, standing=standing, tried=tried)

    async def _try(self, ground: Ground, own: OwnIdentity, peer: str | None = None) -> tuple[Tried, ...]:
        tried = await self._trials.of(ground, own, peer)
        self._demand_life()
        return tried

    def _demand_life(self) -> None:
        if self._has_ended:
            raise Unavailable("the node stops; nothing was changed", code="EN-DRAINING")

    async def tend(self) -> None:
        """Try again what waits, whose day has come; what a peer takes is in use from then on."""
        for identity in self._parts.settings().identities:
            try:
                await self._look_after(identity.name)
            except Exception as error:  # noqa: BLE001  that of one organisation keeps no other's from its day
                if self._has_ended:
                    return
                self._tell_once(identity.name, event="certificate.not-tended", **_why(error))

    async def _look_after(self, identity: str) -> None:
        if await self._parts.aside(partial(_waiting, self._folder(identity))) is None:
            self._told.pop(identity, None)
        else:
            await self._run(partial(self._tend, identity))

    def _tell_once(self, identity: str, event: str, **said: Any) -> None:
        """Every look meets the same trouble for days; only another one is news."""
        if self._told.get(identity) != (event, said):
            self._told[identity] = event, said
            _log.error(event, identity=identity, **said)

    async def _tend(self, identity: str) -> None:
        ground = await self._survey(identity)
        pair = await self._parts.aside(lambda: _waiting(ground.folder))
        if pair is None:
            return
        own = await self._parts.aside(lambda: self._load(ground, pair))
        if self._now() < max(pair.at, own.certificate.not_before):
            return
        tried = await self._try(ground, own)
        refused = [one for one in tried if one.outcome is Outcome.REFUSED]
        if refused:
            reason = refused[0].failed.told if refused[0].failed else ""
            self._tell_once(identity, event="certificate.not-taken", peer=refused[0].peer, reason=reason)
        elif _is_taken(tried):
            await self._use(ground, replace(pair, at=self._now(), tested=self._now()))

    # Small things

    async def _run(self, work: Callable[[], Awaitable[T]]) -> T:
        await self._turn.acquire()
        try:
            return await work()
        finally:
            self._turn.release()

    async def _survey(self, identity: str) -> Ground:
        parts, settings = self._parts, self._parts.settings()
        held = parts.held()
        found: Ground = await parts.aside(lambda: survey(settings, identity, held, parts.surroundings))
        return found

    def _folder(self, identity: str) -> IdentityFolder:
        return folder_for(self._parts.settings(), identity)

    def _load(self, ground: Ground, pair: Installed) -> OwnIdentity:
        """Read a pair as a start would. Raises `SettingsInvalid`."""
        files = installed_files(pair, ground.identity, ground.settings)
        return load_identity(files, ground.keys)

    def _complaints(self, plan: _Plan, kept: Installed) -> tuple[str, ...]:
        """What a start would have against it: it must be known now."""
        try:
            self._load(plan.ground, kept)
        except SettingsInvalid as error:
            return error.complaints
        return ()

    def _now(self) -> datetime:
        return self._parts.surroundings.now().astimezone(UTC)


def _is_taken(tried: tuple[Tried, ...]) -> bool:
    """Whether the switchboard took it."""
    return any(one.role == "zim" and one.outcome is Outcome.TAKEN for one in tried)


def _read(certificates: tuple[bytes, ...]) -> tuple[Certificate, ...]:
    try:
        return tuple(load_der_x509_certificate(one) for one in certificates)
    except UNREADABLE as error:
        raise Refused("one of them is no certificate", code="EN-CERT-UNFIT") from error


def _why(error: BaseException | None) -> dict[str, Any]:
    if isinstance(error, EdgeNodeError):
        return {"code": error.code, "reason": "; ".join(error.detail.splitlines())}
    return {"code": EdgeNodeError.code, "reason": type(error).__name__}


def _keep(plan: _Plan, at: datetime, *, is_tested: bool) -> Installed:
    """Write the chain, which counts once the index names it."""
    folder, number = plan.ground.folder, plan.found.number
    return Installed(
        certificate=folder.put_chain(number, pem_of(plan.fitting.chain)),
        key=plan.found.reference,
        fingerprint=plan.own.certificate.fingerprint,
        standing=Standing.WAITING,
        at=at,
        tested=at if is_tested else None,
    )


def _copied(ground: Ground, instead: str) -> Installed | None:
    """What there is to go back to, with a copy of its chain where the settings name that: their file may go."""
    before, shown = ground.before(instead), ground.shown.own if ground.shown else None
    if before is None or before.certificate or shown is None:
        return before
    return replace(before, certificate=ground.folder.put_chain(ground.folder.next_number(), pem_of(shown.chain)))


def _waiting(folder: IdentityFolder) -> Installed | None:
    try:
        return folder.standing(Standing.WAITING)
    except Refused:
        return None  # the index cannot be read: the status says so


def _wrong_moment(at: datetime | None, ends: datetime, now: datetime) -> Iterator[Finding]:
    """A moment at which it would never be shown, or that has been: the person meant another one."""
    if at is not None and at <= now:
        yield Finding("EN-CERT-UNFIT", f"--at {at:%Y-%m-%d %H:%M} UTC is past; leave it out to show it now")
    if at is not None and at >= ends:
        yield Finding("EN-CERT-UNFIT", f"it ends {ends:%Y-%m-%d %H:%M} UTC, not after the moment of --at")


def _replacing(said: Installation, waited: Installed | None, kept: Installed) -> Installation:
    """Tell that one that waited does so no longer: there is room for one."""
    if waited is None or waited.fingerprint == kept.fingerprint:
        return said
    detail = f"{waited.fingerprint[:16]}…, which was to be shown from {waited.at:%Y-%m-%d %H:%M} UTC, is forgotten"
    return replace(said, notes=(*said.notes, Finding("EN-CERT-WAITED", detail)))


def _as_it_is(said: Installation, ground: Ground) -> Installation:
    shown = ground.shown
    assert shown is not None
    assert shown.own is not None
    what = Finding("EN-CERT-IN-USE", "it is shown already")
    now = _told(shown.own, shown.certificate, shown.key)
    return replace(said, result=Result.IN_USE, notes=(*said.notes, what), now=now)


def _index_lost(kept: Path) -> Finding:
    what = "the list of what was installed before was lost, so no key is removed here"
    return Finding("EN-CERTIFICATE-INDEX", f"{what}; when none of them is wanted any more, remove {kept}")


def _pem(found: KeyFound) -> bytes:
    return found.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


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


def _pairing(ground: Ground, own: OwnIdentity, pair: Installed) -> Pairing:
    return _told(own, str(ground.folder.path / pair.certificate), pair.key)


def _told(own: OwnIdentity, certificate: str, key: str) -> Pairing:
    return Pairing(
        subject=own.certificate.subject,
        fingerprint=own.certificate.fingerprint,
        not_before=own.certificate.not_before,
        not_after=own.certificate.not_after,
        certificate=certificate,
        key=key,
    )


def _with(said: Installation, *findings: Finding) -> Installation:
    return replace(said, result=Result.UNFIT, wrong=(*said.wrong, *findings))
