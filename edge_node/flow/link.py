"""A door with a breaker before it.

Knows: which failures say that the link is down, and whom to tell when it is up again.
Must not know: messages, the store.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from edge_node.errors import NotReached, NotSent, OutcomeUnknown
from edge_node.flow.breaker import Breaker, Pass
from edge_node.flow.ports import Door
from edge_node.model.exchange import Answer, Outgoing

#: Our own bound, an application that left the settings, a token that could not be made or recorded here, another
#: party that gave no token or address: none of these says anything about the link.
_OURS: Final = frozenset({
    "EN-BUSY", "EN-SENDER-FOREIGN",
    "EN-SIGNING-CHAIN", "EN-SIGNING-EXPIRED", "EN-SIGNING-NONE", "EN-SIGNING-NOT-YET", "EN-SIGNING-REVOKED",
    "EN-SIGNING-UNCHECKED",
    "EN-STORE-DAMAGED", "EN-STORE-FULL", "EN-STORE-UNAVAILABLE",
    "EN-AUTHORISATION-ANSWER", "EN-AUTHORISATION-UNREACHABLE", "EN-AUTHORISATION-UNTRUSTED",
})  # fmt: skip

#: So many requests in a row without any answer: it is there, and does not respond.
_SILENT: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long one request may take, in seconds."""

    timeout_s: float
    connect_s: float


class Link:
    """The way to one other side. `repaired` is called when it works again after it was down."""

    def __init__(self, name: str, door: Door, breaker: Breaker, changed: Callable[[str, bool], None]) -> None:
        self.name = name
        self.breaker = breaker
        self.code = ""  # of the last failure to connect
        self.is_tried = False
        self.is_unreached = False  # the last failure was without any sign of life of the other end
        self.silent_since_s: float | None = None  # from when on it takes requests and answers none
        self._unanswered = 0
        self._unanswered_since_s = 0.0
        self._door = door
        self._changed = changed

    @property
    def rest_s(self) -> float | None:
        """Seconds until the next probe while the link is down, None while it is not."""
        return self.breaker.retry_after_s() if self.breaker.is_open else None

    async def ask(self, outgoing: Outgoing, waits: Waits, *, person: bool, emergency: bool = False) -> Answer:
        """Send, unless the link is down: even then in an emergency. Raises `NotSent` or `OutcomeUnknown`."""
        granted = self.breaker.ask(person=person)
        if granted is Pass.NOT and emergency:
            granted = Pass.AS_PROBE
        if granted is Pass.NOT:
            raise NotSent(self.name, code="EN-LINK-OPEN", retry_after_s=self.breaker.retry_after_s())
        try:
            connect_s = self.breaker.connect_s(granted, waits.connect_s)
            answer = await self._door.ask(outgoing, timeout_s=waits.timeout_s, connect_s=connect_s)
        except NotSent as error:
            self._not_sent(error, granted)
            raise
        except BaseException as error:  # no answer, or the asker went away: it says nothing about the connection
            self.breaker.gave_up(granted)
            if isinstance(error, OutcomeUnknown):
                self._not_answered(error.code)
            raise
        self._unanswered, self.silent_since_s = 0, None
        self._up()
        return answer

    async def see(self, reach: Callable[[float], Awaitable[None]], connect_s: float) -> None:
        """See whether there is a connection to be had, by asking nothing; `reach` raises `NotSent`.

        While the link is down it counts as the probe, and is not made when none is due.
        """
        granted = self.breaker.ask(person=False)
        if granted is Pass.NOT:
            return
        try:
            await reach(self.breaker.connect_s(granted, connect_s))
        except NotSent as error:
            self._not_sent(error, granted)
        except BaseException:
            self.breaker.gave_up(granted)
            raise
        else:
            if self.silent_since_s is None:  # a connection is no answer
                self._up()

    async def hear(self, hail: Callable[[], Awaitable[None]]) -> None:
        """See whether one that was silent answers again, whatever it says; as long as not, all stays as it is."""
        try:
            await hail()
        except (NotSent, OutcomeUnknown):
            return
        self._unanswered, self.silent_since_s = 0, None
        self._up()

    def _not_answered(self, code: str) -> None:
        """One request may be slow; several in a row without any answer between them are not."""
        if not self._unanswered:
            self._unanswered_since_s = self.breaker.seconds()
        self._unanswered += 1
        if self._unanswered >= _SILENT:
            self.is_tried, self.code = True, code
            self.silent_since_s = self._unanswered_since_s

    def _not_sent(self, error: NotSent, granted: Pass) -> None:
        if error.code in _OURS:
            self.breaker.gave_up(granted)
            return
        self.is_tried, self.code = True, error.code
        self.is_unreached = isinstance(error, NotReached)
        self._unanswered, self.silent_since_s = 0, None  # it went, and comes back as another one
        was_open = self.breaker.is_open
        self.breaker.failed(granted)
        if self.breaker.is_open and not was_open:
            self._changed(self.name, False)

    def _up(self) -> None:
        self.is_tried, self.code, self.is_unreached = True, "", False
        if self.breaker.succeeded():
            self._changed(self.name, True)
