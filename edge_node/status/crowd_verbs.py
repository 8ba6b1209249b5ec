"""The verbs on many messages at once: preview, act, causes, shape, export.

Knows: their names and fields, how large a unit of work is, what they answer.
Must not know: how messages are stored, what a code means.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.overview import AGES_S, Crowd, Deed, Errand, Tally
from edge_node.status.document import Document, of_cause, of_preview, of_row
from edge_node.status.ports import NO_LINE, Nudge, Stock
from edge_node.status.queue_verbs import OVER, choice_of
from edge_node.status.verbs import Call, Request, Verb, flag_of, number_of, seconds_of, wrong

#: Messages of one commit: small, so that what a local system sends meanwhile is not held up.
UNIT: Final = 25
_SEARCHED: Final = 1000  # found by one look beside the writer
_EXPORTED: Final = 200  # rows of one part
_MOST: Final = 2**62
_RECEIVERS: Final = 1000
#: Whoever asks for these says that it may be repaired.
_HOPEFUL: Final = frozenset({Deed.RETRY, Deed.RELEASE})
#: What ended without arriving, and what waits for a person.
DEAD: Final = frozenset({State.DEAD, State.EXPIRED})
STUCK: Final = DEAD | {State.HELD, State.NEEDS_TOKEN}
_CHOICE: Final = frozenset(
    {"direction", "state", "receiver", "interaction", "code", "older_s", "younger_s", "states"}
)


def verbs(stock: Stock, nudge: Nudge = NO_LINE) -> dict[str, Verb]:
    """Return them."""

    async def preview(call: Call) -> Document:
        return of_preview(await stock.preview(_crowd(call.fields, deed_of(call.fields).states)))

    async def causes(call: Call) -> list[Document]:
        states = STUCK if flag_of(call.fields, "all_stuck") else DEAD
        return [of_cause(cause) for cause in await stock.causes(_crowd(call.fields, states))]

    async def shape(call: Call) -> Document:
        limit = number_of(call.fields, "limit", 50, _RECEIVERS)
        return _matrix(await stock.shape(choice_of(call.fields)), limit)

    async def export(call: Call) -> Document:
        return await _exported(stock, call)

    async def export_bodies(call: Call) -> Document:
        return await _exported(stock, call, with_bodies=True)

    def all_of(deed: Deed) -> Verb:
        async def run(call: Call) -> Document:
            return await _Work(stock, nudge, deed, call).done()

        # Without the end and the moment of a preview, what came after the look would be done away with unseen.
        return Verb(fields=_CHOICE | {"through", "seen_at", "why"}, changes=True, target=_need_of_preview, run=run)

    return {
        "queue.preview": Verb(fields=_CHOICE | {"deed"}, run=preview),
        "queue.dead": Verb(fields=_CHOICE - {"older_s", "younger_s"} | {"all_stuck"}, run=causes),
        "queue.shape": Verb(fields=frozenset({"direction", "state", "receiver", "limit"}), run=shape),
        "queue.export": Verb(fields=_CHOICE | {"ended"}, run=export),
        "queue.export-bodies": Verb(fields=_CHOICE | {"ended", "why"}, changes=True, run=export_bodies),
        **{f"queue.{deed}-all": all_of(deed) for deed in Deed},
    }


@dataclass(slots=True)
class _Work:
    """One deed, done to many messages a unit at a time; between units it looks whether it is still wanted."""

    stock: Stock
    nudge: Nudge
    deed: Deed
    call: Call

    async def done(self) -> Document:
        """Do it to all; return how many it was done to, and to how many it could not be, by code."""
        done, skipped = 0, Counter[str]()
        crowd = _crowd(self.call.fields, self.deed.states)
        errand = Errand(deed=self.deed, by=self.call.by, seen_at=crowd.seen_at or 0)
        directions = [crowd.choice.direction] if crowd.choice.direction else list(Direction)
        after: int | None = 0
        while after is not None and not self.call.is_stopped:
            page = await self.stock.seqs(crowd, after, _SEARCHED)
            after = page.following
            for unit in _units(page.seqs):
                moved = await self.stock.do(errand, unit)
                done += moved.done
                skipped.update(moved.skipped)
                # A discard opens a lane too: what stood behind may go.
                for direction in directions:
                    self.nudge.wake(direction)
                await self.call.tell({"done": done, "skipped": dict(skipped)})
                if self.call.is_stopped:
                    break
        for direction in directions if done and self.deed in _HOPEFUL else []:
            self.nudge.hope(direction)
        return {"done": done, "skipped": dict(skipped), "stopped": self.call.is_stopped}


async def _exported(stock: Stock, call: Call, *, with_bodies: bool = False) -> Document:
    """Send the rows in parts, so that neither side holds them all; behind each part the bodies of its messages."""
    states = frozenset(State) if flag_of(call.fields, "ended") or "states" in call.fields else frozenset(State) - OVER
    crowd = _crowd(call.fields, states)
    rows = 0
    after: int | None = 0
    while after is not None and not call.is_stopped:
        page = await stock.rows(crowd, after, _EXPORTED)
        rows += len(page.rows)
        await call.tell({"rows": [of_row(row) for row in page.rows]})
        if with_bodies:
            await _tell_bodies(stock, call, [row.uid for row in page.rows])
        after = page.following
    return {"rows": rows, "stopped": call.is_stopped}


async def _tell_bodies(stock: Stock, call: Call, uids: Sequence[str]) -> None:
    """Send the bytes of each message and then whose they were. Each one read is in the access log before it goes."""
    for uid in uids:
        if call.is_stopped:
            return
        try:
            payload = await stock.open(uid, call.by)
        except EdgeNodeError as error:
            await call.tell({"body": {"uid": uid, "code": error.code}})  # removed when its time was over, or damaged
            continue
        await call.tell_bytes(payload.body)
        if not call.is_stopped:  # else it is not whole, and whoever has its bytes must not take it for that
            await call.tell({"body": {"uid": uid, "format": payload.format.value}})


def deed_of(fields: Request) -> Deed:
    """What is to be done."""
    try:
        return Deed(str(fields.get("deed")))
    except ValueError:
        raise wrong(f"deed is one of {', '.join(Deed)}") from None


def _crowd(fields: Request, possible: frozenset[State]) -> Crowd:
    """Which messages are meant: of the states asked for those in which it is possible."""
    choice = choice_of(fields)
    asked = _states_of(fields) | ({choice.state} if choice.state else set())
    if asked - possible:
        raise Refused(f"not possible in {', '.join(sorted(asked - possible))}", code="EN-ILLEGAL-STEP")
    through = number_of(fields, "through", _MOST, _MOST) if "through" in fields else None
    return Crowd(choice=choice, states=asked or possible, through=through, seen_at=seconds_of(fields, "seen_at"))


def _states_of(fields: Request) -> frozenset[State]:
    given = fields.get("states", [])
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise wrong("states is a list of states")
    try:
        return frozenset(State(each) for each in given)
    except ValueError:
        raise wrong("one of the states is not one there is") from None


def _need_of_preview(fields: Request) -> str:
    """Not of one message; looked at before anything is recorded."""
    if not fields.keys() >= {"through", "seen_at"}:
        raise wrong("through or seen_at is missing: have a preview first, and give what it says")
    return ""


def _units(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    return (seqs[start : start + UNIT] for start in range(0, len(seqs), UNIT))


def _matrix(tallies: Sequence[Tally], limit: int) -> Document:
    """Age against destination: the receivers with the most messages, and how many others there are."""
    totals = Counter[tuple[str, str]]()
    for tally in tallies:
        totals[tally.direction, tally.receiver] += tally.messages
    most = [key for key, _ in totals.most_common(limit)]
    rank = {key: number for number, key in enumerate(most)}
    shown = sorted(
        (tally for tally in tallies if (tally.direction, tally.receiver) in rank), key=lambda it: _place(it, rank)
    )
    return {
        "ages_s": list(AGES_S),
        "rows": [_line(key, list(found)) for key, found in groupby(shown, key=lambda it: _place(it, rank))],
        "messages": totals.total(),
        "receivers": len(totals),
    }


def _place(tally: Tally, rank: dict[tuple[str, str], int]) -> tuple[int, State]:
    return rank[tally.direction, tally.receiver], tally.state


def _line(key: tuple[int, State], found: Sequence[Tally]) -> Document:
    ages = Counter[int]()
    for tally in found:
        ages[tally.age_s] += tally.messages
    first = found[0]
    return {
        "direction": first.direction,
        "receiver": first.receiver,
        "state": first.state,
        "messages": ages.total(),
        "by_age": [ages[age_s] for age_s in AGES_S],
    }
