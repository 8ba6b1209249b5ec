"""A report on the checks: what is wanted of it, what it is once signed; and what a person declares of a check.

Knows: the fields of each.
Must not know: what is in a report, how it is signed or shown.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

#: What a report is signed for; a signature for it counts for nothing else.
PURPOSE: Final = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted."""

    is_page: bool = False  # a page to print, else JSON
    language: str = "nl"  # of the page
    only_connecting: bool = False  # the conditions to be connected, and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReport:
    """Bytes with their signature; without a key both are empty, and the report says so."""

    name: str  # of a file that it may be put in
    content: bytes
    signature: bytes
    key_id: str
    public_key: str  # PEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a person says of a check: a waiver or an attestation."""

    check: str
    owner: str
    statement: str  # the reason of a waiver
    until: datetime | None
    is_met: bool = True
