"""The index: what is registered, kept up to date and removed, for fixed and for temporary patients."""

from typing import ClassVar

from edge_node.sandbox.samples.kinds import KINDS
from edge_node.sandbox.samples.people import patient
from tests.stories import moves
from tests.stories.caller import seen
from tests.stories.exchanges import ExchangeStory, a_sample, exchange_tests
from tests.stories.moves import AT_PRACTICE
from tests.stories.site import HIS

GUEST = patient(7)


@exchange_tests("index-registration", "index-removal", "index-query")
class TestIndex(ExchangeStory):
    """The switchboard itself answers."""

    async def test_patient_who_stays_a_while_is_registered_and_removed(self) -> None:
        """A temporary patient's data must be found during the stay, and by nobody after it."""
        for name in ("index-update", "index-query", "index-removal"):
            sample = AT_PRACTICE.request(name, receiver="1", patient=GUEST)
            assert seen(await self.passes_out(sample)).is_positive
        assert [turn.seen.patient for turn in self.switch.heard] == [GUEST.bsn] * 3

    async def test_switchboards_no_to_a_registration_is_passed(self) -> None:
        """No consent: the practice must hear it, and see it as a refusal of the registration itself."""
        no = moves.application_refuses("MFMT_IN002310NL", "AUTERR_ACCOORD")
        self.switch.will(no)
        told = await self.send(a_sample(KINDS["index-update"]), path="VerwijsindexBijwerken")
        assert (seen(told).interaction, seen(told).type_code) == ("MFMT_IN002310NL", "AE")
        assert seen(told).codes == ("AUTERR_ACCOORD",)


class TestLineThatIsDown(ExchangeStory):
    given: ClassVar = {"switchboard": {"link_breaker": {"failures": 100}}}

    async def test_removal_goes_before_the_registration_that_waits(self) -> None:
        """The stay ended before the line came back: found for even a minute, the data could be seen without right."""
        await self.switch.down()
        registration = AT_PRACTICE.request("index-registration", receiver="1", patient=GUEST, data="460320")
        removal = AT_PRACTICE.request("index-deregistration", receiver="1", patient=GUEST, data="460320")
        told = [await self.send(one) for one in (registration, removal)]
        self.switch.up()
        await self.comes_to("DELIVERED", told[1])
        assert self.switch.ids == [removal.id.extension]

    async def test_comes_in_never(self) -> None:
        """Nobody may register in a practice's name through its own node."""
        sample = moves.ELSEWHERE.request("index-update", receiver=HIS, patient=GUEST)
        assert not seen(await self.call(sample)).is_positive
        assert self.systems["his"].heard == []
