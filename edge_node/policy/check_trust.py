"""The checks of topics B and C on what is trusted: anchors, revocation, the environment.

Knows: which generations must be trusted, how old a list may be, what belongs to test and what to production.
Must not know: how a list is fetched, how an anchor is read.
"""

from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.facts_identity import EnvironmentFacts, RevocationSeen
from edge_node.model.notice import Words

_ZIM_OF: Final = {"production": "1"}
_NO_LISTS: Final = Words(nl="Er is nog geen intrekkingslijst.", en="There is no revocation list yet.")
_NO_SOURCES: Final = Words(
    nl="Er is nog geen bron van intrekking gevraagd.", en="No source of revocation was asked yet."
)
_TEST_SITE: Final = Words(
    nl="Dit is een testomgeving; de generaties van PKIoverheid gelden hier niet.",
    en="This is a test site; the generations of PKIoverheid do not hold here.",
)


def truststore(facts: EnvironmentFacts, limits: Limits) -> Outcome:
    """Both generations of PKIoverheid are trusted, so that nothing breaks when the switchboard changes over."""
    if facts.environment != "production":
        return Outcome(result=Result.NOT_USED, reason=_TEST_SITE)
    missing = [name for name in ("G1", "G4") if name not in facts.generations]
    value = ", ".join(sorted(facts.generations)) or "none"
    return Outcome(result=Result.WARNED if missing else Result.GOOD, value=value)


def environment(facts: EnvironmentFacts, limits: Limits) -> Outcome:
    """Nothing of the other environment is in use here."""
    mixed = list(facts.foreign)
    wanted = _ZIM_OF.get(facts.environment)
    if wanted is not None and facts.zim != wanted:
        mixed.append(("switchboard.zim", f"{facts.zim} is not the switchboard of production"))
    if facts.environment == "production" and facts.processing_codes != {"P"}:
        mixed.append(("checks.processing_codes", ", ".join(sorted(facts.processing_codes))))
    result = Result.VIOLATED if mixed else Result.GOOD
    return Outcome(result=result, value=facts.environment, evidence=tuple(mixed))


def freshness(facts: RevocationSeen, limits: Limits) -> Outcome:
    """No list is older than lists are, and none has ended."""
    lists = facts.known.lists
    if not lists:
        return Outcome(result=Result.UNKNOWN, reason=_NO_LISTS)
    warn_s = limits["revocation.crl_warn_age_s"].value
    ages = {one.issuer: (facts.at - one.this_update).total_seconds() for one in lists}
    ended = [one.issuer for one in lists if one.next_update <= facts.at]
    oldest_s = max(ages.values())
    result = Result.VIOLATED if ended else Result.WARNED if oldest_s > warn_s else Result.GOOD
    evidence = tuple((one.issuer, f"{one.this_update:%Y-%m-%d %H:%M} UTC, {one.source}") for one in lists)
    return Outcome(result=result, value=f"{oldest_s / 3600:.1f} h", evidence=evidence)


def reachable(facts: RevocationSeen, limits: Limits) -> Outcome:
    """Each source that was asked answers."""
    sources = facts.known.sources
    if not sources:
        return Outcome(result=Result.UNKNOWN, reason=_NO_SOURCES)
    down = [one for one in sources if not one.is_up]
    evidence = tuple((one.address, "up" if one.is_up else f"{one.code} {one.detail}".strip()) for one in sources)
    value = f"{len(sources) - len(down)} of {len(sources)}"
    return Outcome(result=Result.WARNED if down else Result.GOOD, value=value, evidence=evidence)
