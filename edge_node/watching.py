"""The files of certificates, keys and anchors, watched on disk while the node serves with what it read.

Knows: how often they are looked at, that what is broken or new on disk is told and never taken up by itself.
Must not know: what makes a file good, how it is shown to people.

A file that is copied over a good one is half written for a moment, and the one who copied it may not be done with the
others. So a change is taken up by a reload, which a person asks for when all is in place; until then all goes on with
what was read.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from edge_node.certificates import Certificates
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.probes.certificates import Mark, marks_of
from edge_node.settings.tree import Steps
from edge_node.wire.trust_choice import Pair, Source

_log = structlog.get_logger()

#: A change is seen within five seconds, the look itself included.
ROUND_S: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """How the files are beside what is in use."""

    broken: tuple[str, ...] = ()  # complaints; a reload would be refused
    changed: tuple[str, ...] = ()  # good, and otherwise than what is in use; a reload takes it up
    waiting: tuple[Pair, ...] = ()  # installed, each to be shown by itself later


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchingParts:
    """What watching works with."""

    held: Callable[[], Certificates]  # what is in use
    read: Callable[[], Certificates]  # what is on disk; blocks
    aside: Callable[[Callable[[], Any]], Awaitable[Any]]
    clock: IReactorTime


class Watching:
    """Looks every few seconds."""

    def __init__(self, parts: WatchingParts) -> None:
        self._parts = parts
        self._held: Certificates | None = None
        self._marks: Mapping[Path, Mark] = {}
        rhythm = Rhythm(clock=parts.clock, pause_s=lambda: ROUND_S, event="certificate.watch-failed")
        self._rounds = Rounds(self.look, rhythm)
        self.on_disk = OnDisk()

    def begin(self) -> None:
        """Tell what was wrong when they were read, and look from now on."""
        held = self._parts.held()
        self._tell(OnDisk(broken=tuple(sorted(_broken(held))), waiting=tuple(_waiting(held))))
        self._rounds.begin()

    def stop(self) -> Deferred[None]:
        """No more looks; fires when the one under way has ended."""
        return self._rounds.stop()

    async def look(self) -> None:
        """Look whether a file is otherwise than at the last look; if so, read them all."""
        held = self._parts.held()
        marks = marks_of({*held.files, *self._marks})
        if held is self._held and marks == self._marks:
            return
        found: Certificates = await self._parts.aside(self._parts.read)
        # Marks from before the reading: what changed since is seen at the next look.
        self._held, self._marks = held, {**marks_of(found.files - marks.keys()), **marks}
        broken, changed = tuple(sorted(_broken(found))), tuple(sorted(_changed(held, found)))
        self._tell(OnDisk(broken=broken, changed=changed, waiting=tuple(_waiting(found))))

    def _tell(self, now: OnDisk) -> None:
        before, self.on_disk = self.on_disk, now
        if now.broken and now.broken != before.broken:
            _log.warning("certificate.file-broken", complaints=list(now.broken))
        if now.changed and now.changed != before.changed:
            _log.warning("certificate.file-changed", files=list(now.changed))
        if (before.broken or before.changed) and not (now.broken or now.changed):
            _log.info("certificate.files-in-use")


def _broken(found: Certificates) -> Iterator[str]:
    yield from found.faults
    for steps, complaint in found.wrong:
        yield f"{_dotted(steps)}: {complaint}"


def _waiting(found: Certificates) -> Iterator[Pair]:
    yield from (pair for pairs in found.pairs.values() for pair in pairs if pair.source is Source.NEXT and pair.own)


def _changed(held: Certificates, found: Certificates) -> Iterator[str]:
    """Name what is good on disk and otherwise than in use. What is broken is told as such."""
    before, after = dict(_content(held)), dict(_content(found))
    yield from (name for name, content in after.items() if before.get(name) != content)


def _content(held: Certificates) -> Iterator[tuple[str, object]]:
    for choice in held.choices.values():
        yield from ((pair.certificate, pair.fingerprint) for pair, _ in choice.pairs if pair.own)
    for steps, own in held.own.items():
        if steps[0] != "identities" or steps[-1] == "token_signing":  # what TLS shows is chosen among several
            yield _dotted(steps), own.certificate.fingerprint
    yield from ((_dotted(steps), anchors) for steps, anchors in held.anchors.items())


def _dotted(steps: Steps) -> str:
    return ".".join(str(step) for step in steps)
