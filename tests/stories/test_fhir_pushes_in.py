"""A FHIR push comes in: passed on while the broker waits, or kept and delivered, once."""

import json

from tests.stories import fhir_moves, moves
from tests.stories.caller import code_of
from tests.stories.fhir_moves import XML, a_task, an_aorta_id, written
from tests.stories.fhir_story import FhirStory, outcome_of
from tests.stories.moves import BRAM

VERSION = "contentVersion=2.0.0; acceptVersion=2.0.0"


class TestPassedOn(FhirStory):
    async def test_local_system_takes_it(self) -> None:
        """It gives the resource its id, and the sender learns it."""
        told = await self.calls("/fhir/R4/Task", "POST", written(a_task()), aorta_version=VERSION)
        (turn,) = self.systems["his"].heard
        assert (told.status, told.body, told.headers["location"]) == (201, turn.body, "/own/r4/Task/77/_history/1")

    async def test_in_xml_too(self) -> None:
        """To the byte, whatever it is written in."""
        body = written(a_task(), XML)
        told = await self.calls("/fhir/R4/Task", "POST", body, content_type=XML)
        (turn,) = self.systems["his"].heard
        assert (told.status, turn.body, turn.headers["content-type"]) == (201, body, XML)

    async def test_update_and_delete_and_operation(self) -> None:
        """Each with its own method, each answered by the local system."""
        updated = await self.calls("/fhir/R4/Task/77", "PUT", written(a_task(id_="77")))
        deleted = await self.calls("/fhir/R4/DocumentManifest/5", "DELETE")
        allowed = await self.calls("/fhir/R4/$is-allowed", "POST", written({"resourceType": "Parameters"}))
        assert [told.status for told in (updated, deleted, allowed)] == [200, 204, 200]
        assert [turn.method for turn in self.systems["his"].heard] == ["PUT", "DELETE", "POST"]

    async def test_copy_gets_the_first_answer(self) -> None:
        """The broker sends again what it had no answer to: the Task must not exist twice."""
        task, aorta_id = written(a_task()), an_aorta_id()
        first = await self.calls("/fhir/R4/Task", "POST", task, aorta_id=aorta_id)
        again = await self.calls("/fhir/R4/Task", "POST", task, aorta_id=aorta_id)
        assert (again.status, again.body, again.headers["location"]) == (201, first.body, first.headers["location"])
        assert len(self.systems["his"].heard) == 1

    async def test_other_content_in_the_chain_is_another_push(self) -> None:
        """One chain may bring two Tasks: neither is the copy of the other, and both are written."""
        aorta_id = an_aorta_id()
        told = [await self.calls("/fhir/R4/Task", "POST", written(a_task()), aorta_id=aorta_id) for _ in range(2)]
        assert [one.status for one in told] == [201, 201]
        assert len(self.systems["his"].heard) == 2

    async def test_local_system_that_is_down_is_told_as_such(self) -> None:
        """Nothing happened, and the sender may try again."""
        await self.systems["his"].down()
        told = await self.calls("/fhir/R4/Task", "POST", written(a_task()))
        assert (told.status, outcome_of(told)["code"]) == (503, "EN-LOCAL-UNREACHABLE")

    async def test_body_about_another_patient_than_the_token_is_refused(self) -> None:
        """Nothing is written into the record of one with the permission for another."""
        told = await self.calls("/fhir/R4/Task", "POST", written(a_task(BRAM.bsn)))
        assert (told.status, code_of(told), self.systems["his"].heard) == (422, "EN-WRONG-PATIENT", [])


class TestKept(FhirStory):
    notification = written({"resourceType": "Parameters", "parameter": [{"name": "task", "valueString": "77"}]})

    async def notify(self, **headers: str) -> tuple[int, dict[str, str]]:
        told = await self.calls("/fhir/R4/$notify-task", "POST", self.notification, **headers)
        return told.status, outcome_of(told)

    async def test_is_accepted_and_delivered(self) -> None:
        """A signal asks for nothing but to arrive."""
        status, outcome = await self.notify()
        assert (status, outcome["severity"]) == (202, "information")
        await self.systems["his"].has_heard(1)
        assert self.systems["his"].heard[0].body == self.notification

    async def test_waits_until_the_local_system_is_back(self) -> None:
        """Over a restart too; what was accepted is never lost."""
        await self.systems["his"].down()
        await self.notify()
        await self.restart()
        self.systems["his"].up()
        await self.systems["his"].has_heard(1)

    async def test_copy_is_not_delivered_twice(self) -> None:
        """The broker repeats what it is not sure of."""
        aorta_id = an_aorta_id()
        answers = [await self.notify(aorta_id=aorta_id) for _ in range(2)]
        await self.quiet()
        assert answers[0] == answers[1]
        assert len(self.systems["his"].heard) == 1

    async def test_each_notification_of_one_chain_is_delivered(self) -> None:
        """Two Tasks that changed are two signals, also after a restart; a copy of either is none."""
        aorta_id, other = an_aorta_id(), self.notification.replace(b"77", b"78")
        await self.notify(aorta_id=aorta_id)
        await self.restart()
        for body in (other, other, self.notification):
            await self.calls("/fhir/R4/$notify-task", "POST", body, aorta_id=aorta_id)
        await self.systems["his"].has_heard(2)
        await self.quiet()
        assert sorted(turn.body for turn in self.systems["his"].heard) == sorted([self.notification, other])

    async def test_each_organisation_gets_what_is_in_one_chain(self) -> None:
        """A practice and a pharmacy behind one node are told of the same Task: neither is the copy of the other."""
        aorta_id = an_aorta_id()
        for identity in ("practice", "pharmacy"):
            await self.notify(aorta_id=aorta_id, identity=identity)
        for system in ("his", "ais"):
            await self.systems[system].has_heard(1)

    async def test_lost_answer_is_told_as_a_second_handover(self) -> None:
        """The local system can look whether it has it already."""
        self.systems["his"].will(moves.resets)
        await self.notify()
        await self.systems["his"].has_heard(2)
        first, second = self.systems["his"].heard
        assert ("edge-node-redelivery" in first.headers, second.headers["edge-node-redelivery"]) == (False, "1")

    async def test_no_access_token_is_stored(self) -> None:
        """It would have ended before it was of use, and must lie nowhere."""
        bearer = self.granted()
        await self.systems["his"].down()
        await self.notify(authorization=bearer)
        await self.stop()
        stored = b"".join(path.read_bytes() for path in (self.folder / "state").glob("store.db*"))
        assert bearer.partition(" ")[2].encode() not in stored
        assert json.loads(self.notification)["parameter"][0]["name"].encode() in stored

    async def test_server_error_keeps_it_waiting(self) -> None:
        """A local system that breaks over it gets it again."""
        self.systems["his"].will(fhir_moves.says(b"oops", 500, "text/plain"))
        await self.notify()
        await self.systems["his"].has_heard(2)
