"""What an acknowledgement means for a push that was handed over.

Knows: positive and negative acknowledgements, and the class of each error code (design section 3).
Must not know: how often it was tried, when it will be tried again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge_node.model.message import Acknowledgement, Wrapper


class Meaning(StrEnum):
    """What follows for the message."""

    DELIVERED = "delivered"
    RETRY = "retry"
    TOKEN = "token"  # noqa: S105  only a new signature lets it go on
    HOLD = "hold"
    DEAD = "dead"


class CodeClass(StrEnum):
    """The classes of `formats/errors.toml`."""

    RETRY = "retry"
    RETRY_PUSH = "retry-push"
    DONE_REGISTRATION = "done-registration"
    DONE_REMOVAL = "done-removal"
    TOKEN = "token"  # noqa: S105
    HOLD = "hold"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of the push when its answer comes."""

    order: str  # ordering group; "index" for registrations and removals
    is_removal: bool
    has_token: bool
    unknown: bool  # an earlier handover may have reached the other side


UNKNOWN_CODE: Final = "EN-UNKNOWN-CODE"
#: The switchboard reaches the receiver's system not at all: of all pushes to it only a probe goes (design section 3).
DESTINATION_DOWN: Final = frozenset({"RTEDEST", "SYNGBX"})


def meaning(answer: Wrapper, sent: Sent, classes: Mapping[str, CodeClass]) -> tuple[Meaning, str]:
    """Return what follows, with the code that decided. The answer has been shown to belong to the push."""
    acknowledgement = answer.acknowledgement
    if acknowledgement is not None and acknowledgement.is_positive:
        return Meaning.DELIVERED, acknowledgement.type_code
    codes = _codes(answer, acknowledgement)
    found = [(classes.get(code, CodeClass.HOLD), code) for code in codes]
    # The most cautious class decides: what needs a person before what would be repeated.
    for wanted in (CodeClass.TOKEN, CodeClass.DONE_REGISTRATION, CodeClass.DONE_REMOVAL, *_CAUTION):
        for code_class, code in found:
            if code_class is wanted:
                return _follow(code_class, sent), code
    return Meaning.DEAD, acknowledgement.type_code if acknowledgement else UNKNOWN_CODE


_CAUTION: Final = (CodeClass.PERMANENT, CodeClass.HOLD, CodeClass.RETRY, CodeClass.RETRY_PUSH)


def _codes(answer: Wrapper, acknowledgement: Acknowledgement | None) -> tuple[str, ...]:
    details = acknowledgement.details if acknowledgement else ()
    return tuple(detail.code for detail in (*details, *answer.issues) if detail.code)


def _follow(code_class: CodeClass, sent: Sent) -> Meaning:
    if code_class in {CodeClass.RETRY, CodeClass.RETRY_PUSH}:
        # The other side has seen the token: it is for one use.
        return Meaning.TOKEN if sent.has_token else Meaning.RETRY
    if code_class is CodeClass.TOKEN:
        return Meaning.TOKEN
    if code_class is CodeClass.HOLD:
        return Meaning.HOLD
    registered = code_class is CodeClass.DONE_REGISTRATION and sent.order == "index" and not sent.is_removal
    removed = code_class is CodeClass.DONE_REMOVAL and sent.is_removal
    if sent.unknown and (registered or removed):
        return Meaning.DELIVERED
    return Meaning.DEAD


def fault_meaning(*, is_client: bool, has_token: bool) -> tuple[Meaning, str]:
    """What a SOAP fault means for a push: the sender's fault is final, the other side's passes (domain 5.4)."""
    if is_client:
        return Meaning.DEAD, "EN-DELIVERY-REFUSED"
    return (Meaning.TOKEN if has_token else Meaning.RETRY), "EN-SWITCHBOARD-FAULT"
