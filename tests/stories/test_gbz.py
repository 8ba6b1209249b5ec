"""The checks of a node that runs: each turns when what it is about is broken outside, and back when it is mended."""

from collections.abc import Mapping
from typing import Any

import pytest
from twisted.internet.threads import deferToThread

from edge_node.errors import Refused
from edge_node.status import control_client
from edge_node.status.control_client import Bytes
from tests.stories.story import a_prescription, a_query
from tests.stories.test_revocation import Register

FULL = {"disk_violation_percent": 100.0, "disk_warn_percent": 100.0}
AT_ONCE = {"spread_s": 0.01}
# What changes from day to day is looked at once: it asks programs that take a while.
QUICK = {"every_s": 0.2, "seldom_s": 3600.0, "ping_every_s": 0.4}
#: What the machine that runs the tests is like, no story tells.
OF_THE_MACHINE = {
    "clock-offset", "clock-step", "clock-sync-age", "disk-encryption", "firewall-default-deny", "hardening-baseline",
    "ip-forwarding", "patch-age", "throughput-selftest",
}  # fmt: skip


class Checked(Register):
    """A story whose node looks often."""

    timeout = 120  # what is looked at asks programs of the machine, which may be busy

    def furnish(self) -> None:
        super().furnish()
        looked = {"crl_files": [str(self.lists)], "crl_files_every_s": 0.05}
        self.write_settings({"revocation": looked, "checks": self.checks})

    @property
    def checks(self) -> Mapping[str, Any]:
        """What this site has under `checks`."""
        return QUICK

    async def ask(self, verb: str, **fields: Any) -> Any:
        """Ask at the control socket, as the commands do."""
        return await deferToThread(control_client.ask, self.folder / "control.sock", {"verb": verb, **fields})

    async def check(self, name: str) -> dict[str, Any]:
        """What stands of one check."""
        found: dict[str, Any] = await self.ask("gbz.show", check=name)
        return found

    async def turns(self, name: str, result: str) -> dict[str, Any]:
        """Wait until a check has that result."""
        found: dict[str, Any] = await self.eventually(
            lambda: self.check(name), lambda found: bool(found["result"] == result)
        )
        return found


class TestChecks(Checked):
    async def test_of_a_good_site_find_nothing_violated(self) -> None:
        """A check that cries wolf on a site where all is well is soon one that nobody reads."""
        await self.turns("peer-is-zim", "good")
        await self.turns("cert-revoked", "good")
        found = await self.ask("gbz.list")
        violated = {check["name"] for check in found["checks"] if check["result"] == "violated"}
        assert violated - OF_THE_MACHINE == set()

    @pytest.mark.breaks("cert-revoked")
    async def test_turn_when_the_certificate_is_revoked_and_stop_what_goes_out(self) -> None:
        """The switchboard would refuse it all: the doctor hears at once why, and on whose side it is."""
        await self.turns("cert-revoked", "good")
        self.revoke("practice")
        turned = await self.turns("cert-revoked", "violated")
        told = await self.send(a_query())
        assert (turned["blocks"], turned["side"]) == (["BLOCK_IN", "BLOCK_OUT"], "operator")
        assert "EN-CHECK-STOPPED" in told.body.decode()

    @pytest.mark.breaks("lsp-ping-stage")
    async def test_say_at_which_stage_the_way_ends(self) -> None:
        """Nobody listens: it is not the certificate, and not the name."""
        await self.turns("lsp-ping-stage", "good")
        await self.switch.down()
        # A trial that was under way as the line went down ends at the stage it had come to; the next one says it.
        turned = await self.eventually(
            lambda: self.check("lsp-ping-stage"), lambda found: found["value"].startswith("connection")
        )
        assert turned["result"] == "violated"
        self.switch.up()
        await self.turns("lsp-ping-stage", "good")

    async def test_remember_since_when_over_a_restart(self) -> None:
        """A restart is no excuse, and makes nothing new."""
        before = await self.turns("backup-age", "warned")
        await self.restart()
        after = await self.turns("backup-age", "warned")
        assert after["since"] == before["since"]


class TestAFullDisk(Checked):
    """Of a site that has that stop what goes out, and calls a disk full that is not empty."""

    @property
    def checks(self) -> Mapping[str, Any]:
        return {**QUICK, "actions": {"disk-space": ["BLOCK_OUT"]}, "limits": FULL}

    @pytest.mark.breaks("disk-space")
    async def test_keeps_a_push_and_lets_it_go_by_itself_once_mended(self) -> None:
        """It clears when there is room: nobody has to remember to press anything."""
        await self.turns("disk-space", "violated")
        told = await self.send(a_prescription())
        before = list(self.switch.ids)
        self.write_settings(
            {"checks": {**QUICK, "actions": {"disk-space": ["BLOCK_OUT"]}}, "store": {"retry": AT_ONCE}}
        )
        await self.reload()
        await self.comes_to("DELIVERED", told)
        assert before == []

    async def test_lets_a_doctor_ask(self) -> None:
        """A full disk is no reason to keep what another knows from a patient who is here."""
        await self.turns("disk-space", "violated")
        assert "EN-CHECK-STOPPED" not in (await self.send(a_query())).body.decode()


class TestReport(Checked):
    async def test_holds_every_check_and_no_patient(self) -> None:
        """It is printed, mailed and archived: nothing of a patient may be in it."""
        await self.send(a_prescription())
        page = Bytes()
        path = self.folder / "control.sock"
        await deferToThread(control_client.ask, path, {"verb": "gbz.report", "format": "html"}, hear=page)
        found = await self.ask("gbz.list")
        assert all(check["name"] in page.whole.decode() for check in found["checks"])
        assert "99991" not in page.whole.decode()


class TestDeclarations(Checked):
    async def test_of_a_person_turn_a_check(self) -> None:
        """What no machine can see is good because somebody says so, by name and until a date."""
        await self.ask("gbz.attest", check="user-review", owner="B. Manager", why="all users were gone through")
        turned = await self.turns("user-review", "good")
        assert turned["attestation"]["owner"] == "B. Manager"

    async def test_without_owner_reason_or_end_are_refused(self) -> None:
        """A waiver that nobody answers for is a rule less."""
        with self.assertRaises(Refused) as refused:
            await self.ask("gbz.waive", check="backup-age", owner="A. Beheerder", why="no disk yet")
        assert refused.exception.code == "EN-CHECK-DECLARED"

    async def test_that_are_refused_stand_in_the_access_log_as_that(self) -> None:
        """An inspector who finds a waiver in the log must see that it was never given."""
        with self.assertRaises(Refused):
            await self.ask("gbz.waive", check="cert-revoked", owner="A. Beheerder", why="no card yet")
        found: list[dict[str, Any]] = []
        request = {"verb": "log.search", "event": "override", "why": "asked by the inspector"}
        path = self.folder / "control.sock"
        await deferToThread(control_client.ask, path, request, hear=lambda part: found.extend(part["records"]))
        assert [(line["event.result"], line["event.code"]) for line in found] == [
            ("ok", "gbz.waive"),
            ("refused", "EN-CHECK-DECLARED"),
        ]
        assert len({line["correlation.id"] for line in found}) == 1
