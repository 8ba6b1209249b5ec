"""A daemon that serves, from its first listener to the last thing in hand.

Knows: the parts, the order in which they begin, change at a reload, and end.
Must not know: what each part is made of; the process: its signals, its exit code, its command line.
"""

from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from edge_node.backing_up import recovery_keys
from edge_node.carrying import Carrying
from edge_node.choosing import choices, lent_keys, needs_restart, read_settings
from edge_node.chronicling import Chronicle
from edge_node.formats import error_codes
from edge_node.in_force import InForce
from edge_node.listening import Listeners
from edge_node.machine import Machine
from edge_node.model.overview import By
from edge_node.overseeing import Overseeing
from edge_node.overseeing import Parts as OverseenParts
from edge_node.services import Services
from edge_node.serving import Parts as ServedParts
from edge_node.serving import serving
from edge_node.settings.load import Loaded
from edge_node.status.metrics import Metrics
from edge_node.storing import opened

_log = structlog.get_logger()


class Running:
    """The parts of a daemon that serves."""

    def __init__(self, loaded: Loaded, paths: tuple[Path, ...], machine: Machine) -> None:
        self._paths = paths
        self._reactor = machine.reactor
        self._metrics = Metrics(CollectorRegistry(), frozenset(error_codes.load()))
        self.in_force: Final = InForce(loaded, machine, self._metrics, self._rejudge_callers)
        self.store: Final = opened(self.in_force, machine)
        self.in_force.revoking.start(self.in_force.wired)
        self._chronicle = Chronicle(self.store, lambda: self.in_force.settings)
        self.carrying: Final = Carrying(self.in_force, self.store, machine, self._metrics)
        self.services: Final = Services(self.in_force, self.store, machine, self.carrying)
        self._listeners = Listeners(serving(self._served(machine)), machine.reactor)
        self.overseeing: Final = Overseeing(self._overseen(machine))

    @property
    def addresses(self) -> dict[str, str]:
        """Where the node is reached."""
        return {**self._listeners.addresses, "management": self.overseeing.address}

    def begin(self) -> None:
        """Open the listeners and start to deliver."""
        self._listeners.begin()
        self.overseeing.begin()
        for complaint in self.in_force.wired.out_of_date.values():
            _log.error("certificate.out-of-date", complaint=complaint)
        self.services.rota.begin()
        self.overseeing.serves()
        self._chronicle.started()

    async def reload(self, by: By) -> None:
        """Take up new settings, or raise `SettingsInvalid` and go on with the old ones."""
        loaded = read_settings(self._paths)
        settings = loaded.settings
        draft = self.in_force.draft(loaded)
        chosen = choices(settings, self.carrying.table)
        restart = needs_restart(self.in_force.started_with, settings)
        await self.store.keys.recover_for(recovery_keys(settings))
        before = self.in_force.settings
        old = self.in_force.take_up(draft)
        self.carrying.line.become(chosen)
        self.services.rota.become()
        self.in_force.leave(old)
        self._chronicle.changed(by, before)
        told = {"needs_restart": restart, "keys_of_start": lent_keys(settings)}
        _log.info("settings.reloaded", who=by.who, settings_hash=settings.hash, **told)

    async def stop(self) -> None:
        """Finish what is in hand, then close."""
        limit_s = self.in_force.settings.node.drain_s
        self.overseeing.drains()
        self.services.rota.let_go()
        end_s = self._reactor.seconds() + limit_s
        await self._listeners.drain(limit_s)
        await self.carrying.line.stop(max(0.0, end_s - self._reactor.seconds()))
        await self.overseeing.stop()
        await self.services.rota.stop()
        await self.in_force.break_off()
        await self._chronicle.stopped()
        await self.store.close()
        _log.info("node.stopped")

    def _rejudge_callers(self) -> None:
        self._listeners.rejudge()

    def _served(self, machine: Machine) -> ServedParts:
        return ServedParts(
            in_force=self.in_force,
            store=self.store,
            carrying=self.carrying,
            services=self.services,
            chance=machine.chance,
            now=machine.clock.moment,
        )

    def _overseen(self, machine: Machine) -> OverseenParts:
        return OverseenParts(
            in_force=self.in_force,
            store=self.store,
            carrying=self.carrying,
            services=self.services,
            listeners=self._listeners,
            metrics=self._metrics,
            machine=machine,
            reload=self.reload,
        )
