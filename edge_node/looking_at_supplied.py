"""What there is to see of what only local systems know: beside their messages, and as figures they tell.

Knows: which check asks for which fact, and for which figures.
Must not know: when any of it is good, how a local system tells it.
"""

from collections.abc import Mapping
from typing import Any, Final

from edge_node.looking_ground import Ground
from edge_node.model.facts_supplied import SuppliedFacts
from edge_node.model.token import TokenKind
from edge_node.policy import check_catalogue, check_supplied
from edge_node.policy.check_engine import Rule
from edge_node.policy.check_supplied import Judge, at_most, none_of
from edge_node.probing import Look
from edge_node.settings.schema import Settings

#: The fact that messages show, and what is made of figures, by check.
_SUPPLIED: Final[Mapping[str, tuple[str, Judge | None]]] = {
    "card-removed": ("card_out_s", at_most("card_out_s", "card_out_s")),
    "session-idle": ("session_idle_s", at_most("session_idle_s", "session_idle_s")),
    "session-age": ("session_age_s", at_most("session_age_s", "session_age_s")),
    "user-review": ("", check_supplied.review),
    "shared-account": ("", check_supplied.accounts),
    "treatment-relation": ("relation", None),
    "bsn-verified": ("bsn_verified", none_of("bsn_unverified")),
    "wid-checked": ("identity_checked", none_of("identity_unchecked")),
    "consent-before-register": ("consent", none_of("registered_without_consent")),
    "index-reconcile": ("", check_supplied.comparison),
    "consent-at-answer": ("", check_supplied.answers),
    "temporary-patient-end": ("is_temporary", none_of("temporary_without_end", "temporary_overdue")),
    "index-coverage": ("", check_supplied.coverage),
}
_OF_ONE_MESSAGE: Final = (TokenKind.TRANSACTION, TokenKind.AORTA_805)
#: The tokens without which a check has nothing to say.
_TOKENS: Final[Mapping[str, tuple[TokenKind, ...]]] = {
    "authn-level": _OF_ONE_MESSAGE,
    "card-valid": tuple(kind for kind in TokenKind if kind.is_judged_here),
    "mandate-valid": _OF_ONE_MESSAGE,
    "mandate-expiry": (TokenKind.MANDATE,),
    "enrolment-token": (TokenKind.ENROLMENT,),
}
#: Of messages, and judged by more than the codes that were found on them.
ELSEWHERE: Final = frozenset({"role-allowed", "test-bsn", *_TOKENS})


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""

    async def see() -> SuppliedFacts:
        settings = ground.settings
        return SuppliedFacts(
            at=ground.machine.clock.moment(),
            messages=ground.carrying.tally.facts,
            told=await ground.store.checks.told(),
            qualified=qualified_of(settings),
            has_roles=bool(settings.checks.roles),
            has_test_patients=settings.node.environment == "production" and bool(settings.checks.test_bsns),
        )

    return (Look(name="supplied", see=see, rules=rules()),)


def qualified_of(settings: Settings) -> Mapping[str, frozenset[str]]:
    """The versions that were qualified, as the settings have them with the applications of each local system."""
    applications = [one for identity in settings.identities for one in identity.applications]
    return {
        system: frozenset(one.version for one in applications if one.local_system == system and one.version)
        for system in {one.local_system for one in applications}
    }


def rules() -> dict[str, Rule[SuppliedFacts]]:
    """The rule of each check."""
    rows = check_catalogue.load()
    found = {
        name: check_supplied.supplied(rows[name], fact=fact, judge=judge) for name, (fact, judge) in _SUPPLIED.items()
    }
    found |= {name: check_supplied.tokens(rows[name], kinds) for name, kinds in _TOKENS.items()}
    found["xis-version-qualified"] = check_supplied.version(rows["xis-version-qualified"])
    found["role-allowed"] = check_supplied.roles(rows["role-allowed"])
    found["test-bsn"] = check_supplied.test_patients(rows["test-bsn"])
    return found
