"""What people record of a node that runs, and who may read its files: each check turns at once, and back."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_node.errors import Refused
from tests.stories.test_gbz import QUICK, Checked

WHY = "seen by the manager"


class TestUpkeep(Checked):
    @pytest.mark.breaks("db-permissions")
    async def test_of_files_that_others_may_read_turns_and_clears(self) -> None:
        """Somebody made a copy by hand and gave everybody the store; mended, it is good by itself."""
        await self.turns("db-permissions", "good")
        store = next(self.folder.rglob("store.db"))
        store.chmod(0o644)
        turned = await self.turns("db-permissions", "violated")
        store.chmod(0o600)
        await self.turns("db-permissions", "good")
        assert (turned["value"], turned["side"], turned["blocks"]) == ("store.db", "operator", [])

    @pytest.mark.breaks("incident-timer")
    async def test_of_an_incident_turns_at_its_term_and_clears_when_it_is_reported(self) -> None:
        """It was found on Friday, and written down on Monday."""
        found = (datetime.now(UTC) - timedelta(hours=80)).isoformat()
        one = await self.ask("gbz.incident-open", owner="M. Manager", detected=found, breach=True, why="laptop lost")
        turned = await self.check("incident-timer")
        await self.ask("gbz.incident-report", id=one["id"], to="AP", why=WHY)
        after = await self.check("incident-timer")
        assert (turned["result"], after["result"]) == ("violated", "good")

    @pytest.mark.breaks("change-recorded")
    async def test_of_a_change_is_good_until_the_next_change(self) -> None:
        """What was approved is what ran then, not whatever is put in later."""
        await self.ask("gbz.change", change="CHG-7", approver="M. Manager", why=WHY)
        await self.turns("change-recorded", "good")
        self.write_settings({"checks": {**QUICK, "waiver_days": 30}})
        await self.reload()
        await self.turns("change-recorded", "warned")

    @pytest.mark.breaks("decommission-complete")
    async def test_of_a_node_in_use_cannot_be_ended(self) -> None:
        """Its certificate still counts: the machine sees that, whatever people say."""
        await self.turns("cert-revoked", "good")
        await self.ask("gbz.leave", step="begun", owner="M. Manager", why=WHY)
        told = await self.check("decommission-complete")
        with self.assertRaises(Refused) as refused:
            await self.ask("gbz.leave", step="closed", owner="M. Manager", why=WHY)
        assert (told["result"], "certificate-revoked" in refused.exception.detail) == ("warned", True)
