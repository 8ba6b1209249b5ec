"""The way of messages through a node that runs: the line, with everything it is joined to.

Knows: which door stands at which end, who judges tokens and who makes them.
Must not know: who listens, what goes on by itself.
"""

from typing import Final

from edge_node.authorising import broker_routes
from edge_node.choosing import choices, code_class
from edge_node.flow.answers import Answers, Pen
from edge_node.flow.clock_watch import ClockLimits, ClockWatch
from edge_node.flow.dates import DatedBroker, DatedDoor
from edge_node.formats import error_codes, interactions
from edge_node.in_force import InForce
from edge_node.judging import token_judge
from edge_node.line import Fittings, Line
from edge_node.machine import Machine
from edge_node.model.identifiers import ApplicationId, Oid
from edge_node.model.message import Direction, Format
from edge_node.model.peer import LocalCaller
from edge_node.probes.clock import is_synchronised
from edge_node.probing import Gate
from edge_node.signing import token_room, token_signer
from edge_node.status.metrics import Metrics
from edge_node.store.store import Store
from edge_node.storing import has_room
from edge_node.tallying import Tally
from edge_node.wire.authorisation import Authorisation, AuthorisationTools
from edge_node.wire.budget import Budget
from edge_node.wire.doors import BrokerDoor, LocalDoor, LocalFhirDoor, SwitchboardDoor


class Carrying:
    """Carries messages."""

    def __init__(self, in_force: InForce, store: Store, machine: Machine, metrics: Metrics) -> None:
        settings, clock = in_force.settings, machine.clock
        self._in_force = in_force
        self._store = store
        self._machine = machine
        self.gate: Final = Gate()  # what the checks stop now
        self.metrics: Final = metrics
        self.tally: Final = Tally(metrics, clock.monotonic, lambda: in_force.settings.checks.window_s)
        self.table: Final = interactions.load()
        self.budget: Final = Budget(max_bytes=settings.local.max_inflight_bytes)
        root = Oid(settings.node.message_id_root)
        self.answers: Final = Answers(Pen(root=root, now=clock.now, chance=machine.chance))
        self.authorisation: Final = Authorisation(self._authorisation_tools())
        self.clock_watch: Final = ClockWatch(machine.reactor, clock.now, self._clock_limits, is_synchronised)
        revocation, aside = in_force.revoking.judge, (clock.moment, machine.aside)
        self.judging: Final = token_judge(lambda: in_force.wired, revocation, self.clock_watch, aside)
        tools = clock.moment, machine.chance.hex, machine.aside
        self.signing: Final = token_signer(lambda: in_force.wired, self.judging, store.record, tools)
        self.line: Final = Line(choices(settings, self.table), self._fittings())
        self.token_room: Final = token_room(self.signing, self.line, machine.chance.hex)

    def applications_of(self, caller: LocalCaller) -> frozenset[ApplicationId]:
        """The applications that one local system speaks for."""
        applications = self.line.site.applications.values()
        return frozenset(item.id for item in applications if item.local_system == caller.name)

    def _clock_limits(self) -> ClockLimits:
        node = self._in_force.settings.node
        return ClockLimits(step_s=node.clock_step_s, tolerance_s=node.clock_tolerance_s)

    def _authorisation_tools(self) -> AuthorisationTools:
        in_force, machine = self._in_force, self._machine
        return AuthorisationTools(
            choices=lambda: in_force.wired.authorisation,
            ways=lambda application: in_force.wired.ways.get(application, ()),
            clock=machine.reactor,
            now=machine.clock.moment,
            state_dir=in_force.settings.node.state_dir,
            aside=machine.aside,
        )

    def _fittings(self) -> Fittings:
        in_force, store = self._in_force, self._store
        heard, seconds = self.clock_watch.heard, self._machine.clock.monotonic
        to_switchboard = DatedDoor(SwitchboardDoor(lambda: in_force.wired.switchboard), heard, seconds)
        to_broker = BrokerDoor(broker_routes(lambda: in_force.wired.ways, self.authorisation))
        return Fittings(
            keeper=store,
            doors={
                (Direction.OUT, Format.SOAP): to_switchboard,
                (Direction.IN, Format.SOAP): LocalDoor(lambda: in_force.wired.local),
                (Direction.IN, Format.FHIR): LocalFhirDoor(lambda: in_force.wired.local_fhir),
            },
            to_broker=DatedBroker(to_broker, heard, seconds),
            access_tokens=self.authorisation,
            tokens=self.judging,
            signer=self.signing,
            answers=self.answers,
            classes={code: code_class(row) for code, row in error_codes.load().items()},
            clock=self._machine.reactor,
            chance=self._machine.chance,
            watch=self.tally,
            standing=lambda: self.gate.standing,
            shown=self.tally.shown,
            was_emergency=store.emergencies.has,
            has_room=lambda: has_room(in_force, store),
            can_record=lambda: not store.reserve.is_used_up,
        )
