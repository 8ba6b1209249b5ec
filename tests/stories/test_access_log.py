"""The access log of a node that runs: it says who did what, and nobody bends it unseen."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any, ClassVar

from click.testing import CliRunner
from twisted.internet.threads import deferToThread

from edge_node.cli.main import main
from edge_node.status import control_client
from tests.stories.moves import ANNA
from tests.stories.story import Story, a_prescription, a_query

WHY = "asked by the privacy officer"


class Logged(Story):
    given: ClassVar[dict[str, Any]] = {"version": 1, "journal": {"head_interval_s": 0.05}}

    @property
    def store(self) -> Path:
        return self.folder / "state" / "store.db"

    async def ask(self, verb: str, **fields: Any) -> Any:
        """Ask at the control socket, as the commands do."""
        return await deferToThread(control_client.ask, self.folder / "control.sock", {"verb": verb, **fields})

    async def found(self, **fields: Any) -> list[dict[str, Any]]:
        """The records that are found."""
        records: list[dict[str, Any]] = []

        def hear(part: Any) -> None:
            records.extend(part.get("records", ()))

        request = {"verb": "log.search", "why": WHY, **fields}
        await deferToThread(control_client.ask, self.folder / "control.sock", request, hear=hear)
        return records

    async def signed(self) -> str:
        """Wait until all that was written is signed; the head then."""

        async def look() -> tuple[str, int]:
            connection = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)
            (last,) = connection.execute("SELECT max(seq) FROM log_records").fetchone()
            connection.close()
            return str((await self.ask("log.head"))["head"]), last

        head, _ = await self.eventually(look, lambda seen: bool(seen[0].startswith(f"{seen[1]}:")))
        return str(head)

    def bend(self, sql: str) -> None:
        """Somebody with the rights of the service changes the store."""
        connection = sqlite3.connect(self.store, timeout=5)
        with connection:
            connection.execute(sql)
        connection.close()


class TestALog(Logged):
    async def test_tells_what_was_done_with_the_data_of_a_patient(self) -> None:
        """She may ask for it, years later."""
        await self.send(a_query(patient=ANNA))
        await self.send(a_prescription(patient=ANNA))
        told = await self.found(patient=ANNA.bsn)
        assert {"query", "push"} <= {record["event.type"] for record in told}
        assert {record["object.patient"] for record in told if "object.patient" in record} == {ANNA.bsn}

    async def test_that_nobody_bent_is_whole(self) -> None:
        """An alarm without a cause is not read the next time."""
        await self.send(a_query(patient=ANNA))
        head = await self.signed()
        proof = await self.ask("log.verify", head=head, why=WHY)
        assert (proof["is_sound"], proof["found"]) == (True, [])

    async def test_holds_who_looked_into_it(self) -> None:
        """Reading the log is an event like any other."""
        await self.found(patient=ANNA.bsn)
        (read,) = await self.found(event="log", code="log.search", limit=1)
        assert (read["event.reason"], bool(read["user.name"])) == (WHY, True)

    async def test_goes_on_after_a_restart(self) -> None:
        """A stop signs what it leaves."""
        await self.send(a_query(patient=ANNA))
        head = await self.signed()
        await self.restart()
        await self.send(a_query(patient=ANNA))
        assert (await self.ask("log.verify", head=head, why=WHY))["is_sound"]

    async def test_publishes_its_head(self) -> None:
        """Whoever scrapes it has what shows a cut."""
        await self.send(a_query(patient=ANNA))

        async def look() -> tuple[str, str]:
            head = (await self.ask("log.head"))["head"]
            return f'edge_node_log_head_records{{head="{head}"}}', (await self.management("/metrics")).body.decode()

        shown, metrics = await self.eventually(look, lambda seen: bool(seen[0] in seen[1]))
        assert metrics.count("edge_node_log_head_records{") == 1, shown

    async def test_holds_no_patient_in_the_clear(self) -> None:
        """Its files are copied to an auditor."""
        await self.send(a_query(patient=ANNA))
        await self.stop()
        assert ANNA.bsn.encode() not in self.store.read_bytes()


class TestABentLog(Logged):
    async def bent(self) -> dict[str, Any]:
        await self.send(a_query(patient=ANNA))
        await self.signed()
        self.bend("UPDATE log_records SET record = replace(record, '\"query\"', '\"quest\"') WHERE seq > 1")
        proof: dict[str, Any] = await self.ask("log.verify", why=WHY)
        return proof

    async def test_is_located_and_told(self) -> None:
        """Everybody hears of it: the log of the machine, the status, the metrics."""
        proof = await self.bent()
        (bent,) = self.logged("log.bent")
        metrics = (await self.management("/metrics")).body.decode()
        status = str(await self.ask("status"))
        assert not proof["is_sound"]
        assert bent["found"] == [f"changed: {each['first']}-{each['last']}" for each in proof["found"]]
        assert "EN-LOG-TAMPERED" in status
        assert "edge_node_log_bent 0.0" not in metrics

    async def test_is_sealed_off_and_the_node_goes_on(self) -> None:
        """A doctor is not kept from a patient by what somebody did to a file."""
        proof = await self.bent()
        assert (await self.send(a_query(patient=ANNA))).status == 200
        after = await self.ask("log.verify", why=WHY)
        assert {(each["bend"], each["first"]) for each in after["found"]} == {
            (each["bend"], each["first"]) for each in proof["found"]
        }
        assert len(after["chains"]) == 2

    async def test_is_told_once(self) -> None:
        """Each look finds it again; nothing new is sealed off for that."""
        await self.bent()
        await self.ask("log.verify", why=WHY)
        assert len(self.logged("log.bent")) == 1

    async def test_that_was_seen_is_no_alarm_any_more(self) -> None:
        """Somebody is at it; what was found stays in the log."""
        await self.bent()
        assert (await self.ask("log.seen", why="reported as incident 12"))["seen"] == 1
        assert "edge_node_log_bent 0.0" in (await self.management("/metrics")).body.decode()


class TestTheEndOfALog(Logged):
    """Somebody with the rights of the service works on the store of a node that runs."""

    async def bent(self) -> list[str]:
        """What was told of it, by itself."""
        (told,) = await self.eventually(lambda: self.at_once(self.logged("log.bent")), bool)
        return list(told["found"])

    async def at_once(self, value: Any) -> Any:
        return value

    async def test_with_a_record_put_behind_it_stops_no_question(self) -> None:
        """One row where the next record comes, and no message could be logged any more."""
        await self.send(a_query(patient=ANNA))
        await self.signed()
        self.bend("INSERT INTO log_records (seq, hash, record) SELECT max(seq) + 1, x'00', 'forged' FROM log_records")
        assert (await self.send(a_query(patient=ANNA))).status == 200
        assert [each.split(":")[0] for each in await self.bent()] == ["inserted"]

    async def test_that_is_cut_off_is_told_without_being_asked(self) -> None:
        """Nobody has to write another line, or to ask."""
        await self.send(a_query(patient=ANNA))
        await self.signed()
        self.bend("DELETE FROM log_records WHERE seq > 2")
        assert [each.split(":")[0] for each in await self.bent()] == ["deleted"]


class TestASiteThatStops(Logged):
    given: ClassVar[dict[str, Any]] = {
        "version": 1,
        "journal": {"head_interval_s": 0.05, "when_bent": "stop_intake"},
    }

    async def test_takes_nothing_in_until_somebody_has_seen_it(self) -> None:
        """Its board decided so: first it must be clear what happened."""
        await self.send(a_query(patient=ANNA))
        await self.signed()
        self.bend("DELETE FROM log_records WHERE seq = 2")
        await self.ask("log.verify", why=WHY)
        refused = await self.send(a_query(patient=ANNA))
        assert refused.status != 200 or b"EN-LOG-TAMPERED" in refused.body
        before = len(self.switch.heard)
        await self.ask("log.seen", why="reported as incident 12")
        await self.send(a_query(patient=ANNA))
        assert len(self.switch.heard) == before + 1


class TestAnAuditor(Logged):
    async def copied(self) -> tuple[Path, str]:
        """The log on another machine, with what was written down of it."""
        for _ in range(3):
            await self.send(a_query(patient=ANNA))
        head = await self.signed()
        await self.stop()
        elsewhere = self.folder / "auditor"
        elsewhere.mkdir()
        for name in ("store.db", "node-signing.pub"):
            shutil.copy(self.folder / "state" / name, elsewhere)
        return elsewhere, head

    async def test_proves_it_with_the_public_key_alone(self) -> None:
        """Without a key of the node, and without the node."""
        elsewhere, head = await self.copied()
        told = self.verify(elsewhere, "--head", head)
        assert (told.exit_code, told.stdout.startswith("whole: ")) == (0, True)

    async def test_finds_a_cut_with_a_head(self) -> None:
        """The last hour is what somebody wants to be rid of."""
        elsewhere, head = await self.copied()
        connection = sqlite3.connect(elsewhere / "store.db")
        with connection:
            connection.execute("DELETE FROM log_records WHERE seq > 2")
            connection.execute("DELETE FROM log_heads WHERE seq > 2")
        connection.close()
        assert "end cut off" in self.verify(elsewhere, "--head", head).stdout
        alone = self.verify(elsewhere)
        assert (alone.exit_code, "A cut after it is not excluded" in alone.stderr) == (0, True)

    def verify(self, elsewhere: Path, *more: str) -> Any:
        key = str(elsewhere / "node-signing.pub")
        return CliRunner().invoke(main, ["log", "verify", str(elsewhere), "--public-key", key, *more])
