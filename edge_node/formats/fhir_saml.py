"""What the SAML assertions say that a local system hands in for an exchange: the patient, and what is asked.

Knows: the attributes they say it in (domain reference 6.4), the hardened parser.
Must not know: whether an assertion is genuine, what it is exchanged for.
"""

import re
from collections.abc import Iterator
from typing import Final

from edge_node.formats import fhir_tokens
from edge_node.formats.fhir_patients import patient_number
from edge_node.formats.hardened import PIECE_BYTES, HardenedParser, XmlLimits
from edge_node.formats.names import SAML
from edge_node.model.fhir import Access, SamlTokens
from edge_node.model.identifiers import ApplicationId, Bsn

_ATTRIBUTE: Final = f"{SAML} Attribute"
_VALUE: Final = f"{SAML} AttributeValue"
_BSN: Final = "burgerServiceNummer"
_INTERACTION: Final = "interactionId"
_CONTEXT: Final = "contextCode"
_READ: Final = frozenset({_BSN, _INTERACTION, _CONTEXT})
#: Of a scope the parts are told apart by ~, and scopes by a space (RFC 6749): neither may come out of a token.
_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")


def patients_of(tokens: SamlTokens) -> Iterator[tuple[str, Bsn]]:
    """The patient each assertion names. Raises `Refused`."""
    named = (
        (fhir_tokens.TRANSACTION, tokens.transaction),
        (fhir_tokens.MANDATE, tokens.mandate),
        (fhir_tokens.ENROLMENT, tokens.enrolment),
    )
    for name, token in named:
        if token is not None:
            for number in dict.fromkeys(_Assertion(fhir_tokens.assertion(name, token)).said(_BSN)):
                yield name, patient_number(name, number)


def access_of(transaction: str, receiver: ApplicationId) -> Access:
    """What the person signed for, to be asked and no more. Raises `Refused`."""
    read = _Assertion(fhir_tokens.assertion(fhir_tokens.TRANSACTION, transaction))
    interaction, context = (_part(read.said(name)) for name in (_INTERACTION, _CONTEXT))
    return Access(receiver=str(receiver), interaction=interaction, context=context)


def _part(said: list[str]) -> str:
    return said[0] if len(set(said)) == 1 and _PART.fullmatch(said[0]) else ""


class _Assertion:
    """Reads one assertion through."""

    def __init__(self, text: bytes) -> None:
        self._said: dict[str, list[str]] = {}
        self._depth = 0
        self._attribute = ""
        self._parser = HardenedParser(XmlLimits(), self._start, self._end)
        for at in range(0, len(text), PIECE_BYTES):
            self._parser.feed(text[at : at + PIECE_BYTES])
        self._parser.close()
        self._parser.release()

    def said(self, name: str) -> list[str]:
        """The values of one attribute."""
        return self._said.get(name, [])

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._parser.check_depth(self._depth)
        self._parser.check_element(name, attributes)
        if name == _ATTRIBUTE:
            self._attribute = attributes.get("Name", "")
        elif name == _VALUE and self._attribute in _READ:
            self._parser.collect_text()

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == _VALUE and self._attribute in _READ:
            value = self._parser.take_text().strip()
            if value:
                self._said.setdefault(self._attribute, []).append(value)
        elif name == _ATTRIBUTE:
            self._attribute = ""
