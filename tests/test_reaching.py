"""Local systems are looked at without a message, so that a silent night is no surprise in the morning."""

from typing import Any, ClassVar

from tests.stories.story import Story


class TestReaching(Story):
    given: ClassVar[dict[str, Any]] = {
        "local": {"look_interval_s": 0.1},
        "switchboard": {"link_breaker": {"failures": 2, "probe_s": 0.1}},
    }

    async def reachable(self) -> dict[str, bool | None]:
        """What the status says of each local system."""
        assert self.node is not None
        now = await self.node.overseeing.look()
        return {one.system: one.is_reachable for one in now.facts.local_systems}

    async def test_each_is_known_before_it_was_handed_anything(self) -> None:
        """A status of "not tried yet" on every screen is read by nobody."""
        found = await self.eventually(self.reachable, lambda found: len(found) == 3 and all(found.values()))
        self.assertEqual(set(found), {"application 80000001", "application 80000002", "application 80000006"})
        self.assertEqual([system.heard for system in self.systems.values()], [[], [], []])

    async def test_one_that_goes_is_seen_and_one_that_comes_back_too(self) -> None:
        """Nobody has to send a message to find out."""
        await self.eventually(self.reachable, lambda found: len(found) == 3 and all(found.values()))
        await self.systems["ais"].down()
        await self.eventually(self.reachable, lambda found: found["application 80000002"] is False)
        self.systems["ais"].up()
        await self.eventually(self.reachable, lambda found: found["application 80000002"] is True)
