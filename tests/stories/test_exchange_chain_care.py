"""Chain care: the care group asks by context, and gets and gives referrals and records."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests("chain-care", "chain-care-referral", "chain-care-transfer", "correspondence", "self-measurement")
class TestChainCare(ExchangeStory):
    """The context question goes out; its legs come in, with the switchboard as author and no token."""
