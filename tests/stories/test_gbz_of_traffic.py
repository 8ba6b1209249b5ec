"""The checks on clock, links, answers and the network of a node that runs, each broken from outside and mended."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
import yaml

from tests.probes.name_server import NameServer
from tests.probes.ntp_server import NtpServer
from tests.stories import certificates
from tests.stories.story import a_query
from tests.stories.test_gbz import QUICK, Checked

#: The usual site is all on this machine, which so is the care network as well.
HERE = ["127.0.0.0/8", "::1/128"]


class Site(Checked):
    """A story whose settings can be changed in part."""

    timeout = 120
    more: ClassVar[Mapping[str, Any]] = {}

    def furnish(self) -> None:
        super().furnish()
        self.choose(self.more)

    def choose(self, more: Mapping[str, Any]) -> None:
        """Write what it has beside what every site of these stories has."""
        looked = {"crl_files": [str(self.lists)], "crl_files_every_s": 0.05}
        checks = {**QUICK, **more.get("checks", {})}
        # The checks come last, so that a story can add to them as a person writes.
        text = yaml.safe_dump({"revocation": looked, **more, "checks": checks}, sort_keys=False)
        self.paths[1].write_text(text, encoding="utf-8")

    async def becomes(self, more: Mapping[str, Any]) -> None:
        """Change it, and have the node take it up."""
        self.choose(more)
        await self.reload()


class TestTheClock(Site):
    @pytest.mark.breaks("clock-offset")
    async def test_that_is_three_seconds_off_turns_its_check_and_back(self) -> None:
        """A real time server says so; nothing is stopped for it, and it clears once the clock is right."""
        with NtpServer(ahead_s=3) as wrong, NtpServer() as right:
            await self.becomes({"network": {"time_servers": [f"127.0.0.1:{wrong.port}"]}})
            turned = await self.turns("clock-offset", "violated")
            await self.becomes({"network": {"time_servers": [f"127.0.0.1:{right.port}"]}})
            await self.turns("clock-offset", "good")
        assert (turned["blocks"], turned["side"]) == ([], "operator")


class TestTheWay(Site):
    def furnish(self) -> None:
        self.names = NameServer({name: ["127.0.0.1"] for name in (*certificates.NAMES.values(), "localhost")})
        self.addCleanup(self._async(self.names.stop))
        super().furnish()

    def network(self, prefixes: list[str]) -> dict[str, Any]:
        """What the site says of its network."""
        return {"network": {"prefixes": prefixes, "name_servers": [f"127.0.0.1:{self.names.port}"]}}

    @pytest.mark.breaks("route-via-gzn")
    async def test_by_another_network_turns_its_check_and_back(self) -> None:
        """The route leads over the wrong interface: the network provider is named, no question is stopped."""
        await self.becomes(self.network(["10.99.0.0/16"]))
        turned = await self.turns("route-via-gzn", "violated")
        told = await self.send(a_query())
        await self.becomes(self.network(HERE))
        await self.turns("route-via-gzn", "good")
        assert (turned["side"], "EN-CHECK-STOPPED" in told.body.decode()) == ("care network", False)

    @pytest.mark.breaks("dns-self")
    async def test_to_the_own_name_that_leads_elsewhere_turns_its_check_and_back(self) -> None:
        """The switchboard would call a machine that is nobody's, and nothing here would show it."""
        await self.becomes(self.network(HERE))
        await self.turns("dns-self", "good")
        name = certificates.NAMES["practice"]
        self.names.known[name] = ["192.0.2.1"]
        await self.turns("dns-self", "violated")
        self.names.known[name] = ["127.0.0.1"]
        await self.turns("dns-self", "good")

    @pytest.mark.breaks("lsp-ping", "availability-minor")
    async def test_that_is_gone_turns_its_checks_and_is_an_outage(self) -> None:
        """It is counted from the first failure to the first answer, and stays counted."""
        await self.turns("lsp-ping", "good")
        await self.switch.down()
        for _ in range(6):
            await self.send(a_query())
        await self.turns("lsp-ping", "violated")
        self.switch.up()
        await self.turns("lsp-ping-stage", "good")
        await self.send(a_query())
        await self.turns("availability-minor", "warned")
