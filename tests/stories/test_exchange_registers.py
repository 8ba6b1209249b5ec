"""The registers of the switchboard: access log, consent, subscriptions, address book, persons."""

from tests.stories.caller import code_of, seen
from tests.stories.exchanges import ExchangeStory, exchange_tests
from tests.stories.moves import ANNA, ELSEWHERE
from tests.stories.site import HIS


@exchange_tests("access-log", "consent", "subscription", "address-book", "application-register", "identity")
class TestRegisters(ExchangeStory):
    """Asked for one answer; persons and identity documents by interactions that the site revived."""

    async def test_nobody_asks_a_practice_for_the_access_log(self) -> None:
        """Only the switchboard has it: a practice that were asked would have to make one up."""
        question = ELSEWHERE.request("access-log-query", receiver=HIS, patient=ANNA)
        told = await self.call(question)
        assert (seen(told).is_positive, code_of(told)) == (False, "EN-INTERACTION-ROLE")
        assert self.systems["his"].heard == []
