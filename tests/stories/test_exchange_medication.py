"""Medication data of generation 6: asked of every source, and sent."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests(
    "dispenses", "prescriptions", "medication-use", "prescription", "signed-prescription", "dispense-message"
)
class TestMedication(ExchangeStory):
    """Each question goes to the switchboard and comes to a source, each message goes and comes."""
