"""The page of exchanges: what the programme exchanges, and every interaction with how the node treats it.

Knows: the exchanges and the rows of `formats/interactions.toml`, what the sandbox's site adds to them, and its demo.
Must not know: how the line acts on a row.
"""

from collections.abc import Iterable
from typing import Final

from edge_node.formats import interactions, programme
from edge_node.formats.making import TICK
from edge_node.model.identifiers import InteractionId
from edge_node.model.interaction import Inbound, Interaction, Pattern, TrustLevel
from edge_node.model.message import Direction
from edge_node.model.programme import ProgrammeExchange, Rest
from edge_node.sandbox.samples.table import table

_INBOUND: Final = {Inbound.KEEP: "kept", Inbound.RELAY: "relayed", Inbound.NEVER: "never comes in"}
_BY_NODE: Final = "answered by the node"
_WAYS: Final = {Direction.OUT: "out", Direction.IN: "in"}

GROUPS: Final = {
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
EXCHANGE_COLUMNS: Final = (
    "exchange", "who asks or sends → whom", "ways", "HL7v3", "FHIR", "level", "consent", "kept or relayed", "demo",
    "story test",
)  # fmt: skip


def make() -> str:
    """Return the exchanges of the programme, then a table for each group of interactions, in the file's order."""
    rows = list(interactions.load().values())
    groups = dict.fromkeys(row.group for row in rows)
    tables = (_table(group, (row for row in rows if row.group == group)) for group in groups)
    return "\n".join((_exchanges(), _rest(programme.load().rest), "## Interactions", "", *tables))


def _exchanges() -> str:
    rows = programme.load().exchanges.values()
    lines = []
    for domain in dict.fromkeys(row.domain for row in rows):
        head = [f"### {domain[0].upper()}{domain[1:]}", "", _line(EXCHANGE_COLUMNS), _rule(EXCHANGE_COLUMNS)]
        lines += [*head, *(_line(cells(row)) for row in rows if row.domain == domain), ""]
    return "\n".join(("## Exchanges of the programme", "", *lines))


def cells(row: ProgrammeExchange) -> tuple[str, ...]:
    """Return the cells of an exchange, in the order of the columns."""
    known = [table()[str(name)] for name in row.interactions]
    return (
        f"{row.what}<br>*{row.dutch}*",
        row.asks,
        " and ".join(_WAYS[way] for way in row.ways),
        _hl7v3(row),
        _ids(row.fhir) or "no public one",
        ", ".join(sorted({_level(each) or "not stated" for each in known})),
        _consent([row for row in known if not row.fhir] or known),
        _treated(known, row.ways),
        " and ".join(f"*{step}*" for step in _with_fhir(row, row.demo, "FHIR")),
        "<br>".join(f"`{story}`" for story in _with_fhir(row, row.story, "test_exchange_fhir.py")),
    )


def _with_fhir(row: ProgrammeExchange, here: str, in_fhir: str) -> tuple[str, ...]:
    """Where it is shown; what FHIR carries is shown there too."""
    return (here,) if not row.fhir or here == in_fhir else (here, in_fhir)


def _hl7v3(row: ProgrammeExchange) -> str:
    if row.declared:
        return f"{row.because}; the site adds it in its settings, the sandbox as:<br>{_ids(row.declared)}"
    return _ids(row.hl7v3) or row.because


def _ids(names: Iterable[InteractionId]) -> str:
    return "<br>".join(f"`{name}`" for name in names)


def _consent(rows: Iterable[Interaction]) -> str:
    # A source is never asked for what only the switchboard answers.
    rows = list(rows)
    needed = {row.consent for row in rows if row.inbound is not Inbound.NEVER or row.pattern is Pattern.PUSH} or {
        False
    }
    return "needed" if needed == {True} else "not needed" if needed == {False} else "needed to query"


def _treated(rows: Iterable[Interaction], ways: Iterable[Direction]) -> str:
    rows = list(rows)
    said = []
    if Direction.OUT in ways:
        said.append(f"out: {_either(row.keep for row in rows)}")
    if Direction.IN in ways:
        said.append(f"in: {_coming([row for row in rows if row.inbound is not Inbound.NEVER])}")
    return "<br>".join(said)


def _level(row: Interaction) -> str:
    return "" if row.level is TrustLevel.UNSET else row.level.value


def _coming(rows: Iterable[Interaction]) -> str:
    rows = list(rows)
    if [row.id for row in rows] == [TICK]:
        return _BY_NODE
    return _either(row.inbound is Inbound.KEEP for row in rows)


def _either(kept: Iterable[bool]) -> str:
    found = set(kept)
    return "kept" if found == {True} else "relayed" if found == {False} else "pushes kept, the rest relayed"


def _rest(rest: Iterable[Rest]) -> str:
    lines = (f"- {_ids(each.interactions)}: {each.reason}" for each in rest)
    return "\n".join(("## In no exchange", "", *lines, ""))


def _table(group: str, rows: Iterable[Interaction]) -> str:
    columns = ("interaction", "part", "level", "answered by", "outbound", "inbound", "tried for")
    return "\n".join([f"### {GROUPS[group]}", "", _line(columns), _rule(columns), *map(_row, rows), ""])


def _row(row: Interaction) -> str:
    meaning = row.meaning.replace("|", "\\|").replace("<", "&lt;")
    retired = "" if row.active else " *(no longer in use)*"
    outbound = "" if not row.is_request else "may be kept" if row.keep else "while the sender waits"
    inbound = _BY_NODE if row.id == TICK else _INBOUND[row.inbound] if row.is_request else ""
    return _line(
        (
            f"`{row.id}`<br>{meaning}{retired}",
            "not stated" if row.pattern is Pattern.UNSET else row.pattern.value,
            _level(row),
            _ids(row.answers),
            outbound,
            inbound,
            duration(row.lifetime_s) if row.keep else "",
        )
    )


def _line(row: Iterable[str]) -> str:
    return f"| {' | '.join(row)} |"


def _rule(columns: Iterable[str]) -> str:
    return "|" + "---|" * len(tuple(columns))


def duration(seconds: int) -> str:
    """Say it in the largest whole unit."""
    for unit, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds and seconds % unit == 0:
            count = seconds // unit
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return f"{seconds} s"
