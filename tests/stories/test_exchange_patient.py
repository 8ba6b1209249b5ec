"""A patient reads his own data through a portal: he is the author, nobody oversees him."""

from edge_node.sandbox.samples.kinds import KINDS
from tests.stories.exchanges import ExchangeStory, a_sample, exchange_tests
from tests.stories.moves import ANNA, AT_PORTAL


@exchange_tests("portal-medication", "portal-summary")
class TestPatient(ExchangeStory):
    """Signed with the patient's own token, which the switchboard judges."""

    async def test_portal_asks_with_the_patient_as_author(self) -> None:
        """A portal is an application of its own beside the doctor's system."""
        sample = a_sample(KINDS["portal-summary"], AT_PORTAL)
        await self.passes_out(sample, "portal")
        (turn,) = self.switch.heard
        author = turn.seen.element.find(".//{*}authorOrPerformer//{*}AssignedPerson/{*}id")
        assert (author.get("root"), author.get("extension")) == ("2.16.840.1.113883.2.4.6.3", ANNA.bsn)
        assert turn.seen.element.find(".//{*}overseer") is None
