"""The verbs on what people record of the upkeep of the node: incidents, approved changes, the way out of use.

Knows: their names and fields, and what they answer.
Must not know: how any of it is kept, when it is late.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, Protocol

from edge_node.model.overview import By
from edge_node.model.upkeep import Approval, Incident, NewIncident, Step, Taken
from edge_node.status.document import Document, moment
from edge_node.status.verbs import Call, Request, Verb, flag_of, moment_of, number_of, said_of, text_of, wrong

_MOST: Final = 2**53


class UpkeepDesk(Protocol):
    """What the verbs are carried out on. Each change raises `Refused` where it makes no sense."""

    async def incidents(self, *, closed: bool) -> Sequence[Incident]:
        """The open ones, or all."""
        ...

    async def open_incident(self, new: NewIncident, by: By) -> Incident:
        """Somebody found one."""
        ...

    async def report_incident(self, number: int, to: str, by: By) -> Incident:
        """Somebody reported one."""
        ...

    async def close_incident(self, number: int, by: By) -> Incident:
        """It is over."""
        ...

    async def approvals(self) -> Sequence[Approval]:
        """The last ones."""
        ...

    async def approve(self, change: str, approver: str, by: By) -> Approval:
        """Somebody approved what is in force."""
        ...

    async def leaving(self) -> Sequence[Taken]:
        """The steps out of use that were taken."""
        ...

    async def to_do(self) -> Sequence[Step]:
        """Those that are still to be taken."""
        ...

    async def take(self, step: Step, owner: str, by: By) -> Taken:
        """Somebody took one."""
        ...

    async def stay(self, by: By) -> None:
        """The node is not put out of use after all."""
        ...


def verbs(desk: UpkeepDesk) -> dict[str, Verb]:
    """Return them."""
    return {**_of_incidents(desk), **_of_changes(desk), **_of_leaving(desk)}


def _of_incidents(desk: UpkeepDesk) -> dict[str, Verb]:
    async def listed(call: Call) -> list[Document]:
        return [_document(one) for one in await desk.incidents(closed=flag_of(call.fields, "all"))]

    async def open_(call: Call) -> Document:
        new = NewIncident(
            detected_at=moment_of(call.fields, "detected"),
            what=said_of(call.fields, "why", "what happened"),
            is_breach=flag_of(call.fields, "breach"),
            owner=said_of(call.fields, "owner", "the owner"),
        )
        return _document(await desk.open_incident(new, call.by))

    async def report(call: Call) -> Document:
        to = said_of(call.fields, "to", "whom it was reported to")
        return _document(await desk.report_incident(_id(call.fields), to, call.by))

    async def close(call: Call) -> Document:
        return _document(await desk.close_incident(_id(call.fields), call.by))

    told = frozenset({"why", "owner", "detected", "breach"})
    return {
        "gbz.incidents": Verb(fields=frozenset({"all"}), run=listed),
        "gbz.incident-open": Verb(fields=told, changes=True, run=open_),
        "gbz.incident-report": Verb(fields=frozenset({"id", "to", "why"}), changes=True, run=report),
        "gbz.incident-close": Verb(fields=frozenset({"id", "why"}), changes=True, run=close),
    }


def _of_changes(desk: UpkeepDesk) -> dict[str, Verb]:
    async def listed(call: Call) -> list[Document]:
        return [_document(one) for one in await desk.approvals()]

    async def approve(call: Call) -> Document:
        change = said_of(call.fields, "change", "the number of the change")
        approver = said_of(call.fields, "approver", "who approved")
        return _document(await desk.approve(change, approver, call.by))

    fields = frozenset({"change", "approver", "why"})
    return {
        "gbz.changes": Verb(run=listed),
        "gbz.change": Verb(fields=fields, changes=True, run=approve),
    }


def _of_leaving(desk: UpkeepDesk) -> dict[str, Verb]:
    async def shown(call: Call) -> Document:
        taken, to_do = await desk.leaving(), await desk.to_do()
        return {"taken": [_document(one) for one in taken], "to_do": list(to_do)}

    async def take(call: Call) -> Document:
        owner = said_of(call.fields, "owner", "the owner")
        return _document(await desk.take(_step(call.fields), owner, call.by))

    async def stay(call: Call) -> Document:
        await desk.stay(call.by)
        return {}

    return {
        "gbz.leaving": Verb(run=shown),
        "gbz.leave": Verb(fields=frozenset({"step", "owner", "why"}), changes=True, run=take),
        "gbz.stay": Verb(fields=frozenset({"why"}), changes=True, run=stay),
    }


def _document(one: Incident | Approval | Taken) -> Document:
    told = {name: _plain(value) for name, value in asdict(one).items()}
    return {**told, "is_reported": one.is_reported} if isinstance(one, Incident) else told


def _plain(value: Any) -> Any:
    return moment(value) if isinstance(value, datetime) else value


def _id(fields: Request) -> int:
    if "id" not in fields:
        raise wrong("which incident? `gbz incident list` shows their numbers")
    return number_of(fields, "id", 1, _MOST)


def _step(fields: Request) -> Step:
    named = text_of(fields, "step") or ""
    if named not in set(Step):
        raise wrong(f"step is one of {', '.join(Step)}")
    return Step(named)
