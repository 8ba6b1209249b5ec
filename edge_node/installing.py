"""A certificate that was issued is put in use, or the one before it again.

Knows: the order of it: looked at, tried, kept, shown; that whatever fails leaves all as it was.
Must not know: how a key is sealed, how a handshake is tried, what a certificate must say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate, load_der_x509_certificate

from edge_node.certificates import Fresh
from edge_node.errors import Refused, SettingsInvalid
from edge_node.model.finding import Finding
from edge_node.model.renewal import Installation, Offered, Outcome, Pairing, Result, Tried
from edge_node.renewal_bench import Bench, is_taken, waiting
from edge_node.renewal_ground import Ground, KeyFound
from edge_node.wire.trust import OwnIdentity
from edge_node.wire.trust_certificate import UNREADABLE
from edge_node.wire.trust_fitting import Fitting, fit, pem_of
from edge_node.wire.trust_installed import Installed, Standing

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A certificate that fits, with its key, on its way to being used."""

    ground: Ground
    fitting: Fitting
    found: KeyFound
    own: OwnIdentity


class Installing:
    """Puts certificates in use."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def install(self, offered: Offered) -> Installation:
        """Put it in use, once it fits and a peer took it; otherwise nothing changes, or it waits."""
        ground = await self._bench.survey(offered.identity)
        given = _read(offered.certificates)
        fitting: Fitting = await self._bench.parts.aside(lambda: fit(given, ground.wanted))
        said = Installation(identity=offered.identity, result=Result.UNFIT, wrong=fitting.wrong, notes=fitting.notes)
        if fitting.certificate is None:
            return said
        said = _with(said, *_wrong_moment(offered.at, fitting.certificate.not_after, self._bench.now()))
        try:
            found = await self._bench.parts.aside(lambda: ground.key_for(fitting.chain[0], offered))
        except Refused as refused:
            found, said = None, _with(said, Finding(refused.code, refused.detail))
        if found is None or said.wrong:
            return said
        if ground.is_shown(fitting.chain) and offered.key is None:
            return _as_it_is(said, ground)
        plan = _Plan(ground=ground, fitting=fitting, found=found, own=ground.own(fitting, found.key))
        done = await self._prove(plan, said, offered)
        damaged = await self._bench.parts.aside(ground.folder.damaged)
        return done if damaged is None else replace(done, notes=(*done.notes, _index_lost(damaged)))

    async def _prove(self, plan: _Plan, said: Installation, offered: Offered) -> Installation:
        tried: tuple[Tried, ...] = ()
        untested = offered.untested
        if not plan.fitting.is_early and not untested:
            tried = await self._bench.tried(plan.ground, plan.own)
        if any(one.outcome is Outcome.REFUSED for one in tried):
            return replace(said, result=Result.REFUSED, tried=tried)
        proven = untested or is_taken(tried)
        if plan.found.is_new:
            await self._bench.parts.seal(plan.ground.sealed_at(plan.found.number), _pem(plan.found))
        kept = await self._bench.parts.aside(lambda: _keep(plan, self._bench.now(), is_tested=bool(tried) and proven))
        if complaints := await self._bench.parts.aside(lambda: self._complaints(plan, kept)):
            if plan.found.is_new:
                await self._bench.parts.aside(partial(plan.ground.folder.forget, plan.found.number))
            await self._bench.parts.aside(plan.ground.folder.clear)
            return _with(said, *(Finding("EN-CERT-UNFIT", one) for one in complaints))
        later = offered.at is not None and offered.at > self._bench.now()
        if plan.fitting.is_early or later or not proven:
            kept = replace(kept, at=offered.at or kept.at)
            said = _replacing(said, await self._bench.parts.aside(partial(waiting, plan.ground.folder)), kept)
            await self._bench.parts.aside(lambda: plan.ground.folder.wait(kept))
            _log.warning("certificate.waiting", identity=said.identity, fingerprint=kept.fingerprint)
            return replace(said, result=Result.WAITING, tried=tried, now=_pairing(plan.ground, plan.own, kept))
        before = await self.use(plan.ground, kept)
        return replace(
            said, result=Result.IN_USE, tried=tried, now=_pairing(plan.ground, plan.own, kept), before=before
        )

    async def use(self, ground: Ground, kept: Installed) -> Pairing | None:
        """Have the index name it, then show it. Where that does not show it all is as it was."""
        self._bench.demand_life()
        index = await self._bench.parts.aside(ground.folder.index)
        before = await self._bench.parts.aside(lambda: _copied(ground, kept.fingerprint))
        await self._bench.parts.aside(lambda: ground.folder.become(kept, before))
        fresh = await self._bench.parts.aside(lambda: self._fresh(ground))
        try:
            self._show(kept, fresh)
        except SettingsInvalid:
            await self._bench.parts.aside(lambda: ground.folder.restore(index))
            self._bench.parts.swap(await self._bench.parts.aside(lambda: self._fresh(ground)))
            raise
        await self._bench.parts.aside(ground.folder.clear)
        _log.info("certificate.installed", identity=ground.identity.name, fingerprint=kept.fingerprint)
        own = None if before is None else ground.own_of(before.fingerprint)
        return None if before is None or own is None else _pairing(ground, own, before)

    def _fresh(self, ground: Ground) -> Fresh:
        return self._bench.parts.held().installed_now(ground.identity, ground.settings.node.state_dir)

    def _show(self, kept: Installed, fresh: Fresh) -> None:
        """Have it shown, and see that it is. Raises `SettingsInvalid`."""
        self._bench.parts.taken(kept.fingerprint)
        self._bench.parts.swap(fresh)
        shown = self._bench.parts.held().choices[fresh.identity].in_use
        if shown is None or shown.fingerprint != kept.fingerprint:
            raise SettingsInvalid(fresh.faults or (f"{fresh.identity}: another certificate goes before it",))

    async def back(self, identity: str) -> Installation:
        """Put the one in use that was before the last installation. Raises `EN-CERT-NONE`."""
        ground = await self._bench.survey(identity)
        index = await self._bench.parts.aside(ground.folder.pairs)
        previous = next((one for one in index if one.standing is Standing.PREVIOUS), None)
        if previous is None:
            raise Refused(f"{identity} has no certificate from before to go back to", code="EN-CERT-NONE")
        own = await self._bench.parts.aside(lambda: self._bench.load(ground, previous))
        if not own.certificate.not_before <= self._bench.now() < own.certificate.not_after:
            raise Refused(f"{identity}: it ended {own.certificate.not_after:%Y-%m-%d}", code="EN-TLS-EXPIRED")
        # It was good once; whoever goes back to one that was revoked since must hear so.
        fitting: Fitting = await self._bench.parts.aside(lambda: fit(own.chain, ground.wanted))
        before = await self.use(ground, replace(previous, at=self._bench.now()))
        return Installation(
            identity=identity,
            result=Result.IN_USE,
            notes=(*fitting.wrong, *fitting.notes),
            now=_pairing(ground, own, previous),
            before=before,
        )

    def _complaints(self, plan: _Plan, kept: Installed) -> tuple[str, ...]:
        """What a start would have against it: it must be known now."""
        try:
            self._bench.load(plan.ground, kept)
        except SettingsInvalid as error:
            return error.complaints
        return ()


def _read(certificates: tuple[bytes, ...]) -> tuple[Certificate, ...]:
    try:
        return tuple(load_der_x509_certificate(one) for one in certificates)
    except UNREADABLE as error:
        raise Refused("one of them is no certificate", code="EN-CERT-UNFIT") from error


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
