"""NIST PKITS: what each test shows, and what comes of it here.

Knows: the files of the package cryptography-vectors, the table of the tests, what this node does otherwise than NIST.
Must not know: how a certificate is judged.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

_DATA: Final = Path(str(files("cryptography_vectors"))) / "x509" / "PKITS_data"
_HERE: Final = Path(__file__).parent

ANCHORS: Final = _DATA / "certs" / "TrustAnchorRootCertificate.crt"
#: Within the life of all that is to be good.
AT: Final = "2024-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test: what is shown, leaf first, and what NIST says of it."""

    number: str
    is_good: bool
    shown: tuple[Path, ...]
    lists: tuple[Path, ...]

    def __str__(self) -> str:
        return self.number


def cases() -> tuple[Case, ...]:
    """Return every test, in the order of NIST."""
    return tuple(map(_case, _rows("pkits.txt")))


def refused_though_good() -> dict[str, str]:
    """Return the tests that NIST calls good and that are refused here, each with the reason."""
    return {row[0]: row[1] for row in _rows("pkits_refused.txt")}


def skipped() -> dict[str, str]:
    """Return the parts of tests that are run with inputs this node has not, each with the input."""
    return {row[0]: row[1] for row in _rows("pkits_skipped.txt")}


def _case(row: list[str]) -> Case:
    number, word, shown, lists = row
    return Case(
        number=number,
        is_good={"good": True, "bad": False}[word],
        shown=tuple(_DATA / "certs" / f"{name}.crt" for name in shown.split()),
        lists=tuple(_DATA / "crls" / f"{name}.crl" for name in lists.split()),
    )


def _rows(name: str) -> list[list[str]]:
    lines = (_HERE / name).read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]
