"""What a method and an address ask of a FHIR server.

Knows: the FHIR RESTful API, and the base addresses of AORTA on FHIR (Interfaces Resource Server, AOF.RS-I.GEN.100).
Must not know: headers, bodies, which interactions the programme has.

No error names the address: its parameters may hold a patient number.
"""

import re
from typing import Final
from urllib.parse import parse_qsl

from edge_node.errors import Refused
from edge_node.model.fhir import Action, FhirCall

STU3: Final = "STU3"  # its base is /fhir; later versions stand behind it
VERSIONS: Final = frozenset({"R4", "R5"})
MAX_PARAMETERS: Final = 200

_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{1,63}")
_ID: Final = re.compile(r"(?!\.+$)[A-Za-z0-9\-.]{1,64}")
#: The name of an unknown one is told to people: no number of a patient may be in it.
_OPERATION: Final = re.compile(r"\$(?!.*[0-9]{5})[a-z][A-Za-z0-9-]{0,63}")
_VERSION_LIKE: Final = re.compile(r"[A-Z]+[0-9]+[A-Z]?")
_CODE: Final = "EN-FHIR-ADDRESS"
_FIXED: Final = {"_history": "H", "_search": "S"}

#: What stands behind the base, written as one word: T type, I id, O operation, H _history, S _search, M metadata.
_BY_SHAPE: Final[dict[str, dict[str, Action]]] = {
    "M": {"GET": Action.CAPABILITIES},
    "": {"GET": Action.SEARCH, "POST": Action.TRANSACTION},
    "S": {"POST": Action.SEARCH},
    "TS": {"POST": Action.SEARCH},
    "T": {
        "GET": Action.SEARCH,
        "POST": Action.CREATE,
        "PUT": Action.UPDATE,
        "PATCH": Action.PATCH,
        "DELETE": Action.DELETE,
    },
    "TI": {"GET": Action.READ, "PUT": Action.UPDATE, "PATCH": Action.PATCH, "DELETE": Action.DELETE},
    "TIT": {"GET": Action.SEARCH},  # within the compartment of the first
    "TITS": {"POST": Action.SEARCH},
    "TIHI": {"GET": Action.VREAD},
    **{shape: {"GET": Action.HISTORY} for shape in ("H", "TH", "TIH")},
    **{shape: {"GET": Action.OPERATION, "POST": Action.OPERATION} for shape in ("O", "TO", "TIO")},
}


def read_call(method: str, path: str) -> FhirCall:
    """Read the address as `Payload.path` has it: `fhir/…` with its query. Raises `Refused`."""
    address, _, query = path.partition("?")
    version, segments = _version(_segments(address))
    shape = _shape(segments)
    if shape not in _BY_SHAPE:
        raise Refused("no address of the FHIR RESTful API", code=_CODE)
    action = _BY_SHAPE[shape].get(method)
    if action is None:
        raise Refused(f"this address takes {', '.join(sorted(_BY_SHAPE[shape]))}", code="EN-METHOD")
    named = dict(zip(shape, segments, strict=True))  # the last of its kind
    if shape.startswith("TIT"):
        named.pop("I")
    return FhirCall(
        version=version,
        action=action,
        resource=named.get("T"),
        id=segments[1] if "I" in named else None,
        operation=named.get("O"),
        parameters=read_parameters(query),
    )


def read_parameters(query: str) -> tuple[tuple[str, str], ...]:
    """Read a query or a form: decoded, in their order. Raises `Refused`."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise Refused("a parameter is not UTF-8", code=_CODE) from None
    except ValueError:
        raise Refused(f"more than {MAX_PARAMETERS} parameters", code=_CODE) from None
    if any(not text.isprintable() for pair in pairs for text in pair):
        raise Refused("a control character in a parameter", code=_CODE)
    return tuple(pairs)


def _segments(address: str) -> list[str]:
    # Some clients write the dollar of an operation as %24. Nothing else in a path needs to be escaped.
    first, *segments = address.replace("%24", "$").removesuffix("/").split("/")
    if first != "fhir":
        raise Refused("the base address is /fhir, or /fhir/<version>", code=_CODE)
    return segments


def _version(segments: list[str]) -> tuple[str, list[str]]:
    if not segments or not _VERSION_LIKE.fullmatch(segments[0]):
        return STU3, segments
    if segments[0] not in VERSIONS:
        raise Refused(f"no FHIR version known here; {STU3} has the base /fhir", code=_CODE)
    return segments[0], segments[1:]


def _shape(segments: list[str]) -> str:
    shape = ""
    for segment in segments:
        # An id may look like a type: what it is, its place says.
        shape += _letter(segment, is_id=shape in {"T", "TIH"})
    return shape


def _letter(segment: str, *, is_id: bool) -> str:
    if segment in _FIXED:
        return _FIXED[segment]
    if _OPERATION.fullmatch(segment):
        return "O"
    if is_id:
        return "I" if _ID.fullmatch(segment) else "?"
    if segment == "metadata":
        return "M"
    return "T" if _TYPE.fullmatch(segment) else "?"
