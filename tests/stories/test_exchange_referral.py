"""Referral to another provider, and transfer of a record to another practice."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests("referral", "record-transfer")
class TestReferral(ExchangeStory):
    """Referred, reported, stopped; transferred, or refused."""
