"""The verbs on the access log: proven, searched, exported, told to a patient, and seen when it was bent.

Knows: their names and fields, what each answers. Each is recorded with who and why before it begins.
Must not know: how a log is chained, sealed or proven, how records are shown.
"""

import re
from collections.abc import Awaitable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, Protocol

from edge_node.model.identifiers import Bsn, InvalidIdentifier
from edge_node.model.log_state import LogWanted, Proof, SignedHead
from edge_node.model.overview import By
from edge_node.status.document import Document
from edge_node.status.verbs import Call, Verb, number_of, text_of, wrong

MAX_ROWS: Final = 1_000_000
PATIENT: Final = "object.patient"
#: A field of a request, and that of a record that is looked for by its mark.
_SOUGHT: Final = {"patient": PATIENT, "uzi": "user.uzi", "account": "user.name"}
#: The same, of those that stand open.
_OPEN: Final = {
    "event": "event.type",
    "code": "event.code",
    "interaction": "event.interaction",
    "situation": "event.situation",
    "message": "correlation.message",
    "correlation": "correlation.id",
    "uid": "correlation.uid",
}
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z?)?")
#: What was looked for stands in the line about the looking, beside the patient, who is sealed in it.
_TOLD: Final = frozenset({*_OPEN, "since", "until", "limit"} - {"message"})
_OF_PATIENT: Final = frozenset({"patient", "since", "until", "why"})
_FILTERS: Final = frozenset({*_SOUGHT, *_OPEN, "since", "until", "limit", "why"})


class Pages(Protocol):
    """Records, some at a time."""

    async def turn(self) -> list[dict[str, Any]]:
        """The next ones; none at the end."""
        ...

    async def close(self) -> None:
        """No more are wanted."""
        ...


class AccessLog(Protocol):
    """The log as people use it."""

    @property
    def head(self) -> SignedHead | None:
        """The newest head that is durable."""
        ...

    @property
    def pem(self) -> str:
        """The public half of the key that signs."""
        ...

    def pages(self, wanted: LogWanted) -> Pages:
        """Give the records that are wanted, some at a time."""
        ...

    def see(self, by: By) -> Awaitable[int]:
        """A person knows of what was found; return how many times that was."""
        ...

    def prove(self, wanted: str = "") -> Awaitable[Proof]:
        """Look at the whole log. Raises `Refused` where what is wanted is no head."""
        ...


def verbs(log: AccessLog) -> dict[str, Verb]:
    """Return them."""

    async def head(call: Call) -> Document:
        return of_head(log.head) | {"public_key": log.pem}

    async def verify(call: Call) -> Document:
        return of_proof(await log.prove(text_of(call.fields, "head") or ""))

    async def records(call: Call) -> Document:
        count, limit = 0, number_of(call.fields, "limit", MAX_ROWS, MAX_ROWS)
        pages = log.pages(wanted_of(call.fields))
        try:
            while count < limit and not call.is_stopped and (page := await pages.turn()):
                rows = page[: limit - count]
                count += len(rows)
                await call.tell({"records": rows})
        finally:
            await pages.close()
        return {"records": count}

    async def patient(call: Call) -> Document:
        if not text_of(call.fields, "patient"):
            raise wrong("whose overview? name the patient")
        return await records(call)

    async def seen(call: Call) -> Document:
        return {"seen": await log.see(call.by)}

    return {
        "log.head": Verb(run=head),
        "log.verify": Verb(fields=frozenset({"head", "why"}), changes=True, run=verify),
        "log.search": Verb(fields=_FILTERS, changes=True, patient=whose, told=_TOLD, run=records),
        "log.export": Verb(fields=_FILTERS, changes=True, patient=whose, told=_TOLD, run=records),
        "log.patient": Verb(fields=_OF_PATIENT, changes=True, patient=whose, told=_TOLD, run=patient),
        "log.seen": Verb(fields=frozenset({"why"}), changes=True, run=seen),
    }


def whose(fields: Any) -> str:
    """The number of the patient whose records are asked for: that stands in the line about the asking."""
    given = text_of(fields, "patient") or ""
    try:
        return Bsn(given).value
    except InvalidIdentifier:  # it is refused when the verb is carried out
        return ""


def wanted_of(fields: Any) -> LogWanted:
    """Read which records are wanted."""
    sought = {name: _said(fields, key) for key, name in _SOUGHT.items()}
    opened = {name: _said(fields, key) for key, name in _OPEN.items()}
    since, until = _moment(fields, "since"), _moment(fields, "until")
    if until and since >= until:
        raise wrong("the period ends before it begins")
    if sought[PATIENT]:
        try:
            Bsn(sought[PATIENT])
        except InvalidIdentifier:
            raise wrong("the number of the patient is no citizen service number") from None
    return LogWanted(
        sought={name: value for name, value in sought.items() if value},
        open={name: value for name, value in opened.items() if value},
        since=since,
        until=until,
    )


def of_proof(proof: Proof) -> Document:
    """Return what came of a look at the whole log."""
    return {
        "is_sound": proof.is_sound,
        "records": proof.records,
        "first": proof.first,
        "last": proof.last,
        "unsigned": proof.unsigned,
        **of_head(proof.head),
        "held_to": proof.wanted or None,
        "chains": list(proof.chains),
        "found": [{**asdict(each), "shown": each.shown} for each in proof.found],
    }


def of_head(head: SignedHead | None) -> Document:
    """Return the newest head."""
    if head is None:
        return {"head": None}
    return {"head": head.name, "signed_at": head.at, "signed_by": head.key, "chain": head.chain}


def _said(fields: Any, key: str) -> str | None:
    """A filter. One that is there and empty would let all records through."""
    said = text_of(fields, key)
    if said is not None and not said.strip():
        raise wrong(f"{key} is empty: say which, or leave it out")
    return said


def _is_moment(said: str) -> bool:
    try:
        datetime.fromisoformat(said)
    except ValueError:
        return False
    return _DAY.fullmatch(said) is not None


def _moment(fields: Any, key: str) -> str:
    said = text_of(fields, key)
    if said is None:
        return ""
    if not _is_moment(said):
        raise wrong(f"{key} is a day, 2026-11-22, or a moment in UTC, 2026-11-22T09:00:00Z")
    return said
