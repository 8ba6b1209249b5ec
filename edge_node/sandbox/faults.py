"""The faults a simulated switchboard makes when asked, by name, for one message at a time.

Knows: their names, and how one is chosen: armed beforehand, or named in the id of the message.
Must not know: how a fault is carried out on a socket.
"""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What may go wrong. The first group happens instead of processing, the second to the answer or the forward."""

    RESET_BEFORE = "reset-before"
    FAULT = "fault"
    RTEDEST = "RTEDEST"
    TOKEN_USED = "token-used"  # noqa: S105

    SLOW = "slow"
    RESET_AFTER = "reset-after"
    NO_ANSWER = "no-answer"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out-of-order"
    BAD_XML = "bad-xml"
    BAD_JSON = "bad-json"  # of FHIR
    WRONG_ID = "wrong-id"
    WRONG_PATIENT = "wrong-patient"
    TRUNCATED = "truncated"
    EXPIRED_CERTIFICATE = "expired-certificate"


#: After these the asker has no answer, although the message was processed.
LOSES_ANSWER = frozenset({
    Fault.RESET_AFTER, Fault.NO_ANSWER, Fault.TRUNCATED, Fault.BAD_XML, Fault.BAD_JSON, Fault.WRONG_ID,
})  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Armed:
    fault: Fault
    left: int
    interaction: str | None


class Faults:
    """The faults waiting for a message."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def arm(self, fault: Fault, *, count: int = 1, interaction: str | None = None) -> None:
        """Let the next `count` messages (of that interaction) meet this fault."""
        self._armed.append(_Armed(fault=fault, left=count, interaction=interaction))

    def clear(self) -> None:
        """Forget every fault still waiting."""
        self._armed.clear()

    def pick(self, interaction: str, extension: str) -> Fault | None:
        """Return the fault for a message: named in the extension of its id (`...fault-slow`), or armed."""
        return named_in(extension) or self._take(interaction)

    def _take(self, interaction: str) -> Fault | None:
        for armed in self._armed:
            if armed.interaction in {None, interaction}:
                armed.left -= 1
                if not armed.left:
                    self._armed.remove(armed)
                return armed.fault
        return None


def named_in(extension: str) -> Fault | None:
    """Return the fault named at the end of the extension of a message id."""
    _, found, name = extension.rpartition("fault-")
    return Fault(name) if found and name in set(Fault) else None
