"""Acute care: post, ambulance, dispatch centre and emergency department."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests("acute-summary", "urgent-referral", "ambulance-handover", "acute-report")
class TestAcuteCare(ExchangeStory):
    """Asked before the patient arrives, handed over, reported back."""
