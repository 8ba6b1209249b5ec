"""Two hundred messages were refused, for two reasons. One reason is mended, and what it broke is sent again."""

from typing import Any, ClassVar

from twisted.internet.defer import gatherResults
from twisted.internet.threads import deferToThreadPool

from edge_node.sandbox.samples.people import patient
from edge_node.status.control_client import ask
from tests.stories import moves
from tests.stories.far_end import Turn
from tests.stories.moves import AT_PRACTICE
from tests.stories.story import Story, a_prescription, deferred, reactor

EACH = 100
MENDED, WRONG = "80000003", "80000004"


def refuses_both(turn: Turn) -> None:
    """One receiver is not in the address book, what the other one gets has an error in it."""
    moves.refuses("RTUDEST" if turn.seen.receiver == MENDED else "SYN105")(turn)


class TestDeadLetters(Story):
    timeout = 120
    given: ClassVar[dict[str, Any]] = {"version": 1, "store": {"bulk_per_s": 1000}}

    async def setUp(self) -> None:
        await super().setUp()
        self.switch.usual = refuses_both

    async def refused(self, receiver: str, count: int) -> list[str]:
        """Messages for that receiver about five patients, which it refuses; their ids in the order of arrival."""
        sent = [a_prescription(AT_PRACTICE, receiver, patient(number % 5)) for number in range(count)]
        for start in range(0, count, 10):
            await gatherResults([deferred(self.send(each)) for each in sent[start : start + 10]])
        await self.eventually(lambda: self.states(receiver), lambda states: states == {"DEAD"})
        return [str(row.message_id) for row in await self.kept_messages() if row.receiver == receiver]

    async def verb(self, name: str, **fields: Any) -> Any:
        """Ask over the control socket, as the command does."""
        request = {"verb": name, **fields}
        return await deferToThreadPool(reactor, self._pool, ask, self.folder / "control.sock", request, timeout_s=60)

    async def states(self, receiver: str) -> set[str]:
        """The states of all that went to that receiver."""
        return {row.state.value for row in await self.kept_messages() if row.receiver == receiver}

    async def test_of_one_cause_are_all_delivered_in_order(self) -> None:
        """The pharmacy is in the address book again: a hundred patients get what was meant for them, in its order."""
        replayed = await self.refused(MENDED, EACH)
        await self.refused(WRONG, EACH)
        causes = await self.verb("queue.dead")
        assert sorted((cause["code"], cause["messages"]) for cause in causes) == [("RTUDEST", EACH), ("SYN105", EACH)]
        self.switch.usual = moves.usual
        heard = len(self.switch.heard)
        chosen = {"code": "RTUDEST", "states": ["DEAD", "EXPIRED"]}
        preview = await self.verb("queue.preview", deed="retry", **chosen)
        seen = {"through": preview["through"], "seen_at": preview["seen_at"]}
        done = await self.verb("queue.retry-all", **chosen, **seen, why="address book mended")
        assert done == {"done": EACH, "skipped": {}, "stopped": False}
        await self.eventually(lambda: self.states(MENDED), lambda states: states == {"DELIVERED"})
        assert await self.states(WRONG) == {"DEAD"}
        assert sorted(str(turn.seen.id) for turn in self.switch.heard[heard:]) == sorted(replayed)
        assert self.by_patient(self.switch.heard[heard:]) == self.by_patient(self.first_of(replayed))

    def first_of(self, ids: list[str]) -> list[Turn]:
        """The first time that each of these came, in the order of arrival."""
        first = {str(turn.seen.id): turn for turn in reversed(self.switch.heard)}
        return [first[each] for each in ids]

    def by_patient(self, turns: list[Turn]) -> dict[bytes, list[str]]:
        """The messages of each patient, in their order."""
        found: dict[bytes, list[str]] = {}
        for turn in turns:
            found.setdefault(bsn_in(turn.body), []).append(str(turn.seen.id))
        return found


def bsn_in(body: bytes) -> bytes:
    """Whom a prescription is about."""
    for number in range(5):
        if (bsn := str(patient(number).bsn).encode()) in body:
            return bsn
    raise AssertionError("about nobody known")
