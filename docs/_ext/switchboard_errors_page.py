"""The page of the codes that others answer with.

Knows: the rows of `formats/errors.toml`.
Must not know: how the line acts on a code.
"""

from edge_node.formats import error_codes
from edge_node.formats.error_codes import ErrorCode

#: What the node does with a kept message after each class of code.
FOLLOWS = {
    "retry": "It is sent again by itself until its lifetime ends.",
    "retry-push": "A push is sent again by itself; a query is not.",
    "done-registration": "After an attempt whose outcome was unknown a registration is done; else it is dead.",
    "done-removal": "After an attempt whose outcome was unknown a removal is done; else it is dead.",
    "hold": "It is held until a person releases or discards it. A code that is not on this page is held too.",
    "permanent": "It is dead: sent again as it is it would fail again.",
}
TOKEN = "It waits for a new signature; after an attempt whose outcome was unknown it stays unknown."  # noqa: S105
_NAMES = {
    "2.16.840.1.113883.5.1100": "acknowledgement detail",
    "2.16.840.1.113883.2.4.6.6.1.1000": "switchboard",
    "2.16.840.1.113883.5.4": "ActCode",
}


def make() -> str:
    """Return one section a code, in the order of the alphabet: people come here with a code in hand."""
    codes = error_codes.load()
    return "\n".join(_section(codes[code]) for code in sorted(codes))


def _section(code: ErrorCode) -> str:
    systems = "; ".join(f"{_NAMES[system]} ({system})" for system in code.systems)
    return "\n".join([
        f"## {code.code}",
        "",
        f"{code.meaning_en}. *{code.meaning_nl}.*",
        "",
        f"- **Code system:** {systems}",
        f"- **A kept message:** {TOKEN if code.about_token else FOLLOWS[code.klass]}",
        f"- **Do:** {code.do_en} *{code.do_nl}*",
        f"- **HTTP status for FHIR clients:** {code.http}",
        "",
    ])  # fmt: skip
