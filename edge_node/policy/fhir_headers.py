"""The rules on the headers of AORTA on FHIR: ids, versions, tokens.

Knows: which headers go with which request, and which tokens an application hands in.
Must not know: how a header is written, whether a token is genuine.
"""

from edge_node.model.fhir import Action, TokenMode
from edge_node.model.finding import Finding
from edge_node.model.message import Direction
from edge_node.policy.fhir_case import FhirCase
from edge_node.policy.token_signing import is_fhir_signed_here


def check_aorta_id(case: FhirCase) -> Finding | None:
    """What comes in carries the ids of its chain (AORTA on FHIR, Interfaces Common, AORTA-ID 1.0.0).

    The node gives what goes out ids where its sender gave none. A CapabilityStatement is asked for without.
    """
    if case.direction is Direction.OUT or _is_bare(case) or case.reading.aorta_id is not None:
        return None
    return Finding("EN-FHIR-HEADER", "AORTA-ID is missing")


def check_token(case: FhirCase) -> Finding | None:
    """Each request has an access token (AORTA on FHIR, Interfaces Common, Authorization 1.0.0), of one origin."""
    if case.token_mode is TokenMode.EXCHANGE:
        return _check_exchange(case)
    if case.reading.tokens is not None:
        return Finding("EN-FHIR-TOKEN", "assertions are handed in only where fhir_tokens is exchange")
    if case.reading.claims is None and not _is_bare(case):
        return Finding("EN-FHIR-TOKEN", "Authorization is missing")
    return None


def _check_exchange(case: FhirCase) -> Finding | None:
    if case.reading.claims is not None:
        return Finding("EN-FHIR-TOKEN", "Authorization is made by the node where fhir_tokens is exchange")
    tokens = case.reading.tokens
    if tokens is None:
        return None if _is_bare(case) else Finding("EN-FHIR-TOKEN", "Edge-Node-Transaction-Token is missing")
    if tokens.transaction is None and not is_fhir_signed_here(case.reading, case.interaction, case.application):
        return Finding("EN-FHIR-TOKEN", "Edge-Node-Transaction-Token is missing; server_signed does not name this")
    return None


def _is_bare(case: FhirCase) -> bool:
    """Whether the headers of AORTA do not apply (AORTA on FHIR, Interfaces Resource Server, capabilities 1.0.0)."""
    return case.reading.call.action is Action.CAPABILITIES
