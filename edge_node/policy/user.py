"""The rules on the user: who must be named for a message of ours.

Knows: what each trust level asks of author and overseer (domain reference 3.6, 6.1).
Must not know: whether that person proved who he is.
"""

import re
from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.interaction import TrustLevel
from edge_node.policy.case import Case

_BY_PERSON: Final = frozenset({TrustLevel.MIDDEN, TrustLevel.HOOG})
_ROLE: Final = re.compile(r"[0-9]{2}\.[0-9]{3}")
_URA: Final = re.compile(r"[0-9]{8}")


def by_person(case: Case) -> bool:
    """Whether this interaction is one that a person must answer for."""
    return case.row is not None and case.row.is_request and case.row.level in _BY_PERSON


def check_author_is_person(case: Case) -> Finding | None:
    """At level midden a professional or the patient is the author; a system may be at laag (domain reference 3.6)."""
    if by_person(case) and case.reading.wrapper.author not in {"person", "patient"}:
        return Finding("EN-AUTHOR", f"the author is a person at level {case.row.level if case.row else ''}")
    return None


def check_author_number(case: Case) -> Finding | None:
    """At level midden a professional is named by a number (domain reference 3.6)."""
    wrapper, ids = case.reading.wrapper, case.reading.wrapper.author_ids
    if by_person(case) and wrapper.author == "person" and not (ids.uzi or ids.has_other_number):
        return Finding("EN-AUTHOR", "the author has no number")
    return None


def check_author_organisation(case: Case) -> Finding | None:
    """The organisation of the author is that of the certificate (domain reference 3.7; guests: noted, design 5)."""
    if case.application is None:
        return None
    own = case.site.identities[case.application.identity].ura.value
    named = case.reading.wrapper.author_ids.ura
    if not named or named == own:
        return None
    # A guest, as his token says too: that is noted where his card is proven.
    if not any((token.binding.issuer or "").endswith(named) for token in case.reading.tokens):
        return Finding("EN-AUTHOR", "the organisation of the author is not the sender's")
    return None


def check_author_has_organisation(case: Case) -> Finding | None:
    """A professional who is the author is named with his organisation (domain reference 3.6, 6.6 item 3).

    Without it nothing holds author and token against each other. A customer desk has no URA (domain reference 1.3).
    """
    wrapper = case.reading.wrapper
    if wrapper.author == "person" and not wrapper.author_ids.is_at_desk and not wrapper.author_ids.ura:
        return Finding("EN-AUTHOR", "the author has no organisation")
    return None


def check_overseer(case: Case) -> Finding | None:
    """At level midden a professional is responsible, named by a number (domain reference 3.6).

    A patient answers for himself. The number may be of any register: not everybody has a UZI card (1.3).
    """
    if not _needs_overseer(case):
        return None
    overseers = case.reading.wrapper.overseers
    if not overseers:
        return Finding("EN-OVERSEER", "there is no overseer")
    return None if all(one.has_number for one in overseers) else Finding("EN-OVERSEER", "the overseer has no number")


def check_overseer_fields(case: Case) -> Finding | None:
    """The overseer is named with role code, name and URA, each of its form (domain reference 1.3, 3.6).

    The URA may be another than the author's: published messages have an overseer of another organisation.
    """
    overseers = case.reading.wrapper.overseers if _needs_overseer(case) else ()
    odd = {
        "role code": any(not _ROLE.fullmatch(one.role or "") for one in overseers),
        "name": any(not one.has_name for one in overseers),
        "URA": any(not _URA.fullmatch(one.ura or "") for one in overseers),
    }
    fields = [field for field, is_odd in odd.items() if is_odd]
    return Finding("EN-OVERSEER", f"{', '.join(fields)} of the overseer") if fields else None


def _needs_overseer(case: Case) -> bool:
    return by_person(case) and case.reading.wrapper.author == "person"


def check_role_code(case: Case) -> Finding | None:
    """The role code of the author has the form nn.nnn (domain reference 1.3, 3.6)."""
    role = case.reading.wrapper.author_ids.role
    if role is not None and not _ROLE.fullmatch(role):
        return Finding("EN-AUTHOR", "role code of the author")
    return None
