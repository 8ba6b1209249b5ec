"""The page of exchanges: every interaction of the programme, and how the node treats it.

Knows: the rows of `formats/interactions.toml`.
Must not know: how the line acts on a row.
"""

from collections.abc import Iterable

from edge_node.formats import interactions
from edge_node.model.interaction import Inbound, Interaction

_INBOUND = {Inbound.KEEP: "kept", Inbound.RELAY: "relayed", Inbound.NEVER: "never comes in"}

GROUPS = {
    "A": "Transport, acknowledgements, generic",
    "B": "Index, freshness, subscriptions, signals",
    "C": "Access log, profiles, consent, mandates",
    "D": "Address book, application register, persons",
    "E": "GP out-of-hours care, acute care, professional summary",
    "F": "Generic context query and its legs",
    "G": "Medication, generation 6",
    "H": "Medication process 9, queries",
    "I": "Medication process 9, pushes",
    "J": "Referral, chain care, self-measurement",
    "K": "Laboratory orders, documents",
    "L": "Youth care, vaccination, perinatal care",
    "M": "AORTA on FHIR",
}


def make() -> str:
    """Return one table a group, in the order of the data file."""
    rows = list(interactions.load().values())
    groups = dict.fromkeys(row.group for row in rows)
    return "\n".join(_table(group, (row for row in rows if row.group == group)) for group in groups)


def _table(group: str, rows: Iterable[Interaction]) -> str:
    head = [
        f"## {GROUPS[group]}",
        "",
        "| interaction | part | level | answered by | outbound | inbound | tried for |",
    ]
    return "\n".join([*head, "|---|---|---|---|---|---|---|", *map(_row, rows), ""])


def _row(row: Interaction) -> str:
    meaning = row.meaning.replace("|", "\\|").replace("<", "&lt;")
    retired = "" if row.active else " *(no longer in use)*"
    answers = "<br>".join(f"`{answer}`" for answer in row.answers)
    outbound = "" if not row.is_request else "may be kept" if row.keep else "while the sender waits"
    inbound = _INBOUND[row.inbound] if row.is_request else ""
    tried = duration(row.lifetime_s) if row.keep else ""
    cells = (
        f"`{row.id}`<br>{meaning}{retired}",
        row.pattern.value,
        row.level.value,
        answers,
        outbound,
        inbound,
        tried,
    )
    return f"| {' | '.join(cells)} |"


def duration(seconds: int) -> str:
    """Say it in the largest whole unit."""
    for unit, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds and seconds % unit == 0:
            count = seconds // unit
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return f"{seconds} s"
