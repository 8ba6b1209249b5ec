"""The patient numbers in values of FHIR: identifiers, search parameters, references.

Knows: how a BSN is named there, and how a search parameter joins a system and a value.
Must not know: which resource or parameter it was in, whether two numbers may differ.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl

from edge_node.errors import Refused
from edge_node.model.identifiers import BSN_ROOT, Bsn, InvalidIdentifier

BSN_SYSTEM: Final = "http://fhir.nl/fhir/NamingSystem/bsn"
BSN_SYSTEMS: Final = frozenset({BSN_SYSTEM, f"urn:oid:{BSN_ROOT}"})

#: Separates a system from a value, and values from each other; a backslash before it takes that away (FHIR search).
_OR: Final = re.compile(r"(?<!\\),")
_AND: Final = re.compile(r"(?<!\\)\|")
_HINTS: Final = ("/bsn", BSN_ROOT, "%2Fbsn", "%2fbsn")
_MAX_PARAMETERS: Final = 200


def patient_number(place: str, number: str) -> Bsn:
    """Return the number as what it is. Raises `Refused`, which names the place only."""
    try:
        return Bsn(number.strip())
    except InvalidIdentifier as error:
        raise Refused(f"{place}: {error}", code="EN-BSN-INVALID") from None


def is_bsn(number: str) -> bool:
    """Whether a text is nine digits that pass the eleven-test."""
    try:
        Bsn(number)
    except InvalidIdentifier:
        return False
    return True


def bsn_in(value: str) -> str | None:
    """The number in one `system|value`, when the system is that of the BSN; `urn:oid:…:number` too."""
    system, *rest = _AND.split(value)
    if system in BSN_SYSTEMS and rest:
        return rest[0]
    root, _, number = value.rpartition(":")
    return number if root in {f"urn:oid:{BSN_ROOT}", BSN_ROOT} else None


def numbers_in_parameter(value: str) -> Iterator[str]:
    """The numbers in the value of a search parameter, which may name several. One without digits is none."""
    for one in _OR.split(value):
        number = bsn_in(one)
        if number:
            yield number


def numbers_in_address(address: str) -> Iterator[str]:
    """The numbers in the query of an address, such as a conditional reference `Patient?identifier=system|value`."""
    _, mark, query = address.partition("?")
    if not mark or not any(hint in query for hint in _HINTS):
        return
    yield from numbers_in_query(query.partition("#")[0])


def numbers_in_query(query: str) -> Iterator[str]:
    """The numbers in the parameters of a query."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        raise Refused("an address in it has too many parameters", code="EN-FHIR-BODY") from None
    for _, value in pairs:
        yield from numbers_in_parameter(value)
