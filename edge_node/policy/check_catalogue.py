"""The catalogue of checks on a well-managed system, read from the tables in `checks/`.

Knows: the columns of a table, which topic each table is of.
Must not know: how a check is carried out, what a site makes of it.

Columns: `kind` and `side` as in `model.check` and `errors.Side`; `source` is the requirement behind a check and who
states it, empty where it is ours; `thresholds` name settings under `checks.limits`, or dotted others; `reference` is
what the reference's table does about a violation, `actions` what this product does until the site says otherwise;
`soft = false` where no query of a person is worth going on (default true); `held_at_once = true` where each
handshake, or each commit, stops what it is about by itself, so that the line need not; `codes` are those of findings
on messages that count for the check, and `follows` of those that block or only warn as its action says; what a code
in `codes` does stands in the line.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from edge_node.errors import Side
from edge_node.model.check import Action, Check, Kind, Topic
from edge_node.model.notice import Words

Catalogue = Mapping[str, Check]

TABLES: Final = {
    "time": Topic.TIME,
    "identity": Topic.IDENTITY,
    "network": Topic.NETWORK,
    "users": Topic.USERS,
    "patients": Topic.PATIENTS,
    "operations": Topic.OPERATIONS,
    "connecting": Topic.CONNECTING,
}
_SIDES: Final = {
    "local": Side.LOCAL,
    "node": Side.NODE,
    "switchboard": Side.SWITCHBOARD,
    "network": Side.NETWORK,
    "operator": Side.OPERATOR,
}


@cache
def load() -> Catalogue:
    """Read the tables that come with the product; they never change, so once."""
    folder = files(__package__).joinpath("checks")
    found: dict[str, Check] = {}
    for table, topic in TABLES.items():
        found |= parse(folder.joinpath(f"{table}.toml").read_text("utf-8"), topic)
    return MappingProxyType(found)


def parse(text: str, topic: Topic) -> dict[str, Check]:
    """Read one table of that form: every check by its name."""
    return {name: _check(name, topic, row) for name, row in tomllib.loads(text).items()}


def _check(name: str, topic: Topic, row: Mapping[str, Any]) -> Check:
    return Check(
        name=name,
        topic=topic,
        kind=Kind(row["kind"]),
        side=_SIDES[row["side"]],
        source=row["source"],
        thresholds=tuple(row["thresholds"]),
        reference=tuple(map(Action, row["reference"])),
        actions=tuple(map(Action, row["actions"])),
        title=Words(**row["title"]),
        meaning=Words(**row["meaning"]),
        do=Words(**row["do"]),
        is_soft=row.get("soft", True),
        is_held_elsewhere=row.get("held_at_once", False),
        codes=frozenset(row.get("codes", ())) | frozenset(row.get("follows", ())),
        follows=frozenset(row.get("follows", ())),
    )
