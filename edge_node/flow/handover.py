"""Passes on a push that the node does not keep, while its sender waits.

Knows: that a copy gets the first answer, that nothing is sent by the node itself afterwards.
Must not know: how an answer is read, what a refusal looks like on the wire.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from twisted.internet.interfaces import IReactorTime

from edge_node.errors import NotSent, OutcomeUnknown, Refused, StoreUnavailable
from edge_node.flow.exchange import Answered, exchange
from edge_node.flow.ports import Keeper
from edge_node.flow.relay import Asking
from edge_node.flow.waiting import Promise
from edge_node.model.exchange import Reply
from edge_node.model.keeping import Admission, Admitted, Known, Push
from edge_node.model.message import Direction
from edge_node.model.record_ends import with_said
from edge_node.policy.acknowledgement import Meaning

Key = tuple[str, str, str, str]
#: Less than this is no time to answer in: the message would only be of unknown outcome.
_LEAST_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A push to be passed on."""

    asking: Asking
    push: Push


class Handover:
    """Passes pushes on, in both directions."""

    def __init__(self, keeper: Keeper, clock: IReactorTime, ended: Callable[[], None]) -> None:
        """`ended` is called when one is over: what was kept behind it may go."""
        self._keeper = keeper
        self._clock = clock
        self._ended = ended
        self._running: dict[Key, Promise[Reply]] = {}

    async def pass_on(self, handed: Handed) -> Reply:
        """Return the other side's answer, or say whether anything was sent. Raises `StoreUnavailable`."""
        key = _key(handed.push)
        asked_s = self._clock.seconds()
        admission = await self._begin(handed)
        if isinstance(admission, Known) and admission.answer is None and admission.uid is None:
            if running := self._running.get(key):
                return await self._join(handed, running)
            # The outcome of the first copy could not be recorded, and nobody has it in hand any more.
            await self._keeper.abandon(handed.push, OutcomeUnknown.code, unknown=True)
            admission = await self._begin(handed)
        if isinstance(admission, Admitted):
            return await self._first(self._less(handed, asked_s), key, admission)
        return handed.asking.voice.not_new(admission)

    def _less(self, handed: Handed, asked_s: float) -> Handed:
        """Its sender has been waiting since it asked: what the disk took is not waited for a second time."""
        waits = handed.asking.waits
        left_s = max(_LEAST_S, waits.timeout_s - (self._clock.seconds() - asked_s))
        return replace(handed, asking=replace(handed.asking, waits=replace(waits, timeout_s=left_s)))

    async def _begin(self, handed: Handed) -> Admission:
        # Tokens and addresses are fetched within the same patience, so twice that is never reached.
        return await self._keeper.begin(handed.push, holds_s=2 * handed.asking.waits.timeout_s)

    async def _first(self, handed: Handed, key: Key, admitted: Admitted) -> Reply:
        promise: Promise[Reply] = Promise()
        self._running[key] = promise
        try:
            reply = await self._send(handed, admitted)
            promise.keep(reply)
            return reply
        except StoreUnavailable as error:
            # It was begun: "nothing was accepted" would make its sender write it anew, under another id.
            reply = handed.asking.voice.outcome_unknown(OutcomeUnknown(error.detail, code=error.code))
            promise.keep(reply)
            return reply
        finally:
            if self._running.get(key) is promise:  # two copies of a signal are two messages
                del self._running[key]
            promise.keep(handed.asking.voice.refused_as("EN-IN-PROGRESS", "the first copy failed"))
            self._ended()

    async def _join(self, handed: Handed, running: Promise[Reply]) -> Reply:
        """A copy while the first one is on its way: both get the same answer."""
        reply = await running.within(self._clock, handed.asking.waits.timeout_s)
        return reply or handed.asking.voice.refused_as("EN-IN-PROGRESS", "a copy is in hand")

    async def _send(self, handed: Handed, admitted: Admitted) -> Reply:
        asking, push, unknown = handed.asking, handed.push, admitted.unknown
        try:
            # A second handover, where the answer to the first one was lost, says so (design section 3).
            outgoing = replace(asking.outgoing, redelivery=unknown)
            answered = await exchange(asking.link, outgoing, asking.waits, asking.asked)
        except NotSent as error:
            await self._keeper.abandon(push, error.code, unknown=unknown)
            if unknown:  # that this copy went nowhere says nothing about the first one
                return asking.voice.outcome_unknown(OutcomeUnknown(error.detail, code=error.code))
            return asking.voice.not_sent(error)
        except Refused as error:  # its tokens give no access: nothing left
            await self._keeper.abandon(push, error.code, unknown=unknown)
            if unknown:
                return asking.voice.outcome_unknown(OutcomeUnknown(error.detail, code=error.code))
            return asking.voice.refused_as(error.code, error.detail)
        except OutcomeUnknown as error:
            await self._keeper.abandon(push, error.code, unknown=True)
            return asking.voice.outcome_unknown(error)
        if answered.verdict.is_positive:
            return await self._arrived(handed, admitted, answered)
        if unknown and not answered.verdict.is_unknown:
            return await self._refused_now(handed, answered)
        # A copy of a message that was refused is processed anew (design section 3).
        is_fault = answered.is_fault or answered.verdict.is_unexplained
        code = "EN-SWITCHBOARD-FAULT" if is_fault else "EN-DELIVERY-REFUSED"
        await self._keeper.abandon(_with(push, answered), code, unknown=answered.verdict.is_unknown)
        if answered.verdict.is_unexplained and push.direction is Direction.OUT:
            # Its sender hears what is remembered of it, and not of a fault that looks like the end.
            why = OutcomeUnknown(f"HTTP status {answered.stored.status}", code=code)
            return asking.voice.outcome_unknown(why)
        if answered.is_fault:
            return asking.voice.fault_of_other_side(answered.stored)
        return asking.voice.again(answered.stored)

    async def _arrived(self, handed: Handed, admitted: Admitted, answered: Answered) -> Reply:
        push, voice = handed.push, handed.asking.voice
        if admitted.overtaken:
            # A removal arrived, and what it removes may arrive after it: only its sender can send it once more.
            await self._keeper.abandon(push, OutcomeUnknown.code, unknown=True)
            return voice.outcome_unknown(OutcomeUnknown("a registration may arrive after this removal"))
        await self._keeper.finish(push, answered.stored)
        return voice.again(answered.stored)

    async def _refused_now(self, handed: Handed, answered: Answered) -> Reply:
        """The other side says no to a copy; what became of the first one is another matter."""
        push, voice = handed.push, handed.asking.voice
        meaning, code = answered.verdict.meaning(has_token=push.has_token and not push.is_repeatable, unknown=True)
        if meaning is Meaning.DELIVERED:  # "registered already": the first one arrived
            await self._keeper.finish(push, answered.stored)
            return voice.again(answered.stored)
        await self._keeper.abandon(_with(push, answered), code, unknown=meaning is not Meaning.DEAD)
        if meaning is Meaning.TOKEN and push.direction is Direction.OUT:
            # It may have seen the token with the first one: neither dead nor delivered (design section 3).
            return voice.outcome_unknown(OutcomeUnknown(f"the other side answered {code}", code="EN-TOKEN-SPENT"))
        if answered.is_fault:
            return voice.fault_of_other_side(answered.stored)
        return voice.again(answered.stored)


def _with(push: Push, answered: Answered) -> Push:
    """The push, with what was answered to it in its line of the access log."""
    if push.log is None:
        return push
    log = replace(push.log, correlation=with_said(push.log.correlation, answered.stored.said))
    return replace(push, log=log)


def _key(push: Push) -> Key:
    return (str(push.direction), str(push.sender), push.message_id.root, push.message_id.extension)
