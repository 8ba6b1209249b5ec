"""A FHIR question goes out: it gets the broker's answer as it came, or one clear error."""

import json
import sqlite3
from typing import Any, ClassVar

import yaml

from edge_node.sandbox.pki import PHARMACY
from tests.store.logged import outcomes
from tests.stories import fhir_moves, moves
from tests.stories.caller import Broken, Caller, Told, code_of
from tests.stories.fhir_moves import ANNA, BSN, JSON, XML, a_bearer, a_bundle, a_search, an_aorta_id, gives, written
from tests.stories.fhir_story import TOKEN, FhirStory, outcome_of
from tests.stories.moves import BRAM

MANY = 3_000  # entries: some 700 kB


class TestAnswered(FhirStory):
    async def test_asker_gets_the_answer_as_it_came(self) -> None:
        """The medication on the screen is what the sources sent, to the byte."""
        told = await self.asks(a_search())
        (turn,) = self.broker.heard
        assert (told.status, told.body) == (200, turn.said)

    async def test_in_xml_too(self) -> None:
        """Both forms are FHIR, and neither is made into the other."""
        told = await self.asks(a_search(), accept=XML)
        assert told.headers["content-type"] == XML
        assert told.body == written(a_bundle(), XML)

    async def test_goes_with_the_organisations_own_certificate(self) -> None:
        """The broker knows the pharmacy by it, not by what a header says."""
        await self.asks(a_search())
        (turn,) = self.broker.heard
        assert turn.organisation == PHARMACY[0]

    async def test_goes_to_the_address_of_the_stelseltoken(self) -> None:
        """A broker that moved is found without a visit to the practice."""
        await self.asks(a_search())
        (turn,) = self.broker.heard
        assert turn.target == f"/za-in{a_search()}"
        assert self.switch.heard[0].path == "/stelseltoken/metadata/v1"

    async def test_token_and_version_go_along_as_they_came(self) -> None:
        """They are between the local system and the broker."""
        bearer = a_bearer()
        await self.asks(a_search(), authorization=bearer, aorta_version="contentVersion=1.0.0; acceptVersion=1.0.0")
        (turn,) = self.broker.heard
        assert turn.headers["authorization"] == bearer
        assert turn.headers["aorta-version"] == "contentVersion=1.0.0; acceptVersion=1.0.0"

    async def test_chain_keeps_its_id_and_the_hop_gets_one(self) -> None:
        """One question can be followed through every system it passed, and each step told from the others."""
        given = an_aorta_id()
        told = await self.asks(a_search(), aorta_id=given)
        sent = self.broker.heard[0].headers["aorta-id"]
        chains = {fhir_moves.initial_of(value) for value in (given, sent, told.headers["aorta-id"])}
        assert len(chains) == 1
        assert fhir_moves.request_of(sent) != fhir_moves.request_of(given)

    async def test_question_without_ids_gets_them_and_is_told(self) -> None:
        """A local system that knows nothing of chains can still be helped when it calls."""
        told = await self.asks(a_search())
        sent = self.broker.heard[0].headers["aorta-id"]
        assert fhir_moves.initial_of(told.headers["aorta-id"]) == fhir_moves.initial_of(sent)

    async def test_both_ids_are_in_the_log(self) -> None:
        """The programme asks for that; the address, the token and the patient are not there."""
        given, bearer = an_aorta_id(), a_bearer()
        await self.asks(a_search(), aorta_id=given, authorization=bearer)
        (handled,), (attempted,) = self.logged("message.handled"), self.logged("fhir.attempted")
        assert handled["request_id"] == fhir_moves.request_of(given)
        assert handled["message_id"].startswith(f"2.25/{attempted['initial_request_id']}/search:")
        assert attempted["request_id"] == fhir_moves.request_of(self.broker.heard[0].headers["aorta-id"])
        said = self.tape.getvalue()
        assert ANNA.bsn not in said
        assert bearer.partition(" ")[2] not in said

    async def test_older_version_has_the_bare_base(self) -> None:
        """STU3 is at /fhir itself, as the programme has it."""
        told = await self.asks(a_search().replace("/R4", ""))
        assert told.status == 200
        assert self.broker.heard[0].target.startswith("/za-in/fhir/MedicationRequest?")

    async def test_search_may_be_posted(self) -> None:
        """So that the patient's number is in no address that a proxy writes down."""
        form = f"patient.identifier={BSN}|{ANNA.bsn}".encode()
        kind = "application/x-www-form-urlencoded"
        told = await self.asks("/fhir/R4/MedicationRequest/_search", "POST", form, content_type=kind)
        assert told.status == 200
        assert (self.broker.heard[0].body, self.broker.heard[0].headers["content-type"]) == (form, kind)

    async def test_read_gets_what_it_names(self) -> None:
        """With the version of it, so that an update can say which one it changes."""
        self.broker.will(gives(fhir_moves.a_task(id_="77"), ETag='W/"3"'))
        told = await self.asks("/fhir/R4/Task/77", aorta_version="contentVersion=2.0.0; acceptVersion=2.0.0")
        assert (told.status, told.headers["etag"]) == (200, 'W/"3"')

    async def test_refusal_of_the_broker_is_passed(self) -> None:
        """No consent, no such patient: it says so itself, with its own status."""
        self.broker.will(gives(fhir_moves.an_outcome("AUTERR", "forbidden"), 403))
        told = await self.asks(a_search())
        assert (told.status, json.loads(told.body)) == (403, fhir_moves.an_outcome("AUTERR", "forbidden"))
        assert code_of(told) == ""

    async def test_capabilities_of_the_broker_need_no_token(self) -> None:
        """They say nothing about anybody."""
        told = await self.asks("/fhir/R4/metadata", authorization="")
        assert (told.status, json.loads(told.body)["resourceType"]) == (200, "CapabilityStatement")
        assert "aorta-id" not in self.broker.heard[0].headers

    async def test_question_stands_in_the_access_log(self) -> None:
        """Every look at a patient's data can be shown to that patient."""
        await self.asks(a_search())
        await self.stop()
        journal = sqlite3.connect(self.folder / "state" / "store.db")
        self.addCleanup(journal.close)
        (line,) = [one for one in outcomes(journal, "event.type", "event.interaction", "marks") if one[0] == "query"]
        assert (line[1], list(line[2])) == ("search:MedicationRequest:1.0:request", ["object.patient"])


class TestLarge(FhirStory):
    async def test_answer_of_a_megabyte_passes_whole(self) -> None:
        """A hospital stay of years is one answer."""
        self.broker.will(gives(a_bundle(count=MANY)))
        told = await self.asks(a_search())
        assert told.body == written(a_bundle(count=MANY))

    async def test_another_patient_at_its_end_breaks_it_off(self) -> None:
        """What was passed so far can never be read as whole."""
        bundle: Any = a_bundle(count=MANY)
        entries = [*bundle["entry"], *a_bundle(BRAM.bsn)["entry"]]
        self.broker.will(gives({**bundle, "entry": entries}))
        with self.assertRaises(Broken) as caught:
            await self.asks(a_search())
        assert BRAM.bsn.encode() not in caught.exception.args[0]

    async def test_answer_that_breaks_off_is_never_whole(self) -> None:
        """The same for one that the line cut."""
        self.broker.will(lambda turn: turn.break_off(written(a_bundle(count=MANY))[:400_000], JSON))
        with self.assertRaises(Broken):
            await self.asks(a_search())


class TestNotAnswered(FhirStory):
    given: ClassVar = {"switchboard": {"waits": {"connect_s": 1.9, "query_out_s": 2.0}}}

    async def no(self, told: Told) -> tuple[int, str, str]:
        outcome = outcome_of(told)
        assert outcome["code"] == code_of(told)
        return told.status, outcome["code"], outcome["issue"]

    async def test_broker_that_is_down_is_named_at_once(self) -> None:
        """The doctor must know that it is the line, and that asking again may help."""
        await self.broker.down()
        told = await self.asks(a_search())
        assert await self.no(told) == (503, "EN-SWITCHBOARD-UNREACHABLE", "transient")
        assert int(told.headers["retry-after"]) > 0
        assert "retry: yes" in outcome_of(told)["text"]

    async def test_silence_ends_at_the_deadline(self) -> None:
        """A screen that waits for ever is worse than one that says no."""
        self.broker.will(moves.silent)
        assert await self.no(await self.asks(a_search())) == (504, "EN-SWITCHBOARD-TIMEOUT", "timeout")

    async def test_answer_about_another_patient_is_not_passed(self) -> None:
        """Somebody else's medication under this patient's name is the worst a relay can do."""
        self.broker.will(gives(a_bundle(BRAM.bsn)))
        told = await self.asks(a_search())
        assert await self.no(told) == (500, "EN-ANSWER-MISMATCH", "exception")
        assert BRAM.bsn.encode() not in told.body

    async def test_page_of_a_proxy_is_not_passed(self) -> None:
        """A FHIR client cannot read it."""
        self.broker.will(fhir_moves.says(b"<html>bad gateway</html>", 502, "text/html"))
        assert await self.no(await self.asks(a_search())) == (500, "EN-SWITCHBOARD-FAULT", "exception")

    async def test_what_is_no_answer_to_a_search_is_not_passed(self) -> None:
        """Nor is what was cut short."""
        self.broker.will(gives(fhir_moves.a_task()), fhir_moves.says(written(a_bundle())[:-1]))
        codes = [code_of(await self.asks(a_search())) for _ in range(2)]
        assert codes == ["EN-ANSWER-MISMATCH", "EN-ANSWER-BROKEN"]

    async def test_error_is_in_the_form_that_is_accepted(self) -> None:
        """A client that reads XML must be able to read why not."""
        await self.broker.down()
        told = await self.asks(a_search(), accept=XML)
        assert told.headers["content-type"].startswith(XML)
        assert outcome_of(told)["code"] == "EN-SWITCHBOARD-UNREACHABLE"


class TestRefused(FhirStory):
    async def refused(self, told: Told) -> tuple[int, str]:
        assert self.broker.heard == []
        assert outcome_of(told)["code"] == code_of(told)
        return told.status, code_of(told)

    async def test_question_without_token(self) -> None:
        """The broker would refuse it too, with less to say."""
        told = await self.asks(a_search(), authorization="")
        assert await self.refused(told) == (400, "EN-FHIR-TOKEN")
        assert told.headers["www-authenticate"] == 'Bearer error="invalid_request"'

    async def test_question_with_a_token_that_cannot_be_read(self) -> None:
        """Nobody could tell for whom it is."""
        told = await self.asks(a_search(), authorization="Bearer nonsense")
        assert await self.refused(told) == (400, "EN-FHIR-TOKEN")

    async def test_question_about_another_patient_than_the_token(self) -> None:
        """The record of one is never asked for with the permission for another."""
        told = await self.asks(a_search(), authorization=a_bearer(BRAM.bsn))
        assert await self.refused(told) == (422, "EN-WRONG-PATIENT")
        assert ANNA.bsn.encode() not in told.body

    async def test_number_that_is_no_bsn(self) -> None:
        """One digit wrong is somebody else."""
        told = await self.asks(a_search(bsn="999900008"))
        assert await self.refused(told) == (422, "EN-BSN-INVALID")

    async def test_interaction_the_programme_does_not_have(self) -> None:
        """By its name, so that its maker knows what to ask for."""
        told = await self.asks(f"/fhir/R4/Basic?patient.identifier={BSN}|{ANNA.bsn}")
        assert await self.refused(told) == (400, "EN-INTERACTION-UNKNOWN")
        assert "search:Basic" in outcome_of(told)["text"]

    async def test_patch(self) -> None:
        """The programme has none, unless the site declares one."""
        told = await self.asks("/fhir/R4/Task/1", "PATCH", b"[]", content_type="application/json-patch+json")
        assert await self.refused(told) == (400, "EN-INTERACTION-UNKNOWN")
        assert "patch:Task" in outcome_of(told)["text"]

    async def test_bundle_to_the_base(self) -> None:
        """A transaction is no interaction of the programme, unless the site declares it."""
        bundle = written({"resourceType": "Bundle", "type": "transaction"})
        told = await self.asks("/fhir/R4", "POST", bundle)
        assert await self.refused(told) == (400, "EN-INTERACTION-UNKNOWN")
        assert "transaction:Bundle" in outcome_of(told)["text"]

    async def test_address_that_is_none_of_fhir(self) -> None:
        """A wrong base is found at the first try."""
        assert await self.refused(await self.asks("/fhir/R9/Task/1")) == (400, "EN-FHIR-ADDRESS")

    async def test_method_and_media_types_of_another_world(self) -> None:
        """Each with the status that HTTP has for it, before a body is read."""
        headed = await self.asks("/fhir/R4/Task/1", "OPTIONS")
        zipped = await self.asks("/fhir/R4/Task", "POST", b"{}", content_encoding="gzip")
        plain = await self.asks("/fhir/R4/Task", "POST", b"{}", content_type="text/plain")
        picky = await self.asks(a_search(), accept="text/html")
        assert [await self.refused(told) for told in (headed, zipped, plain, picky)] == [
            (405, "EN-METHOD"), (415, "EN-MEDIA-TYPE"), (415, "EN-MEDIA-TYPE"), (406, "EN-NOT-ACCEPTABLE"),
        ]  # fmt: skip
        assert "GET" in headed.headers["allow"]

    async def test_body_larger_than_any_may_be(self) -> None:
        """Told in FHIR too, though nobody read the request."""
        told = await self.asks("/fhir/R4/Task", "POST", b" " * (11 * 1024 * 1024))
        assert await self.refused(told) == (413, "EN-BODY-TOO-BIG")

    async def test_stranger(self) -> None:
        """The AORTA token opens nothing here: it says for which patient, not which system."""
        told = await Caller.at(self.addresses["local"]).ask("GET", a_search(), {"authorization": a_bearer()})
        assert await self.refused(told) == (401, "EN-UNAUTHENTICATED")


class TestExchange(FhirStory):
    given: ClassVar = {"switchboard": {"waits": {"connect_s": 1.9}}}

    async def test_question_gets_an_access_token(self) -> None:
        """The HIS hands in what its user signed, and knows nothing of access tokens."""
        told = await self.asks(a_search(), system="his")
        bearer = self.broker.heard[0].headers["authorization"]
        assert told.status == 200
        assert bearer.count(".") == 2
        assert not [name for name in self.broker.heard[0].headers if name.startswith("edge-node")]

    async def test_each_question_gets_one_of_its_own(self) -> None:
        """It lives for seconds and is for one use."""
        for _ in range(2):
            await self.asks(a_search(), system="his")
        first, second = (turn.headers["authorization"] for turn in self.broker.heard)
        assert first != second

    async def test_tokens_that_are_refused_are_called_refused(self) -> None:
        """Asking again helps nobody: the user must sign again."""
        told = await self.asks(
            a_search(), system="his", **{TOKEN: fhir_moves.a_transaction_token(id_=fhir_moves.SPENT)}
        )
        assert (told.status, code_of(told), self.broker.heard) == (401, "EN-TOKEN-REFUSED", [])

    async def test_authorisation_server_that_is_down_is_named(self) -> None:
        """Whom to call is another one than for the broker."""
        await self.server.down()
        told = await self.asks(a_search(), system="his")
        assert (told.status, code_of(told)) == (503, "EN-AUTHORISATION-UNREACHABLE")

    async def test_it_does_not_make_the_line_count_as_down(self) -> None:
        """The pharmacy, which brings its own tokens, goes on."""
        await self.server.down()
        for _ in range(6):
            await self.asks(a_search(), system="his")
        assert (await self.asks(a_search())).status == 200

    async def test_access_token_of_its_own_is_not_taken(self) -> None:
        """Two tokens for one question could be of two patients."""
        told = await self.asks(a_search(), system="his", authorization=a_bearer())
        assert (told.status, code_of(told), self.broker.heard) == (400, "EN-FHIR-TOKEN", [])

    async def test_tokens_of_another_patient_are_not_taken(self) -> None:
        """What the user signed for one is not used for another."""
        told = await self.asks(a_search(), system="his", **{TOKEN: fhir_moves.a_transaction_token(BRAM.bsn)})
        assert (told.status, code_of(told), self.broker.heard) == (422, "EN-WRONG-PATIENT", [])


class TestSeveralApplications(FhirStory):
    def _write(self) -> None:
        """The practice's two applications are both of the HIS."""
        super()._write()
        settings = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        settings["local"]["systems"] = [one for one in settings["local"]["systems"] if one["name"] != "portal"]
        for application in settings["identities"][0]["applications"]:
            application |= {"local_system": "his", "fhir_tokens": "exchange"}
        self.paths[0].write_text(yaml.safe_dump(settings), encoding="utf-8")

    async def test_one_is_named(self) -> None:
        """Nothing in a FHIR request says which one speaks."""
        token = {TOKEN: fhir_moves.a_transaction_token(asker="80000006")}
        told = await self.asks(a_search(), system="his", edge_node_application="80000006", **token)
        assert told.status == 200
        assert "edge-node-application" not in self.broker.heard[0].headers

    async def test_without_a_name_nothing_is_guessed(self) -> None:
        """Nor for another system's."""
        unnamed = await self.asks(a_search(), system="his")
        foreign = await self.asks(a_search(), system="his", edge_node_application="80000002")
        assert [(told.status, code_of(told)) for told in (unnamed, foreign)] == [(403, "EN-SENDER-FOREIGN")] * 2
        assert self.broker.heard == []


class TestAddresses(FhirStory):
    async def test_stelseltoken_is_asked_once(self) -> None:
        """It says how long it may be kept."""
        for _ in range(3):
            await self.asks(a_search())
        assert len(self.switch.heard) == 1

    async def test_node_goes_on_with_the_last_good_one(self) -> None:
        """After a restart too, while the switchboard is away."""
        await self.asks(a_search())
        await self.stop()
        await self.switch.down()
        self.start()
        assert (await self.asks(a_search())).status == 200
