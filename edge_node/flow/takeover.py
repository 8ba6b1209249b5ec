"""Takes a push over from its sender: kept first, answered then.

Knows: when the answer is the other side's own, when it is "kept", and what a copy gets.
Must not know: how messages are kept or delivered, what an acknowledgement looks like.
"""

from dataclasses import dataclass, replace
from typing import Any

from twisted.internet.interfaces import IReactorTime

from edge_node.errors import OutcomeUnknown, StoreUnavailable
from edge_node.flow.attempt import Outcome
from edge_node.flow.deliver import Deliverer
from edge_node.flow.ports import Keeper
from edge_node.flow.speech import Asked, Voice
from edge_node.flow.waiting import Promise
from edge_node.model.exchange import Reply
from edge_node.model.keeping import Admitted, Entry, Known, Push
from edge_node.policy.acknowledgement import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A push to be kept. `wait_s` is how long its sender may be kept waiting for the other side's own answer."""

    voice: Voice[Any]
    asked: Asked
    push: Push
    wait_s: float
    link_is_up: bool


class Takeover:
    """Keeps pushes of one direction."""

    def __init__(self, keeper: Keeper, deliverer: Deliverer, clock: IReactorTime) -> None:
        self._keeper = keeper
        self._deliverer = deliverer
        self._clock = clock

    async def take_out(self, taken: Taken) -> Reply:
        """Keep a push for the switchboard, try at once, answer with its answer or "kept"."""
        asked_s = self._clock.seconds()
        at_once = taken.link_is_up and self._deliverer.may_begin(taken.push)
        admission = await self._keeper.keep(taken.push, lease=at_once)
        # Its sender has been waiting since it asked, and gives up at a moment of its own, however slow the disk is.
        left_s = max(0.0, taken.wait_s - (self._clock.seconds() - asked_s))
        taken = replace(taken, wait_s=left_s)
        try:
            match admission:
                case Admitted(uid=uid, entry=Entry() as entry):
                    return await self._tried(taken, uid, self._deliverer.deliver_now(entry, taken.asked))
                case Admitted(uid=uid):
                    self._deliverer.wake()
                    return await self._kept(taken, uid)
                case Known(uid=str() as uid, answer=None, code=""):
                    return await self._join(taken, uid)
                case Known(uid=str() as uid, answer=None, code="EN-TOKEN-SPENT"):
                    return _waiting(taken.voice, uid, "EN-TOKEN-SPENT")
        except StoreUnavailable as error:
            # It was kept: "nothing was accepted" would make its sender write it anew, under another id.
            return taken.voice.outcome_unknown(OutcomeUnknown(error.detail, code=error.code))
        return taken.voice.not_new(admission)

    async def take_in(self, taken: Taken) -> Reply:
        """Keep a push for a local system and answer `CA`; it is delivered afterwards."""
        answer = taken.voice.accept()
        admission = await self._keeper.keep(taken.push, lease=False, answer=answer)
        if isinstance(admission, Admitted):
            self._deliverer.wake()
            return taken.voice.again(answer)
        return taken.voice.not_new(admission)

    async def _tried(self, taken: Taken, uid: str, handover: Promise[Outcome]) -> Reply:
        outcome = await handover.within(self._clock, taken.wait_s)
        if outcome is not None and outcome.meaning is Meaning.TOKEN:
            return _needs_token(taken.voice, uid, outcome)
        final = outcome is not None and outcome.meaning in {Meaning.DELIVERED, Meaning.DEAD}
        if outcome is not None and final and outcome.answer is not None:
            # Remembered with the outcome, where it is good: a copy of a refused message is processed anew.
            return taken.voice.again(outcome.answer)
        return await self._kept(taken, uid)

    async def _kept(self, taken: Taken, uid: str) -> Reply:
        return taken.voice.again(await self._keeper.answered(uid, taken.voice.kept(uid)))

    async def _join(self, taken: Taken, uid: str) -> Reply:
        """A copy while the first one is on its way and unanswered."""
        handover = self._deliverer.running(uid)
        if handover is None:
            return await self._kept(taken, uid)
        return await self._tried(taken, uid, handover)


def _needs_token(voice: Voice[Any], uid: str, outcome: Outcome) -> Reply:
    """The signer may still be there: told now, not only where "kept" is told."""
    if not outcome.is_sent:
        return _waiting(voice, uid, outcome.code)
    if outcome.answer is None:
        why = "" if outcome.code == OutcomeUnknown.code else f"{outcome.code}; "
        return _waiting(voice, uid, OutcomeUnknown.code, why)
    return _waiting(voice, uid, "EN-TOKEN-SPENT", f"the other side answered {outcome.code}; ")


def _waiting(voice: Voice[Any], uid: str, code: str, why: str = "") -> Reply:
    """No, and yet it is kept: who signs again must know where, and why nothing else for this patient goes."""
    reply = voice.refused_as(code, f"{why}message {uid} waits for a new signature, and its lane is closed until then")
    headers = (("location", f"/v1/messages/{uid}"), ("edge-node-state", "needs-token"))
    return replace(reply, headers=(*reply.headers, *headers))
