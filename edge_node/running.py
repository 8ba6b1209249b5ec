"""The parts of a daemon that serves: built from one version of the settings, changed by the next.

Knows: every part, what each is handed, the order in which they begin and end.
Must not know: the process: its signals, its exit code, its command line.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry
from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.threads import deferToThreadPool

from edge_node.alarming import Alarming
from edge_node.anchoring import Anchoring
from edge_node.anchoring import Parts as AnchoringParts
from edge_node.attending import Parts, attendant
from edge_node.authorising import broker_routes
from edge_node.backing_up import BackingUp, recovery_keys
from edge_node.backing_up import Parts as BackedUpParts
from edge_node.building import Wired, Workshop, rewired, wire, wire_after
from edge_node.certificates import Beyond, Fresh
from edge_node.certifying import Certifying
from edge_node.certifying import Parts as CertifyingParts
from edge_node.choosing import choices, code_class, lent_keys, needs_restart, read_settings, retention, sealing_keys
from edge_node.falling_back import FallingBack
from edge_node.flow.answers import Answers, Pen
from edge_node.flow.clock_watch import ClockLimits, ClockWatch
from edge_node.flow.dates import DatedBroker, DatedDoor
from edge_node.flow.fhir import Kept
from edge_node.flow.fhir_answers import FhirAnswers
from edge_node.flow.housekeeping import Housekeeping
from edge_node.formats import error_codes, interactions
from edge_node.judging import token_judge
from edge_node.leaving import Leaving
from edge_node.line import Fittings, Line
from edge_node.listening import Listeners, Serving, listening
from edge_node.machine import Machine, disk_failed, rest
from edge_node.model.identifiers import ApplicationId, Oid
from edge_node.model.keeping import Renewal
from edge_node.model.message import Direction, Format
from edge_node.model.overview import By, Row
from edge_node.model.peer import LocalCaller
from edge_node.negotiating import Negotiating
from edge_node.noting import noting
from edge_node.observing import Observing
from edge_node.observing import Parts as ObservedParts
from edge_node.offering import Offering
from edge_node.offering import Parts as OfferedParts
from edge_node.probes.clock import is_synchronised
from edge_node.probes.disk import free_bytes
from edge_node.renewing import Parts as RenewingParts
from edge_node.renewing import Renewing
from edge_node.revoking import Parts as RevokingParts
from edge_node.revoking import Revoking
from edge_node.sealed_keys import opener
from edge_node.settings.load import Loaded
from edge_node.settings.schema import Settings
from edge_node.signing import token_room, token_signer
from edge_node.status import control
from edge_node.status.api import LocalApi
from edge_node.status.management import management_site
from edge_node.status.metrics import Metrics
from edge_node.status.ports import Change, Nudge
from edge_node.store.sealed_files import FOLDER
from edge_node.store.store import open_store
from edge_node.store.surroundings import Shell
from edge_node.store.surroundings import Surroundings as StoreSurroundings
from edge_node.telling import Messenger, TellingParts
from edge_node.ticking import Ticks
from edge_node.wire.authorisation import Authorisation, AuthorisationTools
from edge_node.wire.budget import Budget
from edge_node.wire.doors import BrokerDoor, LocalDoor, LocalFhirDoor, SwitchboardDoor
from edge_node.wire.fhir_http import FhirFront, Words
from edge_node.wire.http1 import Headers
from edge_node.wire.local_server import LocalHandler
from edge_node.wire.refusal_log import Refusal, RefusalLog
from edge_node.wire.soap_http import Refusals
from edge_node.wire.switchboard_server import SwitchboardHandler
from edge_node.wire.trust import Surroundings as TlsSurroundings
from edge_node.wire.trust_keys import SoundKeys

_log = structlog.get_logger()

#: What is still on its way out when the drain is over is broken off.
_BREAK_OFF_S: Final = 1.0


class Running:
    """The parts of a daemon that serves."""

    def __init__(self, loaded: Loaded, paths: tuple[Path, ...], machine: Machine) -> None:
        settings = loaded.settings
        self._paths = paths
        self._loaded = loaded
        self._reactor = reactor = machine.reactor
        self._pool = machine.pool
        self._clock = machine.clock
        self._chance = machine.chance
        self._table = interactions.load()
        self._codes = error_codes.load()
        self._refused = RefusalLog(reactor)
        self._started_with = settings
        self._metrics = Metrics(CollectorRegistry(), frozenset(self._codes))
        self._negotiating = Negotiating(settings.switchboard.tls_profile, self._metrics.negotiated)
        self._revoking = Revoking(settings, self._revoked())
        self._falling_back = FallingBack()
        self._sound = SoundKeys()
        self._anchoring = Anchoring(settings, self._anchored())
        self._leaving = Leaving()
        self._wired = wire(loaded, self._workshop())
        self._budget = Budget(max_bytes=settings.local.max_inflight_bytes)
        self._answers = self._make_answers(settings)
        self._store = open_store(settings.store_path, self._store_surroundings(settings), self._shell())
        self._revoking.start(self._wired)
        self._authorisation = Authorisation(self._authorisation_tools(settings))
        self._clock_watch = ClockWatch(reactor, self._clock.now, self._clock_limits, is_synchronised)
        aside = self._clock.moment, self._aside
        self._judging = token_judge(lambda: self._wired, self._revoking.judge, self._clock_watch, aside)
        tools = self._clock.moment, self._chance.hex, self._aside
        self._signing = token_signer(lambda: self._wired, self._judging, self._store.record, tools)
        self._line = Line(choices(settings, self._table), self._fittings())
        self._token_room = token_room(self._signing, self._line, self._chance.hex)
        self._offering = Offering(self._offered())
        self._messenger = Messenger(self._told())
        self._certifying = Certifying(self._certified())
        self._revoking.on_change(Alarming(self._store.certificates.tell, lambda: self._wired.settings).hear)
        self._backing_up = BackingUp(self._backed_up())
        self._renewing = Renewing(self._renewed())
        self._listeners = Listeners(self._serving(), reactor)
        self._observing = Observing(self._observed())
        self._housekeeping = Housekeeping(self._store, reactor, self._clock_watch)
        self._management: IListeningPort | None = None
        self._control: IListeningPort | None = None
        self._askers: control.ControlFactory | None = None
        self._ticks = Ticks(self._line, reactor, self._chance)

    @property
    def addresses(self) -> dict[str, str]:
        """Where the node is reached."""
        assert self._management is not None
        where: Any = self._management.getHost()
        return {**self._listeners.addresses, "management": f"{where.host}:{where.port}"}

    def begin(self) -> None:
        """Open the listeners and start to deliver."""
        settings = self._wired.settings
        self._listeners.begin()
        management = settings.management
        served = management_site(self._observing.look, self._metrics, self._reactor)
        with listening(f"{management.host} port {management.port}"):
            self._management = self._reactor.listenTCP(management.port, served, interface=management.host)
        factory = self._askers = control.ControlFactory(attendant(self._attended()), self._reactor)
        management.control_socket.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._control = control.listen(self._reactor, management.control_socket, factory, management.control_group)
        for complaint in self._wired.out_of_date.values():
            _log.error("certificate.out-of-date", complaint=complaint)
        self._offering.begin()
        self._line.begin()
        self._messenger.begin()
        self._certifying.begin()
        self._housekeeping.begin()
        self._backing_up.begin()
        self._ticks.begin(self._wired.settings.switchboard.tick_interval_s)
        self._revoking.begin(self._rejudge)
        self._renewing.begin()
        self._anchoring.begin()
        self._observing.is_serving = True

    async def reload(self, by: By) -> None:
        """Take up new settings, or raise `SettingsInvalid` and go on with the old ones."""
        loaded = read_settings(self._paths)
        settings = loaded.settings
        old, wired = self._wired, wire_after(self._wired, loaded, self._workshop())
        chosen = choices(settings, self._table)
        restart = needs_restart(self._started_with, settings)
        await self._store.keys.recover_for(recovery_keys(settings))
        if self._wired is not old:  # meanwhile one was installed or accepted, which this reload must not undo
            old, wired = self._wired, wire_after(self._wired, loaded, self._workshop())
        self._wired, self._loaded = wired, loaded
        self._line.become(chosen)
        self._offering.become()
        self._backing_up.become()
        self._messenger.become()
        self._certifying.become()
        self._ticks.begin(self._wired.settings.switchboard.tick_interval_s)
        self._leave(old)
        told = {"needs_restart": restart, "keys_of_start": lent_keys(settings)}
        _log.info("settings.reloaded", who=by.who, settings_hash=settings.hash, **told)

    def rewire(self, *fresh: Fresh) -> None:
        """Choose anew what is shown and trusted, among what was read and what was installed since."""
        old, self._wired = self._wired, rewired(self._wired, self._loaded, self._workshop(), fresh)
        self._leave(old)

    def _leave(self, old: Wired) -> None:
        """What is in hand on the old ways ends there."""
        clients = set(old.clients()).difference(self._wired.clients())
        self._leaving.leave(clients, self._wired.settings.switchboard.waits.query_out_s)
        self._revoking.become(self._wired)
        self._anchoring.become()

    def _rejudge(self) -> None:
        """Judge every peer that is connected once more."""
        self._listeners.rejudge()
        self._leaving.rejudge()
        for client in self._wired.clients():
            client.rejudge()

    async def stop(self) -> None:
        """Finish what is in hand, then close."""
        limit_s = self._wired.settings.node.drain_s
        self._observing.is_draining = True
        self._housekeeping.stop()
        self._backing_up.stop()
        self._offering.stop()
        self._messenger.let_go()
        self._certifying.let_go()
        self._renewing.end()
        self._anchoring.stop()
        self._ticks.end()
        end_s = self._reactor.seconds() + limit_s
        await self._listeners.drain(limit_s)
        await self._line.stop(max(0.0, end_s - self._reactor.seconds()))
        for port in (self._control, self._management):
            if port is not None:
                await maybeDeferred(port.stopListening)
        if self._askers is not None:
            self._askers.hang_up()
        await self._messenger.stop()
        await self._revoking.stop()
        await self._certifying.stop()
        await self._leaving.break_off(self._wired.clients(), _BREAK_OFF_S)
        self._refused.stop()
        await self._store.close()
        _log.info("node.stopped")

    # What each part is handed

    def _workshop(self) -> Workshop:
        directory = os.environ.get("CREDENTIALS_DIRECTORY")
        credentials = Path(directory) if directory else None
        return Workshop(
            reactor=self._reactor,
            surroundings=TlsSurroundings(
                now=self._clock.moment,
                refused=self._tls_refused,
                revocation=self._revoking.judge,
                negotiated=self._negotiating.heard,
                noted=noting(self._refused, self._metrics.warned),
                turned_down=self._falling_back.turned_down,
            ),
            credentials=credentials,
            random=self._chance.bytes,
            counting=self._anchoring.counting,
            again=self._revoking.hoping.is_worth_another,
            beyond=Beyond(
                open_sealed=opener(self._started_with, credentials),
                refused=self._falling_back.refused,
                sound=self._sound,
            ),
        )

    def _tls_refused(self, code: str, detail: str, host: str) -> None:
        words = {"detail": detail, "peer": host}
        self._refused.tell(Refusal(event="tls.refused", code=code, words=words, source=host, level=logging.WARNING))

    def _revoked(self) -> RevokingParts:
        return RevokingParts(reactor=self._reactor, moment=self._clock.moment, aside=self._aside, chance=self._chance)

    def _anchored(self) -> AnchoringParts:
        return AnchoringParts(
            wired=lambda: self._wired,
            surroundings=lambda: self._workshop().surroundings,
            seen=self._revoking.judge.seen,
            swap=self.rewire,
            rejudge=self._rejudge,
            reactor=self._reactor,
            moment=self._clock.moment,
        )

    def _make_answers(self, settings: Settings) -> Answers:
        root = Oid(settings.node.message_id_root)
        return Answers(Pen(root=root, now=self._clock.now, chance=self._chance))

    def _store_surroundings(self, settings: Settings) -> StoreSurroundings:
        return StoreSurroundings(
            clock=self._clock,
            chance=self._chance,
            retention=retention(settings),
            sealing=sealing_keys(settings, recovery_keys(settings), self._workshop().credentials),
            journal_reserve_records=settings.store.journal_reserve_records,
            sealed_files=settings.node.state_dir / FOLDER,
        )

    def _shell(self) -> Shell:
        return Shell(call_from_thread=self._reactor.callFromThread, aside=self._aside, on_fatal=disk_failed)

    async def _aside(self, work: Callable[[], Any]) -> Any:
        return await deferToThreadPool(self._reactor, self._pool, work)

    def _clock_limits(self) -> ClockLimits:
        node = self._wired.settings.node
        return ClockLimits(step_s=node.clock_step_s, tolerance_s=node.clock_tolerance_s)

    def _fittings(self) -> Fittings:
        heard = self._clock_watch.heard
        return Fittings(
            keeper=self._store,
            doors={
                (Direction.OUT, Format.SOAP): DatedDoor(SwitchboardDoor(lambda: self._wired.switchboard), heard),
                (Direction.IN, Format.SOAP): LocalDoor(lambda: self._wired.local),
                (Direction.IN, Format.FHIR): LocalFhirDoor(lambda: self._wired.local_fhir),
            },
            to_broker=DatedBroker(BrokerDoor(broker_routes(lambda: self._wired.ways, self._authorisation)), heard),
            access_tokens=self._authorisation,
            tokens=self._judging,
            signer=self._signing,
            answers=self._answers,
            classes={code: code_class(row) for code, row in self._codes.items()},
            clock=self._reactor,
            chance=self._chance,
            watch=self._metrics,
            has_room=self._has_room,
            can_record=lambda: not self._store.reserve.is_used_up,
        )

    def _authorisation_tools(self, settings: Settings) -> AuthorisationTools:
        return AuthorisationTools(
            choices=lambda: self._wired.authorisation,
            ways=lambda application: self._wired.ways.get(application, ()),
            clock=self._reactor,
            now=self._clock.moment,
            state_dir=settings.node.state_dir,
            aside=self._aside,
        )

    def _serving(self) -> Serving:
        refusals, fhir = Refusals(self._answers.fault), FhirFront(FhirAnswers().unheard)
        local = LocalHandler(
            who=lambda head: self._wired.authenticator.who(head),
            receive=self._line.receivers[Direction.OUT].receive,
            api=LocalApi(
                queue=self._store,
                renewals=self._store,
                read=self._line.readers.read,
                judge=self._line.judge_renewal,
                fhir_renewal=self._fhir_renewal,
                applications_of=self._applications_of,
                wake=self._wake,
                advise=self._messenger.advise,
                rooms={"inbox": self._offering.api, "events": self._messenger.api, "tokens": self._token_room},
            ),
            refusals=refusals,
            fhir=fhir,
            new_correlation=lambda: self._chance.hex(16),
        )
        switchboard = SwitchboardHandler(
            receive=self._line.receivers[Direction.IN].receive,
            refusals=refusals,
            fhir=fhir,
            new_correlation=lambda: self._chance.hex(16),
        )
        return Serving(
            wired=lambda: self._wired,
            local=local,
            switchboard=switchboard,
            words=Words(refusals, fhir),
            budget=self._budget,
        )

    async def _fhir_renewal(self, caller: LocalCaller, row: Row, headers: Headers) -> Renewal:
        payload = await self._store.payload(row.uid)
        return await self._line.fhir_renewal(
            headers, Kept(payload=payload, sender=ApplicationId(row.sender), caller=caller)
        )

    def _offered(self) -> OfferedParts:
        return OfferedParts(
            desk=self._store.inbox,
            settings=lambda: self._wired.settings,
            applications_of=self._applications_of,
            wake=self._wake,
            reactor=self._reactor,
        )

    def _told(self) -> TellingParts:
        return TellingParts(
            notices=self._store.notices,
            settings=lambda: self._wired.settings,
            doors=lambda: self._wired.telling,
            table=self._table,
            applications_of=self._applications_of,
            reactor=self._reactor,
            now=self._clock.now,
            chance=self._chance,
            clock_watch=self._clock_watch,
        )

    def _certified(self) -> CertifyingParts:
        return CertifyingParts(
            wired=lambda: self._wired,
            workshop=self._workshop,
            book=self._store.certificates,
            reactor=self._reactor,
            aside=self._aside,
            moment=self._clock.moment,
            now=self._clock.now,
            chance=self._chance,
            clock_watch=self._clock_watch,
            falling_back=self._falling_back,
            rewire=self.rewire,
            revocation=self._revoking.fact,
            seen=self._revoking.judge.seen,
        )

    def _observed(self) -> ObservedParts:
        return ObservedParts(
            wired=lambda: self._wired,
            line=self._line,
            listeners=self._listeners,
            store=self._store,
            budget=self._budget,
            telling=lambda: (*self._messenger.telling.facts, *self._certifying.facts),
            certificates=lambda: self._certifying.shown,
            anchors=lambda: self._anchoring.changes,
            authorisation=self._authorisation,
            metrics=self._metrics,
            safety=self._backing_up.safety,
            moment=self._clock.moment,
            monotonic=self._clock.monotonic,
            clock_doubt=lambda: self._clock_watch.doubt,
            unproven_tokens=lambda: self._judging.unproven,
            tls=lambda: self._negotiating.fact,
            revocation=self._revoking.fact,
        )

    def _backed_up(self) -> BackedUpParts:
        return BackedUpParts(
            store=self._store.safekeeping,
            settings=lambda: self._wired.settings,
            reactor=self._reactor,
            clock=self._clock,
            chance=self._chance,
            ids=self._chance,
            pause=rest,
        )

    def _attended(self) -> Parts:
        return Parts(
            store=self._store,
            look=self._observing.look,
            record=self._record_change,
            reload=self.reload,
            nudge=Nudge(wake=self._wake, hope=self._hope),
            backups=self._backing_up,
            renewing=self._renewing,
            inventory=self._certifying.inventory,
            anchors=self._anchoring,
            now=self._clock.now,
        )

    def _renewed(self) -> RenewingParts:
        workshop = self._workshop()
        return RenewingParts(
            settings=lambda: self._wired.settings,
            seal=self._store.keys.seal,
            aside=self._aside,
            surroundings=workshop.surroundings,
            reactor=self._reactor,
            held=lambda: self._wired.held,
            swap=self.rewire,
            taken=self._falling_back.taken,
        )

    def _applications_of(self, caller: LocalCaller) -> frozenset[ApplicationId]:
        applications = self._line.site.applications.values()
        return frozenset(item.id for item in applications if item.local_system == caller.name)

    def _wake(self, direction: Direction) -> None:
        self._line.wake(direction)

    def _hope(self, direction: Direction) -> None:
        self._line.hope(direction)

    def _has_room(self) -> bool:
        if self._store.reserve.is_open:
            return False
        free = free_bytes(self._started_with.store_path.parent)
        return free is None or free >= self._wired.settings.store.disk_reserve_bytes

    # What goes on by itself

    async def _record_change(self, change: Change) -> None:
        await self._store.record(change.record)
