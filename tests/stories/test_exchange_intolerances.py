"""Intolerances, contra-indications and allergies: the older form, and the one that follows."""

from tests.stories.exchanges import ExchangeStory, exchange_tests


@exchange_tests("intolerances", "contra-indications")
class TestIntolerances(ExchangeStory):
    """The newer form has no public interaction: the site declares one."""
