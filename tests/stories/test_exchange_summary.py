"""The professional summary: asked by a post or a locum, answered by the practice."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests("professional-summary")
class TestSummary(ExchangeStory):
    """Indirect: the switchboard asks every source, and answers with a batch."""
