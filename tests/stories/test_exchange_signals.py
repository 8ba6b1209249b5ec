"""Signals of the switchboard, and what it tells a patient."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests("signals", "patient-notification")
class TestSignals(ExchangeStory):
    """They only come in, and are kept until the local system has them."""
