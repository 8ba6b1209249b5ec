"""The rule on the patient: a message is about one.

Knows: the numbers a message names, by place.
Must not know: where in the message those places are.
"""

from edge_node.model.finding import Finding
from edge_node.policy.case import Case


def check_one_patient(case: Case) -> Finding | None:
    """All places that name a patient name the same one (design section 1, "The patient")."""
    patients = case.reading.patients
    if patients.disagree:
        places = ", ".join(sorted({place for place, _ in patients.found}))
        return Finding("EN-WRONG-PATIENT", f"named differently at: {places}")
    return None
