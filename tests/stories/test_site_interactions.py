"""A site declares, retires and revives interactions in its settings, without a release."""

from typing import Any, ClassVar

from twisted.internet.threads import deferToThreadPool

from edge_node.sandbox.samples.kinds import KINDS
from edge_node.sandbox.samples.table import declarations
from edge_node.status.control_client import ask
from tests.stories.caller import code_of, fault_of, seen
from tests.stories.exchanges import ExchangeStory, a_sample, sent_by_another
from tests.stories.story import Story, reactor

NOTICE = KINDS["advance-notice"]
OLD = KINDS["mp9-prescription-1"]
BSN = KINDS["bsn-query"]
RETIRED = {"switchboard": {"in_use": {OLD.interaction: False}}}


class TestWithoutSettings(Story):
    async def test_what_only_a_site_knows_is_refused_by_name(self) -> None:
        """Nobody could say what it is, whether it may be kept, or where its patient stands."""
        told = await self.send(a_sample(NOTICE))
        assert (code_of(told), NOTICE.interaction in fault_of(told)["detail"]) == ("EN-INTERACTION-UNKNOWN", True)

    async def test_what_the_table_retired_is_refused_by_name(self) -> None:
        """The switchboard would refuse it as well, with less of a reason."""
        told = await self.send(a_sample(BSN))
        assert (code_of(told), self.switch.heard) == ("EN-INTERACTION-INACTIVE", [])


class TestDeclared(ExchangeStory):
    async def test_passes_both_ways_after_a_reload(self) -> None:
        """A region begins with a new exchange on a Monday; its nodes take it up without stopping."""
        self.write_settings({})
        await self.reload()
        assert code_of(await self.send(a_sample(NOTICE))) == "EN-INTERACTION-UNKNOWN"
        self.write_settings({"switchboard": declarations()})
        await self.reload()
        await self.passes_out(a_sample(NOTICE))
        await self.passes_in(sent_by_another(NOTICE))

    async def test_is_reported(self) -> None:
        """Who helps from afar sees that this site has more than the release."""
        found = await deferToThreadPool(reactor, self._pool, ask, self.folder / "control.sock", {"verb": "status"})
        ways = {each["id"]: each["way"] for each in found["interactions"]}
        assert (ways[NOTICE.interaction], ways[BSN.interaction]) == ("declared", "revived")


class TestRetired(ExchangeStory):
    given: ClassVar[dict[str, Any]] = RETIRED

    async def test_is_refused_by_name_both_ways(self) -> None:
        """From the day the programme stops it nobody waits for an answer that cannot come."""
        told = await self.send(a_sample(OLD))
        assert (code_of(told), OLD.interaction in fault_of(told)["detail"]) == ("EN-INTERACTION-INACTIVE", True)
        told = await self.call(sent_by_another(OLD))
        assert (seen(told).is_positive, code_of(told)) == (False, "EN-INTERACTION-INACTIVE")
        assert (self.switch.heard, self.systems["his"].heard) == ([], [])


class TestRetiredMeanwhile(ExchangeStory):
    given: ClassVar[dict[str, Any]] = {"switchboard": {"link_breaker": {"failures": 100}}}

    async def test_what_was_kept_before_is_still_delivered(self) -> None:
        """We said yes to it: only a named person may give it up."""
        await self.switch.down()
        told = await self.send(a_sample(OLD))
        assert told.headers["edge-node-state"] == "kept"
        self.write_settings(RETIRED)
        await self.reload()
        self.switch.up()
        await self.comes_to("DELIVERED", told)
