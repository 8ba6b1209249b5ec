"""Something of a patient is put, on purpose, into each place that shows anything; the search finds it in every one.

Each is planted below whatever guards that place, by the way the place itself is filled: what the guards hold back
shows nothing of the search. The run over thousands of messages is `./run scan`, with the same search.
"""

import json
import sqlite3
import traceback
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
import yaml
from prometheus_client import Gauge
from twisted.internet.task import deferLater

from edge_node import errors
from edge_node.model.check import Attestation
from edge_node.sandbox.samples.people import OWN, own_word, patient
from edge_node.status.blanking import Blanking
from edge_node.status.control_client import Bytes
from tests.scan.channels import opened
from tests.scan.marks import Marks
from tests.stories import moves
from tests.stories.caller import Caller
from tests.stories.moves import AT_PRACTICE
from tests.stories.story import a_prescription, reactor
from tests.stories.test_alerts import Alerts

WHO = patient(OWN)
#: One of each kind that must stand nowhere.
PLANTED = {
    "bsn": WHO.bsn,
    "family": WHO.family,
    "token": own_word("Tqx", 0),
    "body": own_word("Bqx", 0),
}
KINDS = set(PLANTED)
ALL = " ".join(PLANTED.values())
_CHECK = "physical-attestation"

Gather = Callable[[], Awaitable[bytes]]


def marks() -> Marks:
    made = Marks()
    made.number(WHO.bsn, 0)
    for kind in KINDS - {"bsn"}:
        made.word(kind, PLANTED[kind], 0)
    return made


MARKS = marks()


def found(data: bytes) -> set[str]:
    return {one.mark.kind for one in MARKS.search(data)}


class Scanned(Alerts):
    """A node that tells everybody everything, and whatever else it shows."""

    async def found_in(self, gather: Gather, plant: Callable[[str], Any]) -> set[str]:
        """Plant one after the other; each is found when it is there, and not before."""
        seen: set[str] = set()
        for kind, text in PLANTED.items():
            assert kind not in found(await gather()), "it was there before it was planted"
            planted = plant(text)
            if planted is not None:
                await planted
            seen |= found(await gather()) & {kind}
        return seen

    async def asked(self, **request: Any) -> bytes:
        """What a verb answers, with the parts of its answer."""
        wire = await Caller.at(f"unix:{self.folder / 'control.sock'}").wire()
        wire.say(json.dumps(request).encode() + b"\n")
        while not (wire.heard.endswith(b"\n") and wire.heard.splitlines()[-1].startswith(b'{"ok"')):
            await deferLater(reactor, 0.02)
        wire.close()
        parts = Bytes()
        for line in wire.heard.splitlines():
            told = json.loads(line)
            if "part" in told:
                parts(told["part"])
        return wire.heard + parts.whole

    def kept(self, text: str) -> Awaitable[Any]:
        """A local system gave its message an id with somebody's number in it, and the node keeps it."""
        self.switch.will(moves.resets)
        return self.send(AT_PRACTICE.request("prescription", receiver="80000003", patient=WHO, mark=f".{text}"))

    def set_column(self, column: str, text: str) -> None:
        """Write it into the row of a message, unsealed."""
        with closing(sqlite3.connect(self.folder / "state" / "store.db")) as store, store:
            store.execute(f"UPDATE messages SET {column} = ?", (text,))


class TestScan(Scanned):
    async def test_finds_what_a_log_line_says(self) -> None:
        """By a logger that has no guard, onto the same stream."""
        logger = structlog.wrap_logger(
            structlog.PrintLogger(self.tape), processors=[structlog.processors.JSONRenderer()]
        )

        async def log() -> bytes:
            return self.tape.getvalue().encode()

        assert await self.found_in(log, lambda text: logger.info("planted", detail=text)) == KINDS

    async def test_finds_what_a_traceback_says(self) -> None:
        """An exception that quotes what it choked on, written by the interpreter itself."""

        def raised(text: str) -> None:
            try:
                raise ValueError(f"cannot read <{text}>")
            except ValueError:
                traceback.print_exc(file=self.tape)

        async def log() -> bytes:
            return self.tape.getvalue().encode()

        assert await self.found_in(log, raised) == KINDS

    async def test_finds_a_label_of_a_metric(self) -> None:
        """A label takes whatever it is given."""
        assert self.node is not None
        gauge = Gauge("planted", "what should not be there", ["who"], registry=self.node._metrics._registry)

        async def metrics() -> bytes:
            return (await self.management("/metrics")).body

        assert await self.found_in(metrics, lambda text: gauge.labels(text).set(1)) == KINDS

    async def test_finds_the_text_of_an_error(self) -> None:
        """The page of a code, which every refusal repeats."""
        page = errors.PAGES["EN-WRAPPER-PROCESSING-MODE"]
        self.addCleanup(errors.PAGES.__setitem__, "EN-WRAPPER-PROCESSING-MODE", page)

        async def refusal() -> bytes:
            sample = a_prescription()
            return (await self.send(sample, body=sample.body.replace(b'code="T"', b'code="X"'))).body

        def plant(text: str) -> None:
            errors.PAGES["EN-WRAPPER-PROCESSING-MODE"] = replace(page, what=f"the message of {text} is wrong")

        assert await self.found_in(refusal, plant) == KINDS

    async def test_finds_a_line_of_the_queue(self) -> None:
        """In the list, in one message, in the events, and in what the local API tells of it."""

        async def shown() -> bytes:
            listed = await self.asked(verb="queue.list", ended=True)
            uids = [row.uid for row in await self.kept_messages()]
            rows = [await self.asked(verb="queue.show", uid=uid) for uid in uids]
            told = [(await self.local().get(f"/v1/messages/{uid}")).body for uid in uids]
            pages = [listed, *rows[:1], *told[:1]]
            missing = {
                kind for kind in found(listed) for page in (b"".join(rows), b"".join(told)) if kind not in found(page)
            }
            return b"" if missing else b"".join(pages)

        assert await self.found_in(shown, self.kept) == KINDS

    async def test_finds_an_event(self) -> None:
        """What the local system is told of its own message."""

        async def events() -> bytes:
            return (await self.local().get("/v1/events?after=0")).body

        async def plant(text: str) -> None:
            self.switch.will(moves.refuses("RTUDEST"))
            told = await self.send(
                AT_PRACTICE.request("prescription", receiver="80000003", patient=WHO, mark=f".{text}")
            )
            assert told.status in {200, 202}
            await self.quiet()

        await self.kept("first")
        # Which of them has an event by then, hangs on when the line tries the first one again.
        assert await self.found_in(events, plant) != set()

    async def test_finds_the_shape_of_the_queue(self) -> None:
        """A receiver is a number, and a patient's looks like any other: nothing else can stand there."""
        await self.switch.down()

        async def shape() -> bytes:
            return await self.asked(verb="queue.shape")

        assert found(await shape()) == set()
        told = await self.send(AT_PRACTICE.request("prescription", receiver=WHO.bsn, patient=moves.BRAM))
        assert told.headers["edge-node-state"] == "kept"
        assert found(await shape()) == {"bsn"}

    async def test_finds_a_cause_of_dead_letters(self) -> None:
        """A code that the other side made up."""
        await self.kept("first")
        self.set_column("state", "DEAD")

        async def dead() -> bytes:
            return await self.asked(verb="queue.dead", all_stuck=True)

        assert await self.found_in(dead, lambda text: self.set_column("last_code", text)) == KINDS

    async def test_finds_a_line_of_the_report(self) -> None:
        """In its JSON, in its page in both languages, and in the list of checks."""
        assert self.node is not None
        node, at = self.node, datetime.now(UTC)

        async def plant(text: str) -> None:
            made = Attestation(
                check=_CHECK, owner="W. Praktijkman", statement=text, made_at=at, until=at + timedelta(days=30),
                made_by="root",
            )  # fmt: skip
            await node.store.checks.attest(made)
            await node.services.probing.declared()

        async def reports() -> bytes:
            asked = [
                await self.asked(verb="gbz.report", format="json"),
                await self.asked(verb="gbz.report", format="html", language="nl"),
                await self.asked(verb="gbz.report", format="html", language="en"),
                await self.asked(verb="gbz.list"),
            ]
            everywhere = set.intersection(*(found(each) for each in asked))
            return b"".join(asked) if everywhere == found(b"".join(asked)) else b""

        assert await self.found_in(reports, plant) == KINDS

    async def test_finds_it_in_a_bundle(self) -> None:
        """Within an archive, within compression, beneath the guard that blanks numbers."""
        self.patch(Blanking, "text", lambda _self, text: text)

        async def bundle() -> bytes:
            heard = await self.asked(verb="support.bundle", why="a scan")
            lines = [json.loads(line) for line in heard.splitlines() if line.startswith(b'{"part"')]
            parts = Bytes()
            for line in lines:
                parts(line["part"])
            return b"".join(content for _, content in opened(parts.whole))

        async def plant(text: str) -> None:
            self.rewrite((f"organisation: {self.organisation}", f"organisation: '{text}'"))
            self.organisation = f"'{text}'"
            await self.reload()

        self.organisation = str(yaml.safe_load(self.paths[0].read_text())["identities"][0]["organisation"])
        self.rewrite((f"organisation: {self.organisation}", "organisation: somebody"))
        self.organisation = "somebody"
        assert await self.found_in(bundle, plant) == KINDS

    async def test_finds_what_lies_on_the_disk_unsealed(self) -> None:
        """In the store, in what is still to go into it, in a segment of the access log, in a backup."""
        await self.kept("first")
        state = self.folder / "state"

        async def disk() -> bytes:
            return b"".join(path.read_bytes() for path in sorted(state.rglob("*")) if path.is_file())

        def in_the_store(text: str) -> None:
            self.set_column("ordering", text)

        def beside(text: str) -> None:
            (state / "log-000001-00.ndjson").write_text(json.dumps({"object": text}), encoding="utf-8")

        assert await self.found_in(disk, in_the_store) == KINDS
        self.set_column("ordering", "x")
        with closing(sqlite3.connect(state / "store.db")) as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.execute("VACUUM")
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert await self.found_in(disk, beside) == KINDS


class TestAlerts(Scanned):
    def furnish(self) -> None:
        super().furnish()
        site = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        site["identities"][0]["applications"][0]["product"] = ALL
        self.paths[0].write_text(yaml.safe_dump(site), encoding="utf-8")

    async def test_are_searched_by_every_way(self) -> None:
        """A mail, a call to a monitor, a line for the machine's log, the file that remembers them, the status."""
        await self.systems["his"].down()
        await self.mailed("praktijk@example.org", 1)
        await self.eventually(self._hooked, lambda count: count > 0)
        await self.quiet()
        mails = "\n".join(mail.get_content() for _, mail in self.post.mails).encode()
        told = [
            mails,
            b"\n".join(turn.body for turn in self.hook.heard),
            "\n".join(self.syslogged()).encode(),
            await self.asked(verb="status"),
            (self.folder / "state" / "alerts.memory").read_bytes(),
        ]
        assert [found(each) for each in told] == [KINDS] * len(told)

    async def _hooked(self) -> int:
        return len(self.hook.heard)
