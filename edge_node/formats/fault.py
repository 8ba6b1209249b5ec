"""A SOAP 1.1 fault as it is read from an answer.

Knows: the parts of a fault, and those the node itself adds to a detail.
Must not know: what the line makes of a fault.
"""

from dataclasses import dataclass, field
from typing import Final

from edge_node.formats.names import EDGE_NODE


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapFault:
    """What a fault says. The free texts are kept out of any log: they may hold anything."""

    fault_code: str  # without prefix: Client, Server, MustUnderstand, VersionMismatch
    fault_string: str = field(default="", repr=False)
    fault_actor: str = ""
    detail: str = field(default="", repr=False)  # the text in it, whatever its elements
    code: str | None = None  # an EN code, when a node made the fault
    hl7_code: str | None = None
    retry: bool | None = None
    retry_after_s: float | None = None

    @property
    def is_client(self) -> bool:
        """Whether the sender must change something first."""
        return self.fault_code in {"Client", "MustUnderstand", "VersionMismatch"}


class FaultDraft:
    """Gathers the parts of a fault while it is read."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}
        self._detail: list[str] = []

    def take(self, path: str, text: str) -> None:
        """Take the text that stands directly in the element at `path`, below the Fault element."""
        text = text.strip()
        part = _PARTS.get(path)
        if part is not None and text:
            self.parts.setdefault(part, text)
        if text and path.startswith("/detail"):
            self._detail.append(text)

    def fault(self) -> SoapFault:
        """The fault as read."""
        parts = self.parts
        return SoapFault(
            fault_code=parts.get("faultcode", "").rpartition(":")[2],
            fault_string=parts.get("faultstring", ""),
            fault_actor=parts.get("faultactor", ""),
            detail=" ".join(self._detail),
            code=parts.get("code"),
            hl7_code=parts.get("hl7Code"),
            retry={"yes": True, "no": False}.get(parts.get("retry", "")),
            retry_after_s=_seconds(parts.get("retryAfter", "")),
        )


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


_OURS: Final = f"/detail/{EDGE_NODE} fault/{EDGE_NODE} "
#: What is taken, by path below the Fault element.
_PARTS: Final = {
    **{f"/{part}": part for part in ("faultcode", "faultstring", "faultactor")},
    **{f"{_OURS}{part}": part for part in ("code", "hl7Code", "retry", "retryAfter")},
}
