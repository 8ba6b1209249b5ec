"""The checks of topics D and E on what only local systems know.

Knows: which fact of messages and which figures each check asks for; that what nobody tells is unknown.
Must not know: how a local system tells it.

What a message shows is counted over the window. A figure is worth something for some weeks. Where several systems
tell, the worst counts.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from edge_node.model.check import Check, Limits, Outcome, Result
from edge_node.model.facts_supplied import SuppliedFacts
from edge_node.model.notice import Words
from edge_node.model.token import TokenKind
from edge_node.model.told import Figure, Told
from edge_node.policy.check_engine import Rule, unseen, worst
from edge_node.policy.check_time import of_messages

_TOO_OLD: Final = Words(
    nl="Wat uw systeem hierover doorgaf is te oud.", en="What your system told about it is too old."
)
_NO_TABLE: Final = Words(
    nl="In de instellingen staat niet welke rollen wat mogen (checks.roles).",
    en="The settings do not say which roles may send what (checks.roles).",
)
_NO_PRODUCTION: Final = Words(
    nl="Dit is geen productieomgeving, of er zijn geen testnummers ingesteld.",
    en="This is no production environment, or no numbers of test patients are set.",
)
_NO_TOKEN: Final = Words(
    nl="Er is in deze tijd geen token van deze soort beoordeeld.", en="No token of this kind was judged in this time."
)
_NOBODY: Final = Words(nl="Er is niemand met toestemming.", en="There is nobody who consented.")

_NOT_NAMED: Final = Words(
    nl="In de instellingen staat niet welke versie gekwalificeerd is (version, bij de applicatie).",
    en="The settings do not say which version was qualified (version, of the application).",
)

#: What one system told makes an outcome; None where it told nothing of it.
Judge = Callable[[Told, Limits, date], Outcome | None]


def supplied(check: Check, *, fact: str = "", judge: "Judge | None" = None) -> Rule[SuppliedFacts]:
    """Return the rule of a check: by a fact that messages show, by what is told, or by both."""

    def rule(facts: SuppliedFacts, limits: Limits) -> Outcome:
        found = {} if judge is None else _of_told(facts, limits, judge)
        shown = facts.messages.shown.get(fact, 0)
        if shown:
            found = {**found, "messages": _of_messages(check, facts, shown)}
        if not found:
            return unseen(check)
        known = {name: outcome for name, outcome in found.items() if outcome.result is not Result.UNKNOWN} or found
        evidence = tuple(pair for outcome in known.values() for pair in outcome.evidence)
        return replace(worst(known), concerns=frozenset(), evidence=evidence)

    return rule


def _of_messages(check: Check, facts: SuppliedFacts, shown: int) -> Outcome:
    """What messages showed: of those that said something, how many said something wrong."""
    counted = replace(facts.messages, handled=shown)
    return of_messages(check)(counted, {})


def _of_told(facts: SuppliedFacts, limits: Limits, judge: Judge) -> dict[str, Outcome]:
    longest = timedelta(days=limits["told_days"].value)
    found: dict[str, Outcome] = {}
    for told in facts.told:
        outcome = judge(told, limits, facts.at.date())
        if outcome is not None and facts.at - told.at > longest:
            outcome = Outcome(result=Result.UNKNOWN, value=outcome.value, reason=_TOO_OLD)
        if outcome is not None:
            found[told.system] = replace(outcome, evidence=(*outcome.evidence, _when(told)))
    return found


def _when(told: Told) -> tuple[str, str]:
    return f"told by {told.system}", f"{told.at:%Y-%m-%d %H:%M} UTC"


def at_most(name: str, limit: str) -> Judge:
    """A figure must not be above a threshold."""

    def judge(told: Told, limits: Limits, today: date) -> Outcome | None:
        value = told.figures.get(name)
        if value is None:
            return None
        result = Result.VIOLATED if _number(value) > limits[limit].value else Result.GOOD
        return Outcome(result=result, value=f"{value:g} s")

    return judge


def none_of(*names: str) -> Judge:
    """There must be none of these."""

    def judge(told: Told, limits: Limits, today: date) -> Outcome | None:
        counts = {name: _number(told.figures[name]) for name in names if name in told.figures}
        if not counts:
            return None
        total = sum(counts.values())
        evidence = tuple((name, f"{count:g}") for name, count in counts.items())
        return Outcome(result=Result.VIOLATED if total else Result.GOOD, value=f"{total:g}", evidence=evidence)

    return judge


def accounts(told: Told, limits: Limits, today: date) -> Outcome | None:
    """Nobody shares an account, and none lies unused."""
    shared, unused = told.figures.get("shared_accounts"), told.figures.get("unused_account_days")
    if shared is None and unused is None:
        return None
    is_orphan = unused is not None and _number(unused) > limits["orphan_account_days"].value
    result = Result.VIOLATED if shared else Result.WARNED if is_orphan else Result.GOOD
    if shared is None and not is_orphan:
        return None  # half of it is not known
    named = (("shared accounts", shared), ("unused for days", unused))
    evidence = tuple((name, f"{value:g}") for name, value in named if value is not None)
    return Outcome(result=result, value=", ".join(f"{name}: {value}" for name, value in evidence), evidence=evidence)


def review(told: Told, limits: Limits, today: date) -> Outcome | None:
    """Users and their rights were gone through not too long ago."""
    return _since(told.figures.get("users_reviewed_on"), limits["attestation_days"].value, today)


def comparison(told: Told, limits: Limits, today: date) -> Outcome | None:
    """Registrations were held against consents, and nobody is registered who did not consent."""
    compared = _since(told.figures.get("index_compared_on"), limits["told_days"].value, today)
    if compared is None or compared.result is not Result.GOOD:
        return compared
    without = none_of("registered_without_consent")(told, limits, today)
    return None if without is None else replace(without, evidence=(*without.evidence, ("compared", compared.value)))


def answers(told: Told, limits: Limits, today: date) -> Outcome | None:
    """Each answer is held against the consent of that moment."""
    looks = told.figures.get("answers_look_at_consent")
    if looks is None:
        return None
    return Outcome(result=Result.GOOD if looks else Result.VIOLATED, value="yes" if looks else "no")


def version(check: Check) -> Rule[SuppliedFacts]:
    """Return the rule on the version that runs: it is the one that the settings say was qualified."""

    def rule(facts: SuppliedFacts, limits: Limits) -> Outcome:
        def judge(told: Told, limits: Limits, today: date) -> Outcome | None:
            runs = told.figures.get("product_version")
            qualified = facts.qualified.get(told.system, frozenset())
            if runs is None:
                return None
            evidence = (("qualified", ", ".join(sorted(qualified)) or "not in the settings"),)
            if not qualified:
                return Outcome(result=Result.UNKNOWN, value=str(runs), evidence=evidence, reason=_NOT_NAMED)
            result = Result.GOOD if qualified == {runs} else Result.VIOLATED
            return Outcome(result=result, value=str(runs), evidence=evidence)

        return supplied(check, judge=judge)(facts, limits)

    return rule


def coverage(told: Told, limits: Limits, today: date) -> Outcome | None:
    """Who consented is registered."""
    consenting, registered = told.figures.get("consenting"), told.figures.get("consenting_registered")
    if consenting is None or registered is None:
        return None
    if not consenting:
        return Outcome(result=Result.NOT_USED, reason=_NOBODY)
    percent = 100 * _number(registered) / _number(consenting)
    result = Result.WARNED if percent < limits["index_coverage_percent"].value else Result.GOOD
    return Outcome(result=result, value=f"{percent:.1f} %", evidence=(("consenting", f"{consenting:g}"),))


def tokens(check: Check, kinds: Iterable[TokenKind]) -> Rule[SuppliedFacts]:
    """Return the rule on tokens of some kinds. Where none of them was judged, nobody knows how they are."""

    def rule(facts: SuppliedFacts, limits: Limits) -> Outcome:
        messages = facts.messages
        judged = max((messages.shown.get(str(kind), 0) for kind in kinds), default=0)
        found = sum(count for code, count in messages.refused.items() if code in check.codes)
        if not judged and not found:
            return Outcome(result=Result.UNKNOWN, reason=_NO_TOKEN)
        return _of_messages(check, facts, max(judged, found))

    return rule


def roles(check: Check) -> Rule[SuppliedFacts]:
    """Roles are held against a list only where the site has one."""
    return _where(lambda facts: facts.has_roles, check, _NO_TABLE)


def test_patients(check: Check) -> Rule[SuppliedFacts]:
    """Test patients are looked for in production only."""
    return _where(lambda facts: facts.has_test_patients, check, _NO_PRODUCTION)


def _where(is_used: Callable[[SuppliedFacts], bool], check: Check, reason: Words) -> Rule[SuppliedFacts]:
    def rule(facts: SuppliedFacts, limits: Limits) -> Outcome:
        if not is_used(facts):
            return Outcome(result=Result.NOT_USED, reason=reason)
        return of_messages(check)(facts.messages, limits)

    return rule


def _since(day: Figure | None, most_days: float, today: date) -> Outcome | None:
    if not isinstance(day, date):
        return None
    days = (today - day).days
    # What lies in the future did not happen yet.
    result = Result.GOOD if 0 <= days <= most_days else Result.VIOLATED
    return Outcome(result=result, value=day.isoformat())


def _number(value: Figure) -> float:
    assert not isinstance(value, date | str), "figures were read by their form"
    return float(value)
