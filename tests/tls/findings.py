"""What a scanner found, and which of it is allowed, with the reason.

Knows: the form of a finding, the table of allowances.
Must not know: how any scanner is run, or writes its findings.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("allowed.toml")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing above informational."""

    tool: str
    id: str
    severity: str
    text: str

    def __str__(self) -> str:
        return f"{self.tool} {self.id} ({self.severity}): {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """One finding that is allowed, and why."""

    tool: str
    id: str
    text: str  # with which the finding begins: another text under the same id is another finding
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Say whether this is that finding."""
        return (self.tool, self.id) == (finding.tool, finding.id) and finding.text.startswith(self.text)


def allowances(path: Path = _TABLE) -> tuple[Allowance, ...]:
    """Read the table."""
    rows = tomllib.loads(path.read_text("utf-8"))["allowed"]
    return tuple(Allowance(**row) for row in rows)


def judged(findings: Iterable[Finding], allowed: Iterable[Allowance]) -> Iterator[tuple[Finding, Allowance | None]]:
    """Give each finding with its allowance; None: it is not allowed."""
    table = tuple(allowed)
    for finding in sorted(findings):
        yield finding, next((one for one in table if one.covers(finding)), None)
