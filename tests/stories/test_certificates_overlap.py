"""Two generations of CAs side by side: there is no day on which the switchboard and the practice must both change."""

from typing import Any

import yaml

from edge_node.sandbox.pki import ORGANISATION_ISSUER, PRACTICE
from tests.stories import generation
from tests.stories.caller import Caller, seen
from tests.stories.certificates import pki
from tests.stories.generation import NextCaller, NextServer, next_generation
from tests.stories.moves import ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, _post, a_query


class TestBothGenerations(Story):
    def furnish(self) -> None:
        """Anchors, issuers and lists of both generations, as the network handed them out beforehand."""
        both = self.folder / "anchors.pem"
        both.write_bytes(pki().anchors.read_bytes() + next_generation().anchors.read_bytes())
        self.change_site(
            lambda site: site["switchboard"]["peers"][0].update(
                anchors=str(both), issuers=[ORGANISATION_ISSUER, generation.ORGANISATION_ISSUER]
            )
        )
        self.change_site(lambda site: site["revocation"]["crl_files"].append(str(next_generation().lists)))

    def change_site(self, change: Any) -> None:
        site = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        change(site)
        self.paths[0].write_text(yaml.safe_dump(site), encoding="utf-8")

    def own_next(self) -> None:
        """The practice's own certificate is of the next generation."""
        self.change_site(
            lambda site: site["identities"][0].update(
                certificate=str(next_generation().chain("practice")), key=str(next_generation().key("practice"))
            )
        )

    async def switch_changes(self) -> None:
        await self.switch.down()
        self.switch.use(NextServer())
        self.switch.up()

    async def asked_by_the_next(self) -> Any:
        caller = Caller.at(self.addresses["switchboard"], NextCaller())
        return seen(await _post(caller, a_query(ELSEWHERE, HIS), {}))

    async def test_the_old_one_goes_on(self) -> None:
        """Anchors are added long before anybody shows a certificate under them."""
        assert seen(await self.send(a_query())).is_positive
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive

    async def test_the_switchboard_changes_first_on_the_way_out(self) -> None:
        """On its day, at its hour; nothing is changed here."""
        await self.switch_changes()
        assert seen(await self.send(a_query())).is_positive
        assert self.switch.heard[0].organisation == PRACTICE[0]

    async def test_the_switchboard_changes_first_on_the_way_in(self) -> None:
        """The same machine calls us, with its new certificate."""
        assert (await self.asked_by_the_next()).is_positive

    async def test_both_are_there_at_once(self) -> None:
        """A switchboard is many machines, which change one after the other."""
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive
        assert (await self.asked_by_the_next()).is_positive

    async def test_the_practice_changes_after_it(self) -> None:
        """The whole chain is sent, signed with RSA-PSS, and the status says which generation it is."""
        await self.switch_changes()
        self.own_next()
        await self.reload()
        assert seen(await self.send(a_query())).is_positive
        assert (await self.asked_by_the_next()).is_positive
        assert self.node is not None
        parts = {(it.kind, it.name): it.detail for it in (await self.node.overseeing.look()).parts}
        assert "(test G4)" in parts["certificate", "practice"]
        assert "(test G1)" in parts["certificate", "pharmacy"]
