"""Identifiers of the national programme, each checking itself when made.

Knows: the form of a BSN, URA, UZI number, application id, message id and interaction id, and their OIDs.
Must not know: where an identifier came from, or what it gives access to.
"""

import re
from dataclasses import dataclass
from typing import Final

from stdnum.nl import bsn as bsn_number  # the eleven-test

# Roots: AORTA identifier table, domain reference 1.3.
APPLICATION_ROOT: Final = "2.16.840.1.113883.2.4.6.6"
BSN_ROOT: Final = "2.16.840.1.113883.2.4.6.3"
URA_ROOT: Final = "2.16.528.1.1007.3.3"
INTERACTION_ROOT: Final = "2.16.840.1.113883.1.6"
TRIGGER_EVENT_ROOT: Final = "2.16.840.1.113883.1.18"
DATA_DOMAINS: Final = "2.16.840.1.113883.2.4.15.4"  # kinds of data (gegevenssoorten) of the index
PROFILE_ROOT: Final = "2.16.840.1.113883.2.4.3.11.1"

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_INTERACTION = re.compile(r"[A-Z]{4}_IN[0-9]{6}(NL[0-9]{0,2}|UV[0-9]{0,2}|NL_JGZ)?")
_FHIR_INTERACTION = re.compile(r"[$a-zA-Z][$A-Za-z:-]*:[0-9]+\.[0-9]+:request")


_NINE_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")


class InvalidIdentifier(ValueError):
    """The text is not an identifier of this kind. Never holds the text: it may be a patient number."""


@dataclass(frozen=True, slots=True)
class Oid:
    """An ISO object identifier in dotted form."""

    value: str

    def __post_init__(self) -> None:
        if len(self.value) > 128 or not _OID.fullmatch(self.value):
            raise InvalidIdentifier("not a dotted object identifier")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Bsn:
    """A citizen's service number: nine digits that pass the eleven-test (Wabb; domain reference GBZ 4.1)."""

    value: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{9}", self.value) or not bsn_number.is_valid(self.value):
            raise InvalidIdentifier("not a BSN of nine digits that passes the eleven-test")

    def __repr__(self) -> str:
        return "<Bsn>"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Ura:
    """A subscriber number of the UZI register: eight digits, an organisation."""

    value: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{8}", self.value):
            raise InvalidIdentifier("a URA has eight digits")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, order=True)
class ApplicationId:
    """The extension of an AORTA application id (root `APPLICATION_ROOT`): a number, compared as it is written.

    Published messages carry leading zeros: they are part of the id, and 01 is not the switchboard.
    """

    value: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(?=0*[1-9])[0-9]{1,16}", self.value):
            raise InvalidIdentifier("an application id is a number of at most 16 digits")

    @property
    def arc(self) -> str:
        """The same as an arc of an object identifier, which has no leading zeros."""
        return self.value.lstrip("0")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class MessageId:
    """The id of a message: root and extension, together unique for ever (domain reference 3.2)."""

    root: str
    extension: str

    def __post_init__(self) -> None:
        if len(self.root) > 128 or not _OID.fullmatch(self.root):
            raise InvalidIdentifier("the root of a message id is a dotted object identifier")
        if not 0 < len(self.extension) <= 128 or not self.extension.isprintable():
            raise InvalidIdentifier("the extension of a message id has 1 to 128 printable characters")

    def __str__(self) -> str:
        return f"{self.root}/{self.extension}"

    def __repr__(self) -> str:
        return f"<MessageId {self.shown}>"

    @property
    def shown(self) -> str:
        """For logs and errors: without any nine digits that could be a BSN, which some systems use as an id."""
        return _NINE_DIGITS.sub(_masked, str(self))


@dataclass(frozen=True, slots=True)
class InteractionId:
    """The name of an interaction, such as `QUPC_IN990001NL` or `search:Patient:1.0:request`."""

    value: str

    def __post_init__(self) -> None:
        if not (_INTERACTION.fullmatch(self.value) or _FHIR_INTERACTION.fullmatch(self.value)):
            raise InvalidIdentifier("not the form of an interaction id")

    @property
    def is_fhir(self) -> bool:
        """Whether it is one of AORTA on FHIR."""
        return ":" in self.value

    def __str__(self) -> str:
        return self.value


def _masked(digits: re.Match[str]) -> str:
    return "[nine digits]" if bsn_number.is_valid(digits[0]) else digits[0]
