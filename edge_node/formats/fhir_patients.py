"""The patient numbers in values of FHIR: identifiers, search parameters, references.

Knows: how a BSN is named there, how a search parameter joins a system and a value, which ones say who the patient is.
Must not know: which resource or parameter it was in, whether two numbers may differ.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qsl

from edge_node.errors import Refused
from edge_node.model.identifiers import BSN_ROOT, Bsn, InvalidIdentifier

BSN_SYSTEM: Final = "http://fhir.nl/fhir/NamingSystem/bsn"
BSN_SYSTEMS: Final = frozenset({BSN_SYSTEM, f"urn:oid:{BSN_ROOT}"})

#: Separates a system from a value, and values from each other; a backslash before it takes that away (FHIR search).
_OR: Final = re.compile(r"(?<!\\),")
_AND: Final = re.compile(r"(?<!\\)\|")
_HINTS: Final = ("/bsn", BSN_ROOT, "%2Fbsn", "%2fbsn", "patient", "subject", "identifier")
#: A parameter whose value is a number of the patient: at the end of a chain too, with or without modifiers, or the
#: type it is of. Without `identifier` the value is an id of the server's own, which may look like any number.
_OF_PATIENT: Final = re.compile(r"(.*[.:])?(patient|subject)((:\w+)?\.identifier(:\w+)?|:identifier)")
_IDENTIFIER: Final = re.compile(r"identifier(:\w+)?")
#: A value that says nothing of its system, or that it has none.
_BARE: Final = re.compile(r"\|?([0-9]{9})")
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


def numbers_in_search(parameters: Iterable[tuple[str, str]], resource: str | None) -> Iterator[str]:
    """The numbers in the parameters of a search for resources of that type. One without digits is none.

    Without its system a number counts where the parameter says who the patient is: there it is looked up too.
    """
    for name, value in parameters:
        is_patient = _says_who(name, resource)
        for one in _OR.split(value):
            number = bsn_in(one) or (_bare(one) if is_patient else None)
            if number:
                yield number


def _says_who(name: str, resource: str | None) -> bool:
    if _OF_PATIENT.fullmatch(name):
        return True
    return resource == "Patient" and bool(_IDENTIFIER.fullmatch(name))


def _bare(value: str) -> str | None:
    """Nine digits that are no BSN are an id of somebody's own."""
    found = _BARE.fullmatch(value.strip())
    return found[1] if found and is_bsn(found[1]) else None


def numbers_in_address(address: str) -> Iterator[str]:
    """The numbers in the query of an address, such as a conditional reference `Patient?identifier=system|value`."""
    before, mark, query = address.partition("?")
    if not mark or not any(hint in query for hint in _HINTS):
        return
    yield from numbers_in_query(query.partition("#")[0], before.rpartition("/")[2])


def numbers_in_query(query: str, resource: str | None = None) -> Iterator[str]:
    """The numbers in the parameters of a query, for resources of that type."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        raise Refused("an address in it has too many parameters", code="EN-FHIR-BODY") from None
    yield from numbers_in_search(pairs, resource)
