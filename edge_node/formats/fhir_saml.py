"""The patient in the SAML assertions that a local system hands in for an exchange.

Knows: the attribute `burgerServiceNummer` (domain reference 6.4), the hardened parser.
Must not know: whether an assertion is genuine, what it is exchanged for.
"""

from collections.abc import Iterator
from typing import Final

from edge_node.formats import fhir_tokens
from edge_node.formats.fhir_patients import patient_number
from edge_node.formats.hardened import PIECE_BYTES, HardenedParser, XmlLimits
from edge_node.formats.names import SAML
from edge_node.model.fhir import SamlTokens
from edge_node.model.identifiers import Bsn

_ATTRIBUTE: Final = f"{SAML} Attribute"
_VALUE: Final = f"{SAML} AttributeValue"
_BSN: Final = "burgerServiceNummer"


def patients_of(tokens: SamlTokens) -> Iterator[tuple[str, Bsn]]:
    """The patient each assertion names. Raises `Refused`."""
    named = (
        (fhir_tokens.TRANSACTION, tokens.transaction),
        (fhir_tokens.MANDATE, tokens.mandate),
        (fhir_tokens.ENROLMENT, tokens.enrolment),
    )
    for name, token in named:
        if token is not None:
            for number in dict.fromkeys(_Assertion(fhir_tokens.assertion(name, token)).numbers):
                yield name, patient_number(name, number)


class _Assertion:
    """Reads one assertion through."""

    def __init__(self, text: bytes) -> None:
        self.numbers: list[str] = []
        self._depth = 0
        self._is_bsn = False
        self._parser = HardenedParser(XmlLimits(), self._start, self._end)
        for at in range(0, len(text), PIECE_BYTES):
            self._parser.feed(text[at : at + PIECE_BYTES])
        self._parser.close()
        self._parser.release()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._parser.check_depth(self._depth)
        self._parser.check_element(name, attributes)
        if name == _ATTRIBUTE:
            self._is_bsn = attributes.get("Name") == _BSN
        elif name == _VALUE and self._is_bsn:
            self._parser.collect_text()

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == _VALUE and self._is_bsn:
            number = self._parser.take_text().strip()
            if number:
                self.numbers.append(number)
        elif name == _ATTRIBUTE:
            self._is_bsn = False
