"""Revocation in a running node: what it reads and remembers, who is judged again, and what people are told.

Knows: which setting goes where, which CAs and certificates the settings name, when something ends.
Must not know: what a list says, how one is fetched, how a connection is judged.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from twisted.internet.interfaces import IDelayedCall

from edge_node.building import Wired
from edge_node.errors import Refused
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.hoping import Hoping
from edge_node.model.finding import Finding
from edge_node.model.revocation import RevocationFact
from edge_node.obtaining import OWN, Chance, Obtaining
from edge_node.obtaining import Parts as ObtainingParts
from edge_node.revocation_facts import Known
from edge_node.settings.schema import Settings
from edge_node.wire.revocation_files import ListFiles, Reading
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import ListLimits, Lists
from edge_node.wire.source_state import SourceStates
from edge_node.wire.trust_judge import Chain
from edge_node.wire.trust_verify import path

_log = structlog.get_logger()

#: Folder of the lists, in node.state_dir.
FOLDER: Final = "crl"
_FILE: Final = "file"
_SOURCE: Final = "EN-REVOCATION-SOURCE"
_PEER_REVOKED: Final = "EN-TLS-REVOKED"

Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What it is handed."""

    reactor: Any
    moment: Callable[[], datetime]
    aside: Aside  # does long work in a thread
    chance: Chance


@dataclass(slots=True, kw_only=True)
class _Told:
    """What people were told last."""

    findings: frozenset[tuple[str, Finding]] = field(default_factory=frozenset)


class Revoking:
    """The revocation of one process."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._started_at = parts.moment()
        limits = ListLimits(
            max_bytes=settings.revocation.crl_max_bytes, ahead_s=settings.revocation.clock_tolerance_s
        )
        self.states = SourceStates()
        self.lists = Lists(settings.node.state_dir / FOLDER, limits, self._list_came)
        self.judge = Revocations(self.lists, self._grace_s)
        self.judge.subscribe(self._changed)
        self.judge.when_wanting(lambda: parts.reactor.callFromThread(self._new_chain))
        self.hoping = Hoping(parts.reactor)
        self.judge.subscribe(self.hoping.came)
        self.judge.when_wanting(self._hope)
        self._obtaining = Obtaining(settings.revocation, self._obtained(settings))
        self._files = ListFiles(self.lists)
        self._own: dict[str, Chain] = {}  # by the name of the identity
        self._rejudge: Callable[[], None] = lambda: None
        self._told = _Told()
        self._on_change: list[Callable[[RevocationFact], None]] = []
        self._next: IDelayedCall | None = None  # when something ends
        self._looks = Rounds(self._look_again, self._rhythm())  # at the files
        self._is_stopped = False

    # Its life

    def start(self, wired: Wired) -> None:
        """Read what is kept and what the settings name, before anybody is let in."""
        at = self._parts.moment()
        self._know(wired, at)
        self._wired = wired
        for kept, refused in self.lists.read_back(wired.anchors, at):
            _log.warning("revocation.list-refused", source=kept.name, code=refused.code, detail=refused.detail)
        self._tell_read(self._files.read(wired.settings.revocation.crl_files, at))

    def begin(self, rejudge: Callable[[], None]) -> None:
        """Look at files again from time to time; `rejudge` has every live connection judged once more."""
        self._rejudge = rejudge
        self._obtaining.begin(self._wired)
        self._changed()
        self._looks.begin()

    def become(self, wired: Wired) -> None:
        """Take up new settings: other anchors, other certificates, other files."""
        if self._is_stopped:
            return
        self._know(wired, self._parts.moment())
        self._obtaining.become(wired)
        self._looks.soon()
        self._changed()

    async def stop(self) -> None:
        """Look no more."""
        self._is_stopped = True
        self._obtaining.stop()
        if self._next is not None and self._next.active():
            self._next.cancel()
        await self._looks.stop()

    def on_change(self, hear: Callable[[RevocationFact], None]) -> None:
        """Have that called when what a person must look at is otherwise than before."""
        self._on_change.append(hear)

    # What is known

    def fact(self) -> RevocationFact:
        """All of it, as of now."""
        known = Known(
            lists=self.lists,
            judge=self.judge,
            states=self.states,
            own=self._own,
            chosen=self._settings.revocation,
            started_at=self._started_at,
            grace_s=self._grace_s,
        )
        return known.fact(self._parts.moment())

    def _grace_s(self, roles: frozenset[str]) -> float:
        chosen = self._settings.revocation
        if not roles:
            return 0.0
        return chosen.unreachable_grace_s if "zim" in roles else chosen.peer_grace_s

    def _obtained(self, settings: Settings) -> ObtainingParts:
        return ObtainingParts(
            judge=self.judge,
            states=self.states,
            folder=settings.node.state_dir / FOLDER,
            reactor=self._parts.reactor,
            moment=self._parts.moment,
            chance=self._parts.chance,
            aside=self._parts.aside,
        )

    def _know(self, wired: Wired, at: datetime) -> None:
        self._settings = wired.settings
        self.lists.know(*wired.anchors)
        self._own = {own.name: _whole(own.chain, wired, at) for own in wired.certificates}
        for chain in self._own.values():
            self.judge.note(chain, frozenset({OWN}), at)

    # What happens

    def _list_came(self) -> None:
        """A list is new; said in the thread that took it."""
        self._parts.reactor.callFromThread(self.judge.changed)

    def _changed(self) -> None:
        """Something may be judged otherwise than before."""
        if self._is_stopped:
            return
        self._rejudge()
        self._tell()
        self._wait_for_an_end()

    def _hope(self) -> None:
        """A chain is new: its lists are fetched now, where any are."""
        chosen = self._settings.revocation
        if chosen.fetch.from_certificates or chosen.sources:
            self.hoping.wanted()

    def _new_chain(self) -> None:
        if not self._is_stopped:
            self._tell()
            self._wait_for_an_end()

    def _wait_for_an_end(self) -> None:
        if self._next is not None and self._next.active():
            self._next.cancel()
        at = self._parts.moment()
        end = self.judge.next_end(at)
        if end is not None:
            # A little later than that moment, so that it is past; never so late that a clock set right is missed.
            wait_s = min((end - at).total_seconds() + 1.0, self._settings.revocation.crl_files_every_s)
            self._next = self._parts.reactor.callLater(wait_s, self._ended, end)

    def _ended(self, end: datetime) -> None:
        if self._parts.moment() > end:
            self._changed()
        else:
            self._wait_for_an_end()

    def _tell(self) -> None:
        """Say what is otherwise than it was told last, once at each change."""
        fact = self.fact()
        findings = frozenset(fact.findings())
        if findings == self._told.findings:
            return
        new, gone = _logged(findings - self._told.findings), _logged(self._told.findings - findings)
        self._told.findings = findings
        still = {(of, finding.code) for of, finding in findings}
        for of, finding in sorted(new, key=_by_name):
            _log.warning("revocation.finding", of=of, code=finding.code, detail=finding.detail)
        for of, finding in sorted(gone, key=_by_name):
            if (of, finding.code) not in still:
                _log.info("revocation.well-again", of=of, code=finding.code)
        for hear in self._on_change:
            hear(fact)

    # Files kept by somebody else

    def _rhythm(self) -> Rhythm:
        return Rhythm(
            clock=self._parts.reactor,
            pause_s=lambda: self._settings.revocation.crl_files_every_s,
            event="revocation.failed",
        )

    async def _look_again(self) -> None:
        named, at = self._settings.revocation.crl_files, self._parts.moment()
        self._tell_read(await self._parts.aside(lambda: self._files.read(named, at)))
        await self._parts.aside(lambda: self.lists.take_waiting(at))
        if any(finding.code == _PEER_REVOKED for _, finding in self._told.findings):
            self._rejudge()  # whoever is connected all the time proves anew that it has another one
        self._tell()

    def _tell_read(self, reading: Reading) -> None:
        at = self._parts.moment()
        for address in reading.gone:
            self.states.forget((_FILE, address))
        for address, wrong in reading.files.items():
            if wrong is None:
                self.states.good((_FILE, address), at)
            else:
                self.states.failed((_FILE, address), at, wrong)


def _whole(shown: Chain, wired: Wired, at: datetime) -> Chain:
    """Return a chain of ours with its anchor, where that is among those of the settings."""
    try:
        return path(shown, wired.anchors, at, None)
    except Refused:
        return shown


def _by_name(found: tuple[str, Finding]) -> tuple[str, str, str]:
    return found[0], found[1].code, found[1].detail


def _logged(findings: frozenset[tuple[str, Finding]]) -> frozenset[tuple[str, Finding]]:
    """Leave out the sources: each has told of itself at the moment it failed, or gave something again."""
    return frozenset(one for one in findings if one[1].code != _SOURCE)
