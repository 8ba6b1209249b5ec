"""The version of the settings that is in force, with all that is shown and trusted under it.

Knows: how a next version takes the place of this one, what is handed to whoever builds it, whom a change concerns.
Must not know: messages, the store, what goes on by itself.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_node.anchoring import Anchoring
from edge_node.anchoring import Parts as AnchoringParts
from edge_node.building import Wired, Workshop, rewired, wire, wire_after
from edge_node.certificates import Beyond, Fresh
from edge_node.falling_back import FallingBack
from edge_node.leaving import Leaving
from edge_node.machine import Machine
from edge_node.negotiating import Negotiating
from edge_node.noting import noting
from edge_node.revoking import Parts as RevokingParts
from edge_node.revoking import Revoking
from edge_node.sealed_keys import opener
from edge_node.settings.load import Loaded
from edge_node.settings.schema import Settings
from edge_node.status.metrics import Metrics
from edge_node.wire.refusal_log import Refusal, RefusalLog
from edge_node.wire.trust import Surroundings

#: What is still on its way out when the drain is over is broken off.
_BREAK_OFF_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A next version, built whole and not in force yet."""

    loaded: Loaded
    wired: Wired
    over: Wired  # what it was built to take the place of


class InForce:
    """What holds now. Who is handed it asks again each time: a reload puts another version in force."""

    def __init__(
        self, loaded: Loaded, machine: Machine, metrics: Metrics, rejudge_callers: Callable[[], None]
    ) -> None:
        settings = loaded.settings
        self._loaded = loaded
        self._machine = machine
        self._metrics = metrics
        self._rejudge_callers = rejudge_callers
        self._refused = RefusalLog(machine.reactor)
        self.sound: Final = machine.sound
        self._leaving = Leaving()
        self.started_with: Final = settings
        self.negotiating: Final = Negotiating(settings.switchboard.tls_profile, metrics.negotiated)
        self.revoking: Final = Revoking(settings, self._revoked())
        self.falling_back: Final = FallingBack()
        self.anchoring: Final = Anchoring(settings, self._anchored())
        self._wired = wire(loaded, self.workshop())

    @property
    def wired(self) -> Wired:
        """The wire of the settings in force."""
        return self._wired

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._wired.settings

    @property
    def layers(self) -> tuple[Path, ...]:
        """The files they were read from."""
        return self._loaded.paths

    # How another takes its place

    def draft(self, loaded: Loaded) -> Draft:
        """Build the next version. Raises `SettingsInvalid`; nothing changes yet."""
        return Draft(loaded=loaded, wired=wire_after(self._wired, loaded, self.workshop()), over=self._wired)

    def take_up(self, draft: Draft) -> Wired:
        """Put it in force; return what was, which is to be left when everybody knows the new one."""
        if self._wired is not draft.over:  # meanwhile one was installed or accepted, which this must not undo
            draft = self.draft(draft.loaded)
        old, self._wired, self._loaded = self._wired, draft.wired, draft.loaded
        return old

    def rewire(self, *fresh: Fresh) -> None:
        """Choose anew what is shown and trusted, among what was read and what was installed since."""
        old, self._wired = self._wired, rewired(self._wired, self._loaded, self.workshop(), fresh)
        self.leave(old)

    def leave(self, old: Wired) -> None:
        """What is in hand on the old ways ends there."""
        clients = set(old.clients()).difference(self._wired.clients())
        self._leaving.leave(clients, self.settings.switchboard.waits.query_out_s)
        self.revoking.become(self._wired)
        self.anchoring.become()

    def rejudge(self) -> None:
        """Judge every peer that is connected once more."""
        self._rejudge_callers()
        self._leaving.rejudge()
        for client in self._wired.clients():
            client.rejudge()

    async def break_off(self) -> None:
        """Close every way out: the node ends."""
        await self._leaving.break_off(self._wired.clients(), _BREAK_OFF_S)
        self._refused.stop()

    # What each part is handed

    def workshop(self) -> Workshop:
        """What building is handed."""
        directory = os.environ.get("CREDENTIALS_DIRECTORY")
        credentials = Path(directory) if directory else None
        return Workshop(
            reactor=self._machine.reactor,
            surroundings=Surroundings(
                now=self._machine.clock.moment,
                refused=self._tls_refused,
                revocation=self.revoking.judge,
                negotiated=self.negotiating.heard,
                noted=noting(self._refused, self._metrics.warned),
                turned_down=self.falling_back.turned_down,
            ),
            credentials=credentials,
            random=self._machine.chance.bytes,
            counting=self.anchoring.counting,
            again=self.revoking.hoping.is_worth_another,
            beyond=Beyond(
                open_sealed=opener(self.started_with, credentials),
                refused=self.falling_back.refused,
                sound=self.sound,
            ),
        )

    def _tls_refused(self, code: str, detail: str, host: str) -> None:
        words = {"detail": detail, "peer": host}
        self._refused.tell(Refusal(event="tls.refused", code=code, words=words, source=host, level=logging.WARNING))

    def _revoked(self) -> RevokingParts:
        machine = self._machine
        return RevokingParts(
            reactor=machine.reactor, moment=machine.clock.moment, aside=machine.aside, chance=machine.chance
        )

    def _anchored(self) -> AnchoringParts:
        return AnchoringParts(
            wired=lambda: self._wired,
            surroundings=lambda: self.workshop().surroundings,
            seen=self.revoking.judge.seen,
            swap=self.rewire,
            rejudge=self.rejudge,
            reactor=self._machine.reactor,
            moment=self._machine.clock.moment,
        )
