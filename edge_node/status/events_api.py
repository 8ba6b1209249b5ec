"""The events of the local API: what became of the caller's own messages, in order, waited for when there is none.

Knows: the address /v1/events, what it takes and answers, how long and how many callers may wait.
Must not know: how a caller proved who it is, where notices are stored, in which words they are told.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from edge_node.errors import Refused, Unavailable
from edge_node.model.notice import Notice
from edge_node.model.peer import LocalCaller
from edge_node.status.answers import ApiAnswer, Said, WrongMethod, answer
from edge_node.status.bell import Bell
from edge_node.status.ports import ApplicationsOf, Notices

PREFIX: Final = "/v1/events"

_MOST: Final = 500
_USUAL: Final = 100
_MAX_DIGITS: Final = 18
_AGAIN_S: Final = 5.0

#: How a notice looks in JSON.
Describe = Callable[[Notice], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLimits:
    """What callers may ask."""

    longest_wait_s: float = 50
    pollers: int = 16  # of one local system


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    after: int  # 0: from the oldest that is kept
    wait_s: float
    limit: int


@dataclass(slots=True, kw_only=True)
class EventsApi:
    """Answers local systems about what there is to tell."""

    notices: Notices
    bell: Bell
    applications_of: ApplicationsOf
    describe: Describe
    limits: Callable[[], EventLimits]
    _rings: int = 0
    _waiting: dict[str, int] = field(default_factory=dict)  # requests that wait, by local system

    def ring(self) -> None:
        """There is news."""
        self._rings += 1
        self.bell.ring()

    async def handle(self, caller: LocalCaller, method: str, path: str, said: Said) -> ApiAnswer:
        """Answer one request. Raises `EdgeNodeError`."""
        place, _, query = path.partition("?")
        if place != PREFIX:
            raise Refused("no such address", code="EN-NOT-FOUND")
        if method not in {"GET", "HEAD"}:
            raise WrongMethod("GET", "HEAD")
        asked = _asked(query, self.limits().longest_wait_s)
        applications = frozenset(map(str, self.applications_of(caller)))
        rings = self._rings  # before the first look: what comes while it looks is not missed
        begin = await self.notices.known(asked.after)
        reset = begin != asked.after  # it was given by a store that this one replaced
        found = await self.notices.after(applications, begin, asked.limit)
        if not found and asked.wait_s and not reset:
            with self._place(caller.name):
                found = await self._wait(applications, asked, rings)
        upto = found[-1].seq if found else begin
        return answer(200, {"events": [self.describe(one) for one in found], "next": upto, "reset": reset})

    @contextmanager
    def _place(self, system: str) -> Iterator[None]:
        """One of the places to wait of a local system; a system that forgets its requests takes no other's."""
        taken = self._waiting.get(system, 0)
        if taken >= self.limits().pollers:
            raise Unavailable("too many requests of yours wait for events", code="EN-BUSY", retry_after_s=_AGAIN_S)
        self._waiting[system] = taken + 1
        try:
            yield
        finally:
            self._waiting[system] -= 1

    async def _wait(self, applications: frozenset[str], asked: _Asked, rings: int) -> tuple[Notice, ...]:
        end_s = self.bell.now_s + asked.wait_s
        while not self.bell.is_closed and (left_s := end_s - self.bell.now_s) > 0:
            if rings == self._rings:
                await self.bell.heard(left_s)
                continue
            rings = self._rings
            if found := await self.notices.after(applications, asked.after, asked.limit):
                return found
        return ()


def _asked(query: str, longest_wait_s: float) -> _Asked:
    """Read the query; what is not known is refused, since a mistyped name would be a poll without an end."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=3)
    except ValueError:
        raise Refused("the query cannot be read", code="EN-REQUEST") from None
    given = dict(pairs)
    if len(given) != len(pairs) or not given.keys() <= {"after", "wait_s", "limit"}:
        raise Refused("the query takes after, wait_s and limit, each once", code="EN-REQUEST")
    return _Asked(
        after=_number(given, "after", 0),
        wait_s=min(_number(given, "wait_s", 0), longest_wait_s),
        limit=max(1, min(_number(given, "limit", _USUAL), _MOST)),
    )


def _number(given: Mapping[str, str], name: str, otherwise: int) -> int:
    text = given.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise Refused(f"{name} must be a whole number", code="EN-REQUEST")
    return int(text)
