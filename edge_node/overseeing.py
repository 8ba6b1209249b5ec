"""The ports by which people and monitoring oversee a node that runs.

Knows: what the management listener shows, who carries out what is asked at the control socket.
Must not know: messages, what is served to local systems or the switchboard.
"""

from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IListeningPort

from edge_node.accepting import RestingPorts
from edge_node.alerting import AlertDesk
from edge_node.alerting import Parts as AlertedParts
from edge_node.attending import Parts as AttendedParts
from edge_node.attending import attendant
from edge_node.carrying import Carrying
from edge_node.in_force import InForce
from edge_node.listening import Listeners, listening
from edge_node.machine import Machine
from edge_node.observing import Observing
from edge_node.observing import Parts as ObservedParts
from edge_node.rota import Service
from edge_node.services import Services
from edge_node.speaking import Parts as SpokenParts
from edge_node.speaking import Speaking
from edge_node.status import control
from edge_node.status.management import management_site
from edge_node.status.metrics import Metrics
from edge_node.status.ports import Change, Nudge, Reload
from edge_node.status.snapshot import Snapshot
from edge_node.store.store import Store
from edge_node.supporting import sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is overseen."""

    in_force: InForce
    store: Store
    carrying: Carrying
    services: Services
    listeners: Listeners
    metrics: Metrics
    machine: Machine
    reload: Reload


class Overseeing:
    """Shows how the node is, and has done what people ask."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._reactor = parts.machine.reactor
        self.alerts = AlertDesk(self._alerted())
        self._speaking = Speaking(self._spoken())
        self._observing = Observing(self._observed())
        # It looks at all the others, so it joins them last.
        parts.services.rota.join(Service(begin=self.alerts.begin, become=self.alerts.become, stop=self.alerts.stop))
        self._askers = control.ControlFactory(attendant(self._attended()), self._reactor)
        self._management: IListeningPort | None = None
        self._control: IListeningPort | None = None

    @property
    def address(self) -> str:
        """Where it is shown how the node is."""
        assert self._management is not None
        where: Any = self._management.getHost()
        return f"{where.host}:{where.port}"

    def begin(self) -> None:
        """Open both ports. Raises `EdgeNodeError` with EN-LISTEN."""
        management, ports = self._parts.in_force.settings.management, RestingPorts(self._reactor)
        served = management_site(self.look, self._parts.metrics, self._reactor)
        with listening(f"{management.host} port {management.port}"):
            self._management = ports.listenTCP(management.port, served, interface=management.host)
        path, group = management.control_socket, management.control_group
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._control = control.listen(ports, path, self._askers, group)

    def serves(self) -> None:
        """The node serves from now on."""
        self._observing.is_serving = True

    def drains(self) -> None:
        """The node takes nothing new from now on."""
        self._observing.is_draining = True

    async def look(self) -> Snapshot:
        """How the node is now."""
        return await self._observing.look()

    async def stop(self) -> None:
        """Close both ports, and hang up on who asks."""
        for port in (self._control, self._management):
            if port is not None:
                await maybeDeferred(port.stopListening)
        self._askers.hang_up()

    def _observed(self) -> ObservedParts:
        parts, in_force, services = self._parts, self._parts.in_force, self._parts.services
        return ObservedParts(
            wired=lambda: in_force.wired,
            line=parts.carrying.line,
            listeners=parts.listeners,
            store=parts.store,
            budget=parts.carrying.budget,
            telling=lambda: (*services.messenger.telling.facts, *services.certifying.facts, *self.alerts.facts),
            certificates=lambda: services.certifying.shown,
            anchors=lambda: in_force.anchoring.changes,
            authorisation=parts.carrying.authorisation,
            metrics=parts.metrics,
            safety=services.backing_up.safety,
            moment=parts.machine.clock.moment,
            monotonic=self._reactor.seconds,  # the clock that the links are timed by
            clock_doubt=lambda: parts.carrying.clock_watch.doubt,
            unproven_tokens=lambda: parts.carrying.judging.unproven,
            tls=lambda: in_force.negotiating.fact,
            revocation=in_force.revoking.fact,
            log=lambda: services.logkeeping.fact,
            spoken=self._speaking.spoken,
        )

    def _alerted(self) -> AlertedParts:
        parts, machine = self._parts, self._parts.machine
        return AlertedParts(
            look=self.look,
            settings=lambda: parts.in_force.settings,
            doors=lambda: parts.in_force.wired.telling,
            store=parts.store,
            log_head=lambda: parts.services.logkeeping.fact.head_name,
            reactor=machine.reactor,
            aside=machine.aside,
            moment=machine.clock.moment,
            now=machine.clock.now,
            chance=machine.chance,
        )

    def _spoken(self) -> SpokenParts:
        parts = self._parts
        return SpokenParts(
            settings=lambda: parts.in_force.settings,
            line=parts.carrying.line,
            store=parts.store,
            alerting=self.alerts.alerting,
            standing=lambda: tuple(parts.services.probing.standing.verdicts.values()),
            moment=parts.machine.clock.moment,
            monotonic=self._reactor.seconds,
        )

    def _attended(self) -> AttendedParts:
        parts, services, line = self._parts, self._parts.services, self._parts.carrying.line
        return AttendedParts(
            store=parts.store,
            look=self.look,
            record=self._record_change,
            reload=parts.reload,
            nudge=Nudge(wake=line.wake, hope=line.hope),
            backups=services.backing_up,
            renewing=services.renewing,
            inventory=services.certifying.inventory,
            anchors=parts.in_force.anchoring,
            checks=services.declaring,
            upkeep=services.upkeep,
            log=services.logkeeping,
            support=sources(lambda: parts.in_force.settings, parts.metrics, self.look, parts.machine),
            now=parts.machine.clock.now,
            new_correlation=lambda: parts.machine.chance.hex(16),
        )

    async def _record_change(self, change: Change) -> None:
        await self._parts.store.record(change.record)
