"""The rules on what only the local system knows of a message: its user's session, and how the patient stands with it.

Knows: when a fact is not as it should be (GBZ reference 1.2, D and E).
Must not know: in which headers a fact stands, whether a finding blocks: that the checks and the site say.

What was not said is neither good nor wrong. Of all of these only a known refusal of consent blocks by itself.
"""

from typing import Protocol

from edge_node.model.finding import Finding
from edge_node.model.interaction import Interaction, Pattern
from edge_node.model.message import Patients
from edge_node.model.site import Environment, Site
from edge_node.model.supplied import Supplied

_INDEX = "index"


class Reading(Protocol):
    """What was read, in any format."""

    @property
    def patients(self) -> Patients:
        """Whom it names."""
        ...


class Case(Protocol):
    """A message with what was said beside it, in any format."""

    @property
    def reading(self) -> Reading:
        """What was read."""
        ...

    @property
    def row(self) -> Interaction | None:
        """The interaction; None where no table has it."""
        ...

    @property
    def site(self) -> Site:
        """Where the node runs."""
        ...

    @property
    def supplied(self) -> Supplied:
        """What the local system said."""
        ...

    @property
    def role(self) -> str:
        """Role code of who asks; empty where none is said."""
        ...


def registers(row: Interaction | None) -> bool:
    """Whether it makes known to the index that there are data of a patient."""
    return row is not None and row.order == _INDEX and row.pattern is Pattern.PUSH and not row.is_removal


def check_read(case: Case) -> Finding | None:
    """What a local system says is of a form that is known: else nobody notices that it says nothing (design 6)."""
    names = case.supplied.unread
    return Finding("EN-SAID-UNREAD", f"no known value in: {', '.join(names)}") if names else None


def check_card(case: Case) -> Finding | None:
    """A session ends when the card is out for longer than allowed (GBZ `card-removed`)."""
    return _longer(case.supplied.card_out_s, case.site.checks.card_out_s, "EN-CARD-REMOVED")


def check_idle(case: Case) -> Finding | None:
    """A session ends when nobody uses it (GBZ `session-idle`)."""
    return _longer(case.supplied.session_idle_s, case.site.checks.session_idle_s, "EN-SESSION-IDLE")


def check_age(case: Case) -> Finding | None:
    """A session ends at some time (GBZ `session-age`)."""
    return _longer(case.supplied.session_age_s, case.site.checks.session_age_s, "EN-SESSION-AGE")


def check_bsn_verified(case: Case) -> Finding | None:
    """A number is verified before it is used (GBZ `bsn-verified`)."""
    if case.supplied.bsn_verified is False and case.reading.patients.found:
        return Finding("EN-BSN-UNVERIFIED", "the local system says that the number of the patient is not verified")
    return None


def check_identity(case: Case) -> Finding | None:
    """Who somebody is was established with a document (GBZ `wid-checked`)."""
    if case.supplied.identity_checked is False and case.reading.patients.found:
        return Finding("EN-IDENTITY-UNCHECKED", "the local system says that no document of the patient was checked")
    return None


def check_consent(case: Case) -> Finding | None:
    """Nobody is registered who is known not to want it, also not for emergencies (GBZ `consent-before-register`)."""
    consent = case.supplied.consent
    if consent is not None and consent.is_refusal and registers(case.row):
        return Finding("EN-CONSENT-REFUSED", f"the local system says that the patient's consent is: {consent}")
    return None


def check_relation(case: Case) -> Finding | None:
    """Only data of patients in treatment are asked for (GBZ `treatment-relation`)."""
    is_query = case.row is not None and case.row.pattern is Pattern.QUERY
    if case.supplied.relation is False and is_query and case.reading.patients.found:
        return Finding("EN-RELATION-NONE", "the local system says that the patient is not in treatment here")
    return None


def check_temporary(case: Case) -> Finding | None:
    """A temporary patient is registered with the day on which that ends (GBZ `temporary-patient-end`)."""
    if case.supplied.is_temporary and case.supplied.ends_on is None and registers(case.row):
        return Finding("EN-PATIENT-TEMPORARY", "a temporary patient is registered without a day on which that ends")
    return None


def check_role(case: Case) -> Finding | None:
    """The role of who asks is one of those the site names for the interaction (GBZ `role-allowed`); advisory."""
    if case.row is None or not case.role:
        return None
    allowed = case.site.checks.roles.get(str(case.row.id))
    if allowed is None or any(case.role == one or case.role.startswith(f"{one}.") for one in allowed):
        return None
    return Finding("EN-ROLE", f"role {case.role} is not one that the settings name for this interaction")


def check_test_patient(case: Case) -> Finding | None:
    """No test patient in production (GBZ `test-bsn`)."""
    if case.site.environment is not Environment.PRODUCTION:
        return None
    ranges = case.site.checks.test_bsns
    if ranges and any(bsn.value.startswith(ranges) for _, bsn in case.reading.patients.found):
        return Finding("EN-BSN-TEST", "the number of a test patient")
    return None


def _longer(seconds: float | None, most: float, code: str) -> Finding | None:
    if seconds is None or seconds <= most:
        return None
    return Finding(code, f"the local system says {seconds:.0f} s, and the limit is {most:.0f} s")
