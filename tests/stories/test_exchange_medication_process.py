"""Medication process 9: by context, each source asked once a kind of data; and what is sent."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests(
    "medication-process", "medication-process-prescription", "medication-process-dispense", "medication-process-use",
    "medication-data", "medication-proposals",
)  # fmt: skip
class TestMedicationProcess(ExchangeStory):
    """The context question goes out; its legs come in, with the switchboard as author and no token."""
