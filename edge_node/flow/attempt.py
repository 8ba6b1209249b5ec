"""One handover of a kept message, and its settling.

Knows: what an answer means for a kept message, what is recorded before it is told.
Must not know: which message goes next, how many go at once.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from edge_node.errors import NotSent, OutcomeUnknown, Refused, StoreUnavailable
from edge_node.flow.exchange import Answered, exchange
from edge_node.flow.gatekeeper import Gatekeeper
from edge_node.flow.link import Link, Waits
from edge_node.flow.ports import Chance, Keeper
from edge_node.flow.retry import RetryPolicy
from edge_node.flow.retry import pause_s as drawn_pause_s
from edge_node.flow.speech import Asked, Speech
from edge_node.flow.unrecorded import Unrecorded
from edge_node.model.exchange import Outgoing
from edge_node.model.keeping import Entry
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Format, StoredAnswer
from edge_node.model.site import Site
from edge_node.policy.acknowledgement import Meaning

log = structlog.get_logger()

#: How long the store is left alone after it could not record.
STORE_PAUSE_S: Final = 5.0
DAMAGED: Final = "EN-STORE-DAMAGED"
#: An application or an interaction that a message was kept for, and that new settings do not have.
_LEFT_THE_SETTINGS: Final = frozenset({"EN-SENDER-FOREIGN", "EN-INTERACTION-UNKNOWN"})
_UNREADABLE: Final = "EN-KEPT-UNREADABLE"
#: What a person has to mend before it makes sense to try again.
_HELD: Final = _LEFT_THE_SETTINGS | {_UNREADABLE}
#: What is wrong with the tokens of a message: those of the authorisation server, or of who makes tokens here.
_OF_TOKENS: Final = "EN-TOKEN-"


class AttemptPolicy(Protocol):
    """How one handover goes."""

    @property
    def waits(self) -> Waits: ...
    @property
    def retry(self) -> RetryPolicy: ...
    @property
    def site(self) -> Site: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptTools:
    """What a handover works with."""

    keeper: Keeper
    link_to: Callable[[Entry], Link]
    speeches: Mapping[Format, Speech]
    clock: IReactorTime
    chance: Chance
    unrecorded: Unrecorded
    gatekeeper: Gatekeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one handover ended. `answer` is the other side's own, where one came that belongs to the message."""

    meaning: Meaning
    code: str
    answer: StoredAnswer | None
    is_sent: bool = True  # False: not a byte of it ever left
    is_heard: bool = False  # an answer came, whatever it was worth
    pause_s: float | None = None  # the other side wants to be left alone so long


class Attempts:
    """Hands over one message at a time, as often as it is asked to."""

    def __init__(
        self, tools: AttemptTools, policy: Callable[[], AttemptPolicy], is_stopped: Callable[[], bool]
    ) -> None:
        self._tools = tools
        self._policy = policy
        self._is_stopped = is_stopped

    async def hand_over(self, entry: Entry, asked: Asked | None = None) -> Outcome:
        """One handover and its settling. The outcome is committed before it is told."""
        tools, policy = self._tools, self._policy()
        try:
            if (stopped := await tools.gatekeeper.of_kept(entry, policy.site)) is not None:
                raise stopped
            if asked is None:
                asked = await self._resumed(entry)
            answered = await exchange(tools.link_to(entry), _outgoing(entry, asked), policy.waits, asked)
        except NotSent as error:
            return await self._not_sent(entry, error)
        except OutcomeUnknown as error:
            return await self._unknown(entry, error)
        except Refused as error:
            if not error.code.startswith(_OF_TOKENS):
                raise
            return await self._tokens_refused(entry, error.code)
        if answered.verdict.is_unknown:
            code = "EN-SWITCHBOARD-FAULT" if entry.direction is Direction.OUT else "EN-LOCAL-FAULT"
            return await self._unknown(entry, OutcomeUnknown("a fault", code=code, retry_after_s=answered.pause_s))
        return await self._settle(entry, answered)

    async def _resumed(self, entry: Entry) -> Asked:
        """Read a kept message again: maybe by another release than kept it, with other rules.

        Whatever goes wrong goes wrong again at each try, with nothing sent. So a person is told, who runs a release
        that can read it, or has it sent anew.
        """
        try:
            return await self._tools.speeches[entry.payload.format].resume(entry, self._policy().site)
        except NotSent:
            raise
        except Exception as error:
            code = getattr(error, "code", "EN-INTERNAL")
            log.error("delivery.unreadable", uid=entry.uid, outcome=code, exc_info=error)
            raise NotSent("it was kept, and is refused now", code=_UNREADABLE) from error

    async def _not_sent(self, entry: Entry, error: NotSent) -> Outcome:
        if error.code not in _HELD:
            await self.put_back(entry, error.code, unknown=entry.unknown)
            return Outcome(meaning=Meaning.RETRY, code=error.code, answer=None, is_sent=False)
        # Time does not mend this: a person puts right what is named and releases it, or discards it.
        keeper = self._tools.keeper
        await self._durably(entry, lambda: keeper.settle(entry, Event.CONFIGURATION_ERROR, error.code, None))
        # An earlier handover may have arrived: of that one this says nothing.
        return Outcome(meaning=Meaning.HOLD, code=error.code, answer=None, is_sent=entry.unknown)

    async def _unknown(self, entry: Entry, error: OutcomeUnknown) -> Outcome:
        pause_s = error.retry_after_s
        is_heard = error.code != OutcomeUnknown.code  # else no answer came, and there is nothing more to say of it
        if entry.has_token and not entry.is_repeatable and entry.direction is Direction.OUT:
            # A token is for one use, and the other side may have seen this one (design section 3).
            keeper = self._tools.keeper
            await self._durably(entry, lambda: keeper.settle(entry, Event.TOKEN_SPENT, OutcomeUnknown.code, None))
            return Outcome(meaning=Meaning.TOKEN, code=error.code, answer=None, is_heard=is_heard, pause_s=pause_s)
        await self.put_back(entry, error.code, unknown=True, pause_s=pause_s)
        return Outcome(meaning=Meaning.RETRY, code=error.code, answer=None, is_heard=is_heard, pause_s=pause_s)

    async def _tokens_refused(self, entry: Entry, code: str) -> Outcome:
        """Its tokens give no access any more: nothing left, and only new ones let it go on."""
        keeper = self._tools.keeper
        await self._durably(entry, lambda: keeper.settle(entry, Event.TOKEN_SPENT, code, None))
        # An earlier handover may have arrived: of that one this says nothing.
        return Outcome(meaning=Meaning.TOKEN, code=code, answer=None, is_sent=entry.unknown)

    async def _settle(self, entry: Entry, answered: Answered) -> Outcome:
        # What is repeatable has another token, or none that counts once, at its next attempt.
        has_token = entry.has_token and not entry.is_repeatable
        decided, code = answered.verdict.meaning(has_token=has_token, unknown=entry.unknown)
        if entry.direction is Direction.IN and decided is not Meaning.DELIVERED:
            # Answered CA: it waits until the local system takes it or a named person discards it.
            decided = Meaning.RETRY
        if decided is Meaning.RETRY:
            await self.put_back(entry, code, unknown=entry.unknown, pause_s=answered.pause_s)
        else:
            event = _EVENTS[decided]
            await self._durably(entry, lambda: self._tools.keeper.settle(entry, event, code, answered.stored))
        return Outcome(meaning=decided, code=code, answer=answered.stored, is_heard=True, pause_s=answered.pause_s)

    async def put_back(self, entry: Entry, code: str, *, unknown: bool, pause_s: float | None = None) -> None:
        """It is to be tried again, not before the pause that the other side asked for."""
        retry = self._policy().retry
        drawn_s = drawn_pause_s(entry.attempts + 1, self._tools.chance.uniform(), retry)
        after_s = max(drawn_s, min(pause_s or 0.0, retry.cap_s))
        keeper = self._tools.keeper
        await self._durably(entry, lambda: keeper.put_back(entry, code, after_s=after_s, unknown=unknown))

    async def _durably(self, entry: Entry, work: Callable[[], Awaitable[None]]) -> None:
        """Record the end of a handover, however long the store cannot: only this run may end its lease.

        Time does not mend a damaged page: the other messages need the place. Raises `StoreUnavailable` then.
        """
        while True:
            try:
                return await work()
            except StoreUnavailable as error:
                if error.code == DAMAGED and not self._is_stopped():
                    self._tools.unrecorded.take(entry, work)
                if error.code == DAMAGED or self._is_stopped():
                    raise
                await deferLater(self._tools.clock, STORE_PAUSE_S)


_EVENTS: Final = {
    Meaning.DELIVERED: Event.ACKNOWLEDGED,
    Meaning.TOKEN: Event.TOKEN_SPENT,
    Meaning.HOLD: Event.CONFIGURATION_ERROR,
    Meaning.DEAD: Event.REFUSED_FOR_GOOD,
}


def _outgoing(entry: Entry, asked: Asked) -> Outgoing:
    return Outgoing(
        direction=entry.direction,
        sender=entry.sender,
        receiver=entry.receiver,
        payload=entry.payload,
        correlation=entry.correlation,
        redelivery=entry.unknown,
        wanted=asked.wanted,
    )
