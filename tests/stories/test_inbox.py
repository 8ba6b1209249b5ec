"""A local system fetches what came in for it, by itself, and says when it has it."""

import json
from typing import Any

from edge_node.errors import Refused
from edge_node.model.overview import By
from edge_node.sandbox.samples.making import Sample
from edge_node.sandbox.samples.people import patient
from tests.stories.caller import Told, seen
from tests.stories.fhir_moves import JSON, written
from tests.stories.fhir_story import FhirStory
from tests.stories.moves import ANNA, ELSEWHERE
from tests.stories.site import AIS, HIS
from tests.stories.story import Story, a_prescription, deferred

FETCHES = "local_system: his\n    delivery: inbox"


def a_push(receiver: str = HIS, about: Any = ANNA) -> Sample:
    """A prescription of another party for one of ours."""
    return a_prescription(ELSEWHERE, receiver, about)


class Fetching(Story):
    """Stories in which somebody asks the inbox."""

    async def ask(self, path: str, asked: Any = None, system: str = "his") -> tuple[int, dict[str, Any]]:
        """Ask something of the inbox, as a local system does."""
        body = json.dumps(asked or {}).encode()
        answer = await self.local(system).post(f"/v1/inbox/{path}", body, {"content-type": "application/json"})
        return answer.status, json.loads(answer.body)

    async def fetch(self, system: str = "his", **how: Any) -> list[dict[str, Any]]:
        """Lock what waits."""
        status, document = await self.ask("lock", how, system)
        assert status == 200, document
        return list(document["items"])

    async def one(self, system: str = "his", **how: Any) -> dict[str, Any]:
        """Lock one message, waiting until it is there."""
        (item,) = await self.eventually(lambda: self.fetch(system, limit=1, **how), bool)
        return dict(item)

    async def body(self, item: dict[str, Any], system: str = "his") -> Told:
        """Its bytes."""
        return await self.local(system).ask("GET", item["body"], {"edge-node-lock": item["lock"]})

    async def end(self, verb: str, item: dict[str, Any], system: str = "his") -> tuple[int, dict[str, Any]]:
        """Say what was done with it."""
        return await self.ask(f"{item['id']}/{verb}", {"lock": item["lock"]}, system)


class TestSystemThatFetches(Fetching):
    """It has no listener: a system in somebody else's cloud, or behind a firewall nobody may change."""

    def furnish(self) -> None:
        self.rewrite(("local_system: his", FETCHES))

    async def test_gets_it_as_it_came_and_confirms(self) -> None:
        """Byte for byte, once."""
        push = a_push()
        assert seen(await self.call(push)).type_code == "CA"
        item = await self.one()
        got = await self.body(item)
        assert (got.status, got.body, got.headers["edge-node-path"]) == (200, push.body, "VoorschriftVersturen")
        assert (item["redelivery"], got.headers["edge-node-redelivery"]) == (False, "0")
        assert (await self.end("confirm", item)) == (200, {"id": item["id"], "state": "DELIVERED"})
        assert await self.fetch() == []

    async def test_is_never_pushed_to(self) -> None:
        """Whatever listens at its old address gets nothing."""
        await self.call(a_push())
        item = await self.one()
        await self.end("release", item)
        await self.restart()
        await self.quiet()
        assert self.systems["his"].heard == []

    async def test_gets_all_of_a_patient_in_order(self) -> None:
        """Stop after start."""
        sent = [a_push() for _ in range(3)]
        for each in sent:
            await self.call(each)
        got = []
        for _ in sent:
            item = await self.one()
            got.append((await self.body(item)).body)
            await self.end("confirm", item)
        assert got == [each.body for each in sent]

    async def test_waits_for_what_comes(self) -> None:
        """It is there in the moment it arrived, with nobody asking every second."""
        waiting = deferred(self.fetch(wait_s=20))
        await self.quiet()
        assert not waiting.called
        await self.call(a_push())
        assert len(await waiting) == 1

    async def test_waiting_keeps_no_node_from_stopping(self) -> None:
        """An update does not wait for who waits."""
        waiting = deferred(self.fetch(wait_s=20))
        await self.quiet()
        await self.stop()
        assert await waiting == []

    async def test_gets_it_again_when_its_lock_is_over(self) -> None:
        """Its worker died half way: the next one is told that it may be there already."""
        await self.call(a_push())
        first = await self.one(lock_s=1)
        second = await self.one(wait_s=5)
        assert (first["id"], second["redelivery"]) == (second["id"], True)
        assert (await self.end("confirm", first))[1]["code"] == "EN-INBOX-LOCK"
        assert (await self.end("confirm", second))[0] == 200

    async def test_confirms_after_the_node_was_restarted(self) -> None:
        """It stored the letter while the node was down."""
        await self.call(a_push())
        item = await self.one(lock_s=600)
        await self.restart()
        assert (await self.end("confirm", item))[1]["state"] == "DELIVERED"
        assert await self.fetch() == []

    async def test_starts_to_be_pushed_to_when_the_settings_say_so(self) -> None:
        """It got a listener: what still waits is sent, without a restart."""
        await self.call(a_push())
        await self.quiet()
        self.rewrite((FETCHES, "local_system: his"))
        await self.reload()
        await self.systems["his"].has_heard(1)

    async def test_others_are_pushed_to_as_ever(self) -> None:
        """One system's choice is its own."""
        await self.call(a_push(AIS), identity="pharmacy")
        await self.systems["ais"].has_heard(1)

    async def test_two_workers_share_the_work(self) -> None:
        """Each message goes to one of them."""
        for number in range(4):
            await self.call(a_push(about=patient(number)))
        both = [deferred(self.fetch(limit=2)), deferred(self.fetch(limit=2))]
        items = [*await both[0], *await both[1]]
        assert len({item["id"] for item in items}) == len(items) == 4

    async def test_nobody_fetches_anothers(self) -> None:
        """The pharmacy sees nothing of the practice, not even with its lock."""
        await self.call(a_push())
        item = await self.one()
        assert await self.fetch("ais") == []
        assert (await self.body(item, "ais")).status == 404
        assert (await self.end("confirm", item, "ais"))[0] == 404


class TestSystemThatIsDown(Fetching):
    """The usual way is a push; the inbox is there when that fails."""

    async def test_can_still_fetch(self) -> None:
        """Its listener is broken, the system itself works."""
        await self.systems["his"].down()
        push = a_push()
        await self.call(push)
        item = await self.one()
        assert (await self.body(item)).body == push.body
        await self.end("confirm", item)
        self.systems["his"].up()
        await self.quiet()
        assert self.systems["his"].heard == []

    async def test_is_pushed_to_again_after_it_gave_back(self) -> None:
        """What it could not store comes the usual way."""
        await self.systems["his"].down()
        await self.call(a_push())
        item = await self.one()
        self.systems["his"].up()
        await self.end("release", item)
        await self.systems["his"].has_heard(1)

    async def taken(self, uid: str, by: By) -> str:
        """Take it over; empty where the node has it in hand just now, and says to look again."""
        assert self.node is not None
        try:
            return (await self.node.store.inbox.take(uid, by)).state
        except Refused:
            return ""

    async def test_its_staff_reads_the_message_and_takes_it_over(self) -> None:
        """The HIS is down all day; the prescription is needed now."""
        await self.systems["his"].down()
        push = a_push()
        await self.call(push)
        assert self.node is not None
        inbox, by = self.node.store.inbox, By(who="anna", why="the HIS is down")
        (waiting,) = await self.eventually(lambda: inbox.waiting(None, 10), bool)
        assert (await inbox.read(waiting.row.uid, by)).payload.body == push.body
        assert await self.eventually(lambda: self.taken(waiting.row.uid, by), bool) == "DELIVERED"
        self.systems["his"].up()
        await self.quiet()
        assert self.systems["his"].heard == []


class TestSystemThatFetchesFhir(Fetching, FhirStory):
    """A notification of the broker waits like any other message."""

    def fhir_of(self, system: str) -> dict[str, Any]:
        return {**super().fhir_of(system), "delivery": "inbox"}

    async def test_gets_the_bytes_and_how_they_were_addressed(self) -> None:
        """Method, address and media type are part of a FHIR request."""
        notification = written({"resourceType": "Parameters", "parameter": [{"name": "task", "valueString": "77"}]})
        told = await self.calls("/fhir/R4/$notify-task", "POST", notification)
        item = await self.one()
        got = await self.body(item)
        assert (told.status, got.body, got.headers["content-type"]) == (202, notification, JSON)
        assert (got.headers["edge-node-method"], got.headers["edge-node-path"]) == ("POST", "fhir/R4/$notify-task")
        assert (await self.end("confirm", item))[0] == 200
        assert self.systems["his"].heard == []
