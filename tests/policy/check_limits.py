"""The thresholds as they are until a site says otherwise, for the tests of rules."""

from edge_node.model.check import Limits, Threshold
from edge_node.settings.checks import CheckLimits


def limits(**changes: float) -> Limits:
    """The defaults, and what a test has otherwise."""
    values = CheckLimits().model_dump() | {"revocation.crl_warn_age_s": 4 * 3600.0} | changes
    return {name: Threshold(name=name, value=float(value)) for name, value in values.items()}
