"""The checks that turn because time goes by, or somebody comes between, at a node that runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from twisted.internet.defer import ensureDeferred

from edge_node.machine import Clocks, MachineClock
from edge_node.sandbox.pki_lists import bring_out
from edge_node.store import recovery
from tests.stories import certificates
from tests.stories.story import a_query
from tests.stories.test_access_log import WHY, Logged
from tests.stories.test_gbz import QUICK, Checked
from tests.stories.test_gbz_of_traffic import Site
from tests.wire.source_double import Heard, Source, answer

DAY = timedelta(days=1)


class Ahead(MachineClock):
    """The clock of the machine, and what a story adds to it. The one that never jumps goes on as it was."""

    by = timedelta()

    def now(self) -> float:
        return super().now() + self.by.total_seconds()


class Timed(Checked):
    """A story in which days go by."""

    def furnish(self) -> None:
        super().furnish()
        self.clock: Clocks = Ahead()

    def pass_(self, span: timedelta) -> None:
        """Let it be later."""
        assert isinstance(self.clock, Ahead)
        self.clock.by += span


class TestBackups(Timed):
    def furnish(self) -> None:
        super().furnish()
        recovery.make(self.folder / "safe.pem", self.folder / "public.pem")
        (self.folder / "backups").mkdir()
        backup = {"folder": str(self.folder / "backups"), "jitter_s": 86_400.0, "every_s": 7 * 86_400.0}
        store = {"recovery_keys": [str(self.folder / "public.pem")], "backup": backup}
        self.write_settings({"store": store, "checks": QUICK})

    @pytest.mark.breaks("backup-age")
    async def test_that_are_old_turn_their_check_until_there_is_a_new_one(self) -> None:
        """The disk for backups was full for two days, and nobody looked."""
        await self.back_up()
        await self.turns("backup-age", "good")
        self.pass_(2 * DAY)
        await self.turns("backup-age", "violated")
        await self.back_up()
        await self.turns("backup-age", "good")

    @pytest.mark.breaks("restore-test-age")
    async def test_that_nobody_tried_for_half_a_year_turn_their_check(self) -> None:
        """A backup that cannot be restored is none."""
        await self.turns("restore-test-age", "warned")
        await self.drill()
        await self.turns("restore-test-age", "good")
        self.pass_(200 * DAY)
        await self.turns("restore-test-age", "violated")

    async def back_up(self) -> None:
        assert self.node is not None
        await self.node.services.backing_up.make(None, lambda *_: None)

    async def drill(self) -> None:
        """Somebody restored one elsewhere, and says so."""
        assert self.node is not None
        await self.node.services.backing_up.drilled({"backup": "b"})


class TestRevocationLists(Timed):
    @pytest.mark.breaks("crl-freshness")
    async def test_that_ended_turn_their_check_until_there_are_new_ones(self) -> None:
        """The way to the register is gone; two days later nobody can tell any more who was revoked."""
        await self.turns("crl-freshness", "good")
        self.pass_(3 * DAY)
        await self.turns("crl-freshness", "violated")
        bring_out(self.register, datetime.now(UTC) + 3 * DAY)
        await self.turns("crl-freshness", "good")


class TestSourcesOfRevocation(Checked):
    def furnish(self) -> None:
        super().furnish()
        self.mirror = Source(self.broken).up()
        self.addCleanup(lambda: ensureDeferred(self.mirror.down()))
        where = {"mirror": f"http://127.0.0.1:{self.mirror.port}", "fetch": {"from_certificates": True}}
        self.write_settings({"revocation": {"crl_files": [], **where}, "checks": QUICK})

    def broken(self, _: Heard) -> bytes:
        return answer(status="502 Bad Gateway")

    @pytest.mark.breaks("ocsp-reachable")
    async def test_that_do_not_answer_turn_their_check(self) -> None:
        """Each is named, with what it said."""
        turned = await self.turns("ocsp-reachable", "warned")
        assert any(f":{self.mirror.port}/" in each["name"] for each in turned["evidence"])


class TestWhoIsThere(Site):
    @pytest.mark.breaks("peer-is-zim")
    async def test_under_the_name_of_the_switchboard_turns_its_check_and_back(self) -> None:
        """Somebody in between gets no message; once the switchboard is there again all goes on."""
        await self.turns("peer-is-zim", "good")
        self.switch.use(certificates.Stranger())
        await self.turns("peer-is-zim", "violated")
        told = await self.send(a_query())
        self.switch.use(certificates.ServerTls())
        await self.turns("peer-is-zim", "good")
        assert ("EN-TLS" in told.body.decode(), self.switch.heard) == (True, [])


class TestTheAccessLog(Site, Logged):
    more: ClassVar = {"journal": {"head_interval_s": 0.05}}

    @property
    def store(self) -> Path:
        return self.folder / "state" / "store.db"

    @pytest.mark.breaks("accesslog-chain")
    async def test_that_was_bent_turns_its_check(self) -> None:
        """Somebody wrote that he asked for nothing."""
        await self.send(a_query())
        await self.signed()
        first = (await self.ask("log.verify", why=WHY))["is_sound"]
        await self.turns("accesslog-chain", "good")
        self.bend("UPDATE log_records SET record = replace(record, '\"query\"', '\"quest\"') WHERE seq > 1")
        await self.ask("log.verify", why=WHY)
        turned: dict[str, Any] = await self.turns("accesslog-chain", "violated")
        assert (first, turned["side"]) == (True, "operator")
