"""A site that has each check stop what it can: a doctor still gets through, and nobody is kept in the index."""

from collections.abc import Mapping
from typing import Any

from edge_node.model.check import Action, Topic
from edge_node.policy import check_catalogue
from tests.stories.story import ANNA, AT_PRACTICE, a_prescription, a_query
from tests.stories.test_gbz import FULL, QUICK, Checked

STRICTEST = {
    name: [action.value for action in Action if action.blocks and check.can(action)]
    for name, check in check_catalogue.load().items()
    if check.is_soft
}
#: Of a user and a patient with whom all is wrong.
ALL_WRONG = {
    "edge-node-card-out": "3600", "edge-node-session-idle": "3600", "edge-node-session-age": "90000",
    "edge-node-bsn-verified": "no", "edge-node-identity-checked": "no", "edge-node-treatment-relation": "no",
    "edge-node-consent": "withdrawn",
}  # fmt: skip


class TestTheStrictestSite(Checked):
    """Its disk is full by what it calls full, and every soft check of it blocks."""

    @property
    def checks(self) -> Mapping[str, Any]:
        return {**QUICK, "actions": STRICTEST, "limits": FULL}

    async def test_lets_a_doctor_ask_whatever_is_wrong(self) -> None:
        """He has a patient before him."""
        turned = await self.turns("disk-space", "violated")
        told = await self.send(a_query(), headers=ALL_WRONG)
        assert turned["blocks"] == ["BLOCK_IN", "BLOCK_OUT"]
        assert "edge-node-error" not in told.headers

    async def test_lets_an_emergency_pass_with_what_it_sends(self) -> None:
        """It goes at once, though every other push waits or is refused."""
        await self.turns("disk-space", "violated")
        asked = a_prescription()
        told = await self.send(asked, headers={**ALL_WRONG, "edge-node-situation": "emergency"})
        assert "edge-node-error" not in told.headers
        assert self.switch.ids == [asked.id.extension]

    async def test_stops_the_others(self) -> None:
        """Or this story would show nothing."""
        await self.turns("disk-space", "violated")
        told = await self.send(a_prescription(), headers=ALL_WRONG)
        assert "edge-node-error" in told.headers
        assert self.switch.ids == []


class TestASiteThatIsStrictOnPeople(Checked):
    """Each check on users, patients and consent blocks as it can."""

    @property
    def checks(self) -> Mapping[str, Any]:
        rows = check_catalogue.load()
        people = {name for name in STRICTEST if rows[name].topic in {Topic.USERS, Topic.PATIENTS}}
        return {**QUICK, "actions": {name: STRICTEST[name] for name in people}}

    async def test_removes_whom_it_is_asked_to(self) -> None:
        """Who withdrew is found no longer, whoever's card is out of its reader."""
        asked = AT_PRACTICE.request("index-deregistration", receiver="1", patient=ANNA)
        told = await self.send(asked, headers=ALL_WRONG)
        assert "edge-node-error" not in told.headers
        assert self.switch.ids == [asked.id.extension]

    async def test_refuses_other_messages_of_that_user(self) -> None:
        """What is set is done."""
        assert "edge-node-error" in (await self.send(a_prescription(), headers=ALL_WRONG)).headers
