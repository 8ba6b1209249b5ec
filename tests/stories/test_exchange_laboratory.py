"""Laboratory orders and results, and documents."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests("lab-results", "lab-orders", "documents")
class TestLaboratory(ExchangeStory):
    """Orders and results to which the table gives no direction are relayed: the local system itself says yes."""
