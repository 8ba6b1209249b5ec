"""Locum care: reports to the fixed physician, the advance notice, and the treatment limits of a patient."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests("locum-report", "advance-notice", "treatment-limits")
class TestLocumCare(ExchangeStory):
    """Advance notice and treatment limits have no public interaction: the site declares them."""
