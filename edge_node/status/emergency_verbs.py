"""The verbs on emergency accesses: see which wait, say why one was needed, sign one off.

Knows: their names and fields, what each answers. Those that change something are recorded with who and why.
Must not know: how accesses are stored, what makes one of an emergency.

The reason of an access is `why` of the verb that gives it: it stands in the access log, where only its key opens it.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, Protocol

from edge_node.model.emergency import Emergency, EmergencyState, Verdict
from edge_node.model.overview import By
from edge_node.status.document import Document
from edge_node.status.verbs import Call, Verb, flag_of, number_of, text_of, wrong

MAX_ROWS: Final = 1000
_MOST: Final = 2**53


class Emergencies(Protocol):
    """The accesses, as people review them."""

    def list(self, limit: int, *, reviewed: bool) -> Awaitable[Sequence[Emergency]]:
        """Return those that wait, or all."""
        ...

    def state(self) -> Awaitable[EmergencyState]:
        """Count those that wait."""
        ...

    def explain(self, number: int, by: By) -> Awaitable[Emergency]:
        """Say why one was needed."""
        ...

    def sign_off(self, number: int, verdict: Verdict, by: By) -> Awaitable[Emergency]:
        """Say what came of the review."""
        ...


def verbs(emergencies: Emergencies) -> dict[str, Verb]:
    """Return them."""

    async def list_(call: Call) -> list[Document]:
        limit = number_of(call.fields, "limit", 100, MAX_ROWS)
        return [of_emergency(one) for one in await emergencies.list(limit, reviewed=flag_of(call.fields, "all"))]

    async def explain(call: Call) -> Document:
        return of_emergency(await emergencies.explain(_id(call), call.by))

    async def sign_off(call: Call) -> Document:
        verdict = text_of(call.fields, "verdict") or ""
        if verdict not in set(Verdict):
            raise wrong(f"verdict is {' or '.join(Verdict)}")
        return of_emergency(await emergencies.sign_off(_id(call), Verdict(verdict), call.by))

    return {
        "emergency.list": Verb(fields=frozenset({"all", "limit"}), run=list_),
        "emergency.explain": Verb(fields=frozenset({"id", "why"}), changes=True, run=explain),
        "emergency.sign-off": Verb(fields=frozenset({"id", "verdict", "why"}), changes=True, run=sign_off),
    }


def of_emergency(one: Emergency) -> Document:
    """Write one down."""
    return {name: _plain(value) for name, value in asdict(one).items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _id(call: Call) -> int:
    if "id" not in call.fields:
        raise wrong("which one? `log emergencies` shows their numbers")
    return number_of(call.fields, "id", 1, _MOST)
