"""A FHIR question comes in: the local system it is for answers, and nobody else's answer ever goes out."""

import json
from typing import ClassVar

from tests.stories import fhir_moves, moves
from tests.stories.caller import Broken, code_of
from tests.stories.fhir_moves import ANNA, XML, a_bundle, a_search, an_aorta_id, gives, written
from tests.stories.fhir_story import FhirStory, outcome_of
from tests.stories.moves import BRAM


class TestAnswered(FhirStory):
    async def test_local_system_answers(self) -> None:
        """What the practice has is what the asker gets, to the byte."""
        told = await self.calls(a_search())
        (turn,) = self.systems["his"].heard
        assert (told.status, told.body) == (200, turn.said)
        assert turn.target == a_search().replace("/fhir/R4", "/own/r4")

    async def test_everything_of_the_programme_goes_along(self) -> None:
        """A source judges the token itself, and logs both ids as they came."""
        given = {"authorization": self.granted(), "aorta_id": an_aorta_id(), "aorta_version": "contentVersion=1.0.0"}
        await self.calls(a_search(), **given)
        headers = self.systems["his"].heard[0].headers
        assert {name: headers[name.replace("_", "-")] for name in given} == given
        assert headers["edge-node-correlation"] == self.logged("message.handled")[0]["correlation"]

    async def test_each_organisation_gets_its_own(self) -> None:
        """A FHIR request names nobody: the name it is sent to says for whom it is."""
        await self.calls(a_search(), identity="pharmacy")
        assert (len(self.systems["ais"].heard), len(self.systems["his"].heard)) == (1, 0)

    async def test_older_version_goes_to_its_own_address(self) -> None:
        """Two versions live side by side for years."""
        await self.calls(a_search().replace("/R4", ""), accept=XML)
        (turn,) = self.systems["his"].heard
        assert turn.target.startswith("/own/stu3/MedicationRequest?")

    async def test_binary_is_passed_as_it_is(self) -> None:
        """A letter is a document, not a resource."""
        self.systems["his"].will(fhir_moves.says(b"%PDF-1.7 letter", 200, "application/pdf"))
        told = await self.calls("/fhir/R4/Binary/b1", accept="application/pdf")
        assert (told.status, told.body, told.headers["content-type"]) == (200, b"%PDF-1.7 letter", "application/pdf")

    async def test_refusal_of_the_source_is_passed(self) -> None:
        """It says what is wrong with a token, with the header that says how."""
        refusal = written(fhir_moves.an_outcome("invalid", "security"))
        self.systems["his"].will(
            lambda turn: turn.answer(
                refusal, 400, fhir_moves.JSON, {"www-authenticate": 'Bearer error="invalid_token"'}
            )
        )
        told = await self.calls(a_search())
        assert (told.status, told.body) == (400, refusal)
        assert told.headers["www-authenticate"] == 'Bearer error="invalid_token"'

    async def test_large_answer_passes_whole(self) -> None:
        """A record of years, piece by piece."""
        self.systems["his"].will(gives(a_bundle(count=3_000)))
        assert (await self.calls(a_search())).body == written(a_bundle(count=3_000))


class TestNotAnswered(FhirStory):
    given: ClassVar = {"switchboard": {"waits": {"query_in_s": 2.0}}}

    async def test_local_system_that_is_down_is_told_as_such(self) -> None:
        """No answer is never read as: nothing known of this patient."""
        await self.systems["his"].down()
        told = await self.calls(a_search())
        assert (told.status, outcome_of(told)["code"]) == (503, "EN-LOCAL-UNREACHABLE")

    async def test_silence_ends_in_time(self) -> None:
        """The broker waits for all sources; one must not keep the doctor from the others."""
        self.systems["his"].will(moves.silent)
        told = await self.calls(a_search())
        assert (told.status, outcome_of(told)["code"]) == (504, "EN-LOCAL-TIMEOUT")

    async def test_another_patients_record_never_leaves(self) -> None:
        """A local system that mixes up two patients is stopped at the door."""
        self.systems["his"].will(gives(a_bundle(BRAM.bsn)))
        told = await self.calls(a_search())
        assert (told.status, code_of(told)) == (500, "EN-ANSWER-MISMATCH")
        assert BRAM.bsn.encode() not in told.body

    async def test_another_patient_at_the_end_of_a_large_record_breaks_it_off(self) -> None:
        """Half a record never looks whole."""
        bundle: dict[str, object] = dict(a_bundle(count=3_000))
        bundle["entry"] = [*a_bundle(count=3_000)["entry"], *a_bundle(BRAM.bsn)["entry"]]
        self.systems["his"].will(gives(bundle))
        with self.assertRaises(Broken):
            await self.calls(a_search())


class TestRefused(FhirStory):
    async def refused(self, told: object) -> tuple[int, str]:
        assert [turn for system in self.systems.values() for turn in system.heard] == []
        return told.status, code_of(told)  # type: ignore[attr-defined]

    async def test_question_without_ids(self) -> None:
        """What cannot be followed is not answered."""
        assert await self.refused(await self.calls(a_search(), aorta_id="")) == (400, "EN-FHIR-HEADER")

    async def test_question_without_token(self) -> None:
        """Nobody says who asks, and for whom."""
        told = await self.calls(a_search(), authorization="")
        assert await self.refused(told) == (400, "EN-FHIR-TOKEN")
        assert told.headers["www-authenticate"] == 'Bearer error="invalid_request"'

    async def test_question_about_another_patient_than_the_token(self) -> None:
        """The permission is for one patient."""
        told = await self.calls(a_search(), authorization=self.granted(BRAM.bsn))
        assert await self.refused(told) == (422, "EN-WRONG-PATIENT")

    async def test_version_that_nobody_here_serves(self) -> None:
        """The pharmacy has R4 only."""
        told = await self.calls(a_search().replace("/R4", ""), identity="pharmacy")
        assert await self.refused(told) == (404, "EN-RECEIVER-WRONG")

    async def test_who_is_no_broker(self) -> None:
        """The certificate of the switchboard opens SOAP, that of the broker FHIR."""
        headers = {"authorization": self.granted(), "aorta-id": an_aorta_id()}
        fhir = await self.outside("practice", "switchboard").ask("GET", a_search(), headers)
        soap = await self.outside("practice", "broker").post("/Dienst", b"<x/>", {"soapaction": '""'})
        assert await self.refused(fhir) == (403, "EN-FORBIDDEN")
        assert (soap.status, soap.headers["edge-node-error"]) == (403, "EN-FORBIDDEN")


class TestCapabilities(FhirStory):
    async def test_are_those_of_the_local_system(self) -> None:
        """The broker polls them, without any header of the programme."""
        told = await self.calls("/fhir/R4/metadata", authorization="", aorta_id="")
        assert (told.status, json.loads(told.body)["resourceType"]) == (200, "CapabilityStatement")

    async def test_may_be_a_minute_old(self) -> None:
        """A broker that polls often is no load for the practice."""
        for _ in range(3):
            assert (await self.calls("/fhir/R4/metadata", authorization="", aorta_id="")).status == 200
        assert len(self.systems["his"].heard) == 1

    async def test_are_not_there_while_the_local_system_is_down(self) -> None:
        """Green must mean that a question would be answered."""
        await self.systems["his"].down()
        told = await self.calls("/fhir/R4/metadata", authorization="", aorta_id="")
        assert (told.status, outcome_of(told)["code"]) == (503, "EN-LOCAL-UNREACHABLE")
        assert int(told.headers["retry-after"]) > 0

    async def test_anything_but_reading_them_is_refused(self) -> None:
        """As the programme has it: 400, or 405 for the method."""
        told = await self.calls("/fhir/R4/metadata", "DELETE", authorization="", aorta_id="")
        assert (told.status, code_of(told)) == (405, "EN-METHOD")
        assert ANNA.bsn.encode() not in told.body
