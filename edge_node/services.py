"""What goes on by itself in a node that runs, beside its listeners.

Knows: every such service, what each is handed, which of its parts acts at which turn in the life of the node.
Must not know: what any of them does.

A new service is made in `__init__` and gets its line in `_rota`.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from edge_node.acquainting import Acquainting
from edge_node.acquainting import Parts as AcquaintedParts
from edge_node.alarming import Alarming
from edge_node.backing_up import BackingUp
from edge_node.backing_up import Parts as BackedUpParts
from edge_node.carrying import Carrying
from edge_node.certifying import Certifying
from edge_node.certifying import Parts as CertifyingParts
from edge_node.declaring import Declaring
from edge_node.declaring import Parts as DeclaredParts
from edge_node.flow.housekeeping import Housekeeping
from edge_node.in_force import InForce
from edge_node.logkeeping import Logkeeping
from edge_node.logkeeping import Parts as LoggedParts
from edge_node.looking import probing
from edge_node.looking_at_upkeep import desk
from edge_node.looking_ground import Ground
from edge_node.machine import Machine, rest
from edge_node.model.check import Result
from edge_node.offering import Offering
from edge_node.offering import Parts as OfferedParts
from edge_node.peeking import Peeking
from edge_node.policy.standing import Standing
from edge_node.reaching import Reaching
from edge_node.renewing import Parts as RenewingParts
from edge_node.renewing import Renewing
from edge_node.reporting import Parts as ReportedParts
from edge_node.reporting import Reporting
from edge_node.rota import Rota, Service
from edge_node.store.store import Store
from edge_node.telling import Messenger, TellingParts
from edge_node.ticking import Ticks

#: The check on a trial of the way to the switchboard.
_WAY: Final = "lsp-ping-stage"


class Services:
    """All of them."""

    def __init__(self, in_force: InForce, store: Store, machine: Machine, carrying: Carrying) -> None:
        self._in_force = in_force
        self._store = store
        self._machine = machine
        self._carrying = carrying
        self.offering: Final = Offering(self._offered())
        self.messenger: Final = Messenger(self._told())
        self.certifying: Final = Certifying(self._certified())
        in_force.revoking.on_change(Alarming(store.certificates.tell, lambda: in_force.settings).hear)
        self.backing_up: Final = BackingUp(self._backed_up())
        self.renewing: Final = Renewing(self._renewed())
        self._acquainting = Acquainting(self._acquainted())
        self._housekeeping = Housekeeping(store, machine.reactor, carrying.clock_watch)
        self.logkeeping: Final = Logkeeping(self._logged())
        self._ticks = Ticks(carrying.line, machine.reactor, machine.chance)
        self._reaching = Reaching(carrying.line, lambda: in_force.wired, machine.reactor, machine.chance)
        self.probing: Final = probing(self._looked_at())
        self.probing.on_change(self._hear)
        self.declaring: Final = Declaring(self._declared())
        self.upkeep: Final = desk(self._looked_at())
        self.upkeep.on_record(self.probing.look)
        self.rota: Final = self._rota()

    def _rota(self) -> Rota:
        offering, messenger, certifying = self.offering, self.messenger, self.certifying
        revoking, anchoring = self._in_force.revoking, self._in_force.anchoring
        return Rota(
            # Before the line begins: from its first look on it knows to whom nothing is pushed.
            Service(begin=offering.begin, become=offering.become, let_go=offering.stop, stop=offering.stop),
            Service(begin=self._carrying.line.begin),  # it ends with the drain, which has a limit
            Service(begin=messenger.begin, become=messenger.become, let_go=messenger.let_go, stop=messenger.stop),
            Service(begin=certifying.begin, become=certifying.become, let_go=certifying.let_go, stop=certifying.stop),
            _rounds(self._housekeeping.begin, self._housekeeping.stop),
            self.logkeeping.service,
            Service(begin=self.backing_up.begin, become=self.backing_up.become, let_go=self.backing_up.stop),
            Service(begin=self._tick, become=self._tick, let_go=self._ticks.end),
            Service(begin=self._reaching.begin, become=self._reaching.begin, let_go=self._reaching.end),
            Service(begin=self.probing.begin, become=self.probing.become, let_go=self.probing.let_go),
            Service(begin=lambda: revoking.begin(self._in_force.rejudge), stop=revoking.stop),
            _rounds(self.renewing.begin, self.renewing.end),
            _rounds(self._acquainting.begin, self._acquainting.stop),
            _rounds(anchoring.begin, anchoring.stop),  # it hears of each swap, not only of a reload
        )

    def _tick(self) -> None:
        self._ticks.begin(self._in_force.settings.switchboard.tick_interval_s)

    def _hear(self, _before: Standing, now: Standing) -> None:
        """A trial of the way found it broken: people are to read so before a message finds it too."""
        way = now.verdicts.get(_WAY)
        if way is not None and way.result is Result.VIOLATED:
            self._ticks.doubt()

    # What each is handed

    def _logged(self) -> LoggedParts:
        return LoggedParts(
            desk=self._store.log,
            settings=lambda: self._in_force.settings,
            reactor=self._machine.reactor,
            clock_watch=self._carrying.clock_watch,
            moment=self._machine.clock.moment,
            pause=rest,
        )

    def _looked_at(self) -> Ground:
        return Ground(
            in_force=self._in_force,
            store=self._store,
            carrying=self._carrying,
            machine=self._machine,
            safety=self.backing_up.safety,
            log=lambda: self.logkeeping.fact,
            peek=Peeking(self._machine.reactor.callFromThread),
        )

    def _declared(self) -> DeclaredParts:
        moment, probing = self._machine.clock.moment, self.probing
        report = Reporting(
            ReportedParts(
                verdicts=lambda: tuple(probing.standing.verdicts.values()),
                settings=lambda: self._in_force.settings,
                moment=moment,
                key=lambda: self._store.log,
                log_head=lambda: self.logkeeping.fact.head_name,
            )
        )
        return DeclaredParts(
            looks=probing,
            book=self._store.checks,
            settings=lambda: self._in_force.settings,
            moment=moment,
            report=report.make,
        )

    def _offered(self) -> OfferedParts:
        return OfferedParts(
            desk=self._store.inbox,
            settings=lambda: self._in_force.settings,
            applications_of=self._carrying.applications_of,
            wake=self._carrying.line.wake,
            reactor=self._machine.reactor,
        )

    def _told(self) -> TellingParts:
        return TellingParts(
            notices=self._store.notices,
            settings=lambda: self._in_force.settings,
            doors=lambda: self._in_force.wired.telling,
            table=self._carrying.table,
            applications_of=self._carrying.applications_of,
            reactor=self._machine.reactor,
            now=self._machine.clock.now,
            chance=self._machine.chance,
            clock_watch=self._carrying.clock_watch,
        )

    def _certified(self) -> CertifyingParts:
        in_force, machine = self._in_force, self._machine
        return CertifyingParts(
            wired=lambda: in_force.wired,
            workshop=in_force.workshop,
            book=self._store.certificates,
            reactor=machine.reactor,
            aside=machine.aside,
            moment=machine.clock.moment,
            now=machine.clock.now,
            chance=machine.chance,
            clock_watch=self._carrying.clock_watch,
            falling_back=in_force.falling_back,
            rewire=in_force.rewire,
            revocation=in_force.revoking.fact,
            seen=in_force.revoking.judge.seen,
        )

    def _acquainted(self) -> AcquaintedParts:
        in_force = self._in_force
        return AcquaintedParts(
            wired=lambda: in_force.wired,
            surroundings=lambda: in_force.workshop().surroundings,
            seen=in_force.revoking.judge.seen,
            kept=in_force.revoking.lists.kept,
            reactor=self._machine.reactor,
            chance=self._machine.chance,
        )

    def _backed_up(self) -> BackedUpParts:
        machine = self._machine
        return BackedUpParts(
            store=self._store.safekeeping,
            settings=lambda: self._in_force.settings,
            reactor=machine.reactor,
            clock=machine.clock,
            chance=machine.chance,
            ids=machine.chance,
            pause=rest,
            aside=machine.aside,
        )

    def _renewed(self) -> RenewingParts:
        in_force = self._in_force
        return RenewingParts(
            settings=lambda: in_force.settings,
            seal=self._store.keys.seal,
            aside=self._machine.aside,
            surroundings=in_force.workshop().surroundings,
            reactor=self._machine.reactor,
            held=lambda: in_force.wired.held,
            swap=in_force.rewire,
            taken=in_force.falling_back.taken,
        )


def _rounds(begin: Callable[[], None], stop: Callable[[], Awaitable[None]]) -> Service:
    """One that begins nothing new as soon as the node stops; before the store is closed its last round has ended."""
    return Service(begin=begin, let_go=stop, stop=stop)
