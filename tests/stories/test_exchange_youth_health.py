"""Youth health care: transfer of a record, vaccination, heel prick, birth."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests("youth-health-transfer", "vaccination", "heel-prick", "birth")
class TestYouthHealth(ExchangeStory):
    """Some of these must not name a patient in the attention line, some name none at all."""
