"""The page on the access log names every field a line can have."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from edge_node.model.record import (
    AccessPoint,
    Correlation,
    Counterparty,
    EventPart,
    LogEvent,
    ObjectPart,
    Result,
    UserKind,
    UserPart,
)

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "access-log.md").read_text(encoding="utf-8")
GROUPS = {
    "event": EventPart,
    "user": UserPart,
    "access_point": AccessPoint,
    "counterparty": Counterparty,
    "object": ObjectPart,
    "correlation": Correlation,
}


def rows(group: str) -> str:
    """The rows of one group."""
    return "\n".join(line for line in PAGE.splitlines() if line.startswith(f"| `{group}."))


@pytest.mark.parametrize("group", GROUPS)
def test_every_field_has_its_row(group: str) -> None:
    """An auditor who finds a name in an export looks it up here."""
    named: Any = rows(group)
    assert [one.name for one in fields(GROUPS[group]) if f".{one.name}`" not in named] == []


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_sealed_is_called_so(group: str) -> None:
    """What is said to be sealed is, and nothing else."""
    sealed = {one.name for one in fields(GROUPS[group]) if one.metadata.get("sealed")}
    told = {
        one.name
        for line in rows(group).splitlines()
        for one in fields(GROUPS[group])
        if f".{one.name}`" in line and "sealed" in line.rpartition("|")[0].rpartition("|")[2]
    }
    assert told == sealed


@pytest.mark.parametrize("word", [*LogEvent, *UserKind, *Result])
def test_every_word_is_on_it(word: str) -> None:
    """Whoever filters an export must know what there is."""
    assert f"`{word}`" in PAGE
