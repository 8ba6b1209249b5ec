"""How the sources of revocation do, told once at each change.

Knows: which sources fail, since when and with what code; that many things may come from one source.
Must not know: lists, answers, when a source is asked.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from edge_node.errors import EdgeNodeError

_log = structlog.get_logger()

#: Sources told of by name; addresses stand in certificates, and their number is not ours to choose.
_SOURCES: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One address, as people and monitoring see it."""

    kind: str  # list, ocsp
    address: str
    tried_at: datetime | None = None
    good_at: datetime | None = None  # when it last gave a usable answer
    failing_since: datetime | None = None
    code: str = ""  # why it fails now
    detail: str = ""

    @property
    def is_up(self) -> bool:
        """Whether the last answer was a usable one; True as long as it was not asked."""
        return not self.code


class SourceStates:
    """The state of every source that was asked."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], SourceState] = {}
        self._about: dict[tuple[str, str], dict[str, bool]] = {}  # what each was asked about: does that fail?

    @property
    def all(self) -> tuple[SourceState, ...]:
        """Every source, in the order of first asking."""
        return tuple(self._states.values())

    def good(self, key: tuple[str, str], at: datetime, subject: str = "") -> None:
        """The source `(kind, address)` gave something usable, for this subject."""
        before = self._state(key)
        now = replace(before, tried_at=at, good_at=at)
        if not self._note(key, subject, fails=False):
            now = replace(now, code="", detail="", failing_since=None)
        self._put(key, now)
        if before.code and now.is_up:
            _tell(now, before)

    def failed(self, key: tuple[str, str], at: datetime, error: EdgeNodeError, subject: str = "") -> None:
        """The source gave nothing usable, for this subject."""
        before = self._state(key)
        self._note(key, subject, fails=True)
        since = before.failing_since or at
        now = replace(before, tried_at=at, code=error.code, detail=error.detail, failing_since=since)
        self._put(key, now)
        if not before.code:
            _tell(now, before)

    def forget(self, key: tuple[str, str], subject: str = "") -> None:
        """This subject is not asked about any more; a source asked about nothing leaves the list."""
        about = self._about.get(key, {})
        about.pop(subject, None)
        if not about:
            self._states.pop(key, None)
            self._about.pop(key, None)
        elif not any(about.values()):
            self._put(key, replace(self._state(key), code="", detail="", failing_since=None))

    def _note(self, key: tuple[str, str], subject: str, *, fails: bool) -> bool:
        """Say whether anything asked of this source fails now."""
        about = self._about.setdefault(key, {})
        about[subject] = fails
        return any(about.values())

    def _state(self, key: tuple[str, str]) -> SourceState:
        return self._states.get(key) or SourceState(kind=key[0], address=key[1])

    def _put(self, key: tuple[str, str], state: SourceState) -> None:
        self._states[key] = state
        while len(self._states) > _SOURCES:
            oldest = next(iter(self._states))
            del self._states[oldest]
            self._about.pop(oldest, None)


def _tell(now: SourceState, before: SourceState) -> None:
    since = before.failing_since
    down_s = (now.tried_at - since).total_seconds() if since and now.tried_at and now.is_up else 0.0
    words = {"kind": now.kind, "source": now.address, "is_up": now.is_up, "code": now.code, "detail": now.detail}
    if now.is_up:
        _log.info("revocation.source", **words, down_s=round(down_s))
    else:
        _log.warning("revocation.source", **words, down_s=0)
