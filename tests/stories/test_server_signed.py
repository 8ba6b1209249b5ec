"""A question that no person signs: the system hands in a mandate and an enrolment, the node makes the third token."""

import base64
import hashlib
import sqlite3
from datetime import datetime, timedelta
from typing import Any, ClassVar

import xmlsec
from cryptography import x509
from lxml import etree

from edge_node.certifying import counted
from edge_node.formats.names import SAML
from edge_node.sandbox.conditional import complaint
from tests.store.logged import outcomes
from tests.stories import certificates, moves
from tests.stories.caller import code_of, fault_of, seen
from tests.stories.moves import ANNA, BRAM
from tests.stories.signing import (
    QUERY,
    REPORT,
    SigningStory,
    a_sample,
    ended,
    for_the_node,
    said,
)
from tests.stories.story import a_query, a_report

_NS = {"a": SAML, "ds": "http://www.w3.org/2000/09/xmldsig#"}


def assertions(body: bytes) -> list[Any]:
    return list(etree.fromstring(body).iter(f"{{{SAML}}}Assertion"))


def parts(body: bytes, handed_in: bytes) -> bytes:
    """What was put into the message, which is otherwise byte for byte as it was handed in."""
    added = len(body) - len(handed_in)
    places = (at for at in range(len(handed_in)) if body[at:].startswith(b"<saml:Assertion"))
    # Both others may begin alike: it stands where all that is left is what was handed in.
    (at,) = (at for at in places if body[:at] + body[at + added :] == handed_in)
    return body[at : at + added]


def value(token: Any, path: str) -> str:
    return token.findtext(path, "", _NS)


def attributes(token: Any) -> dict[str, str]:
    return {one.get("Name"): value(one, "a:AttributeValue") for one in token.iterfind(".//a:Attribute", _NS)}


def proven_by_xmlsec(token: bytes, certificate: bytes) -> None:
    """An outside opinion: raises when the signature does not hold."""
    root = etree.fromstring(token)
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate, xmlsec.KeyFormat.CERT_PEM)
    context.verify(xmlsec.tree.find_node(root, xmlsec.Node.SIGNATURE))


class TestAConditionalQuery(SigningStory):
    async def setUp(self) -> None:
        await super().setUp()
        self.query = for_the_node(a_sample())

    async def _sent(self) -> bytes:
        await self.send(self.query)
        return self.switch.heard[-1].body

    async def test_goes_out_with_a_token_of_the_node_and_no_other_byte_changed(self) -> None:
        """What two people signed must arrive as they signed it, and so must the question."""
        body = await self._sent()
        assert len(assertions(self.query.body)) == 2
        assert len(assertions(body)) == 3
        assert parts(body, self.query.body)

    async def test_token_says_what_the_reference_says(self) -> None:
        """Domain reference 6.4: no person is named, the organisation is, and all else is of this message."""
        token = etree.fromstring(parts(await self._sent(), self.query.body))
        assert value(token, "a:Subject/a:NameID") == ""
        assert value(token, "a:Issuer") == "urn:IIroot:2.16.528.1.1007.3.3:IIext:90000101"
        assert value(token, ".//a:Audience") == "urn:IIroot:2.16.840.1.113883.2.4.6.6:IIext:1"
        assert value(token, ".//a:AuthnContextClassRef").endswith(":X509")
        assert token.find(".//a:SubjectConfirmation", _NS).get("Method").endswith(":holder-of-key")
        assert attributes(token) == {
            "autorisatieregel/context": "https://edge-node.example/autorisatieregels/chain-care-query/v1",
            "interactionId": QUERY,
            "messageIdRoot": self.query.id.root,
            "messageIdExt": self.query.id.extension,
            "burgerServiceNummer": ANNA.bsn,
            "applicationID": "urn:IIroot:2.16.840.1.113883.2.4.6.6:IIext:80000001",
            "contextCodeSystem": "2.16.840.1.113883.2.4.3.111.15.1",
            "contextCode": "KZDI",
        }

    async def test_token_lasts_no_longer_than_others_may(self) -> None:
        """From its beginning, which lies a little before now: the switchboard counts that too."""
        token = etree.fromstring(parts(await self._sent(), self.query.body))
        window = token.find("a:Conditions", _NS)
        begins, ends = (datetime.fromisoformat(window.get(name)) for name in ("NotBefore", "NotOnOrAfter"))
        assert ends - begins == timedelta(minutes=5)
        (line,) = self.logged("token.signed")
        assert "EN-TOKEN-WINDOW" not in line["noted"]

    async def test_signature_holds_for_others_too(self) -> None:
        """The switchboard has another library; and it asks for both other tokens (6.5)."""
        body = await self._sent()
        files = certificates.pki().files("signing/practice")
        proven_by_xmlsec(parts(body, self.query.body), files.chain.read_bytes())
        anchors = tuple(x509.load_pem_x509_certificates(certificates.pki().card_anchors.read_bytes()))
        assert complaint(etree.fromstring(body), anchors, moves.now()) is None

    async def test_is_recorded_and_the_token_is_in_no_log(self) -> None:
        """Who asked and for what is known for years; the token itself is nobody's."""
        token = etree.fromstring(parts(await self._sent(), self.query.body))
        (line,) = self.logged("token.signed")
        assert (line["asker"], line["interaction"], line["outcome"]) == ("his", QUERY, "made")
        assert line["token"] == hashlib.sha256(token.get("ID").encode()).hexdigest()[:32]
        assert token.get("ID") not in self.tape.getvalue()
        assert ANNA.bsn not in self.tape.getvalue()

    async def test_stands_in_the_access_log_by_its_id(self) -> None:
        """Years later it can be said for which question the organisation's name was used."""
        await self._sent()
        journal = sqlite3.connect(self.folder / "state" / "store.db")
        self.addCleanup(journal.close)
        columns = ("event.interaction", "correlation.message", "event.code", "marks", "event.type")
        ((*line, marks, _),) = [one for one in outcomes(journal, *columns) if one[-1] == "token"]
        assert line == [QUERY, str(self.query.id), "made"]
        assert list(marks) == ["object.patient"]

    async def test_asked_twice_has_another_token_each_time(self) -> None:
        """An assertion is for one use."""
        first, second = await self._sent(), await self._sent()
        ids = {assertions(body)[-1].get("ID") for body in (first, second)}
        assert len(ids) == 2

    async def test_with_a_token_of_its_own_passes_as_it_is(self) -> None:
        """A doctor who signs himself has signed."""
        own = a_sample()
        await self.send(own)
        assert self.switch.heard[-1].body == own.body


class TestWhatGivesNoToken(SigningStory):
    async def _refused(self, code: str, **changes: Any) -> None:
        told = await self.send(for_the_node(a_sample(), **changes))
        assert (told.status, code_of(told)) == (500, code), fault_of(told)
        assert self.switch.heard == []

    async def test_a_mandate_alone(self) -> None:
        """Nobody has seen the patient."""
        await self._refused("EN-TOKEN-MISSING", enrolment=None)

    async def test_an_enrolment_alone(self) -> None:
        """Nobody is responsible."""
        await self._refused("EN-TOKEN-MISSING", mandate=None)

    async def test_a_mandate_that_ended(self) -> None:
        """Who gave it, gave it for so long."""
        await self._refused("EN-TOKEN-EXPIRED", mandate=ended())

    async def test_the_enrolment_of_another_patient(self) -> None:
        """One patient's enrolment opens no other's record."""
        await self._refused("EN-TOKEN-PATIENT", enrolment={"subject": BRAM.bsn})

    async def test_a_mandate_to_another_organisation(self) -> None:
        """It was not given to us."""
        other = "urn:IIroot:2.16.528.1.1007.3.3:IIext:90000202"
        await self._refused("EN-TOKEN-MANDATE", mandate={"subject": other})

    async def test_an_enrolment_at_another_organisation(self) -> None:
        """The patient is enrolled where he was seen."""
        other = "urn:IIroot:2.16.528.1.1007.3.3:IIext:90000202"
        await self._refused("EN-TOKEN-ENROLMENT", enrolment={"issuer": other})

    async def test_a_mandate_that_nobody_with_a_name_signed(self) -> None:
        """The certificate that shows who one is does not commit him."""
        await self._refused("EN-TOKEN-CARD-USAGE", mandate={"card": "gp"})

    async def test_an_enrolment_by_a_guest(self) -> None:
        """A guest may work here; which patients are this practice's, its own people say."""
        await self._refused("EN-TOKEN-ENROLMENT", enrolment={"card": "bad/guest"})

    async def test_a_mandate_under_no_rule(self) -> None:
        """It would be good for whatever is asked."""
        await self._refused("EN-TOKEN-MANDATE-RULE", mandate={"attributes": ()})

    async def test_an_enrolment_by_a_card_that_was_revoked(self) -> None:
        """Nothing it signs from then on counts."""
        await self._refused("EN-TOKEN-CARD-REVOKED", enrolment={"card": "bad/revoked"})


class TestAnotherInteraction(SigningStory):
    signed: ClassVar = (REPORT,)

    async def test_is_signed_by_a_person_as_ever(self) -> None:
        """The settings name what is asked without a person, and nothing else is."""
        told = await self.send(for_the_node(a_sample()))
        assert (told.status, code_of(told)) == (500, "EN-TOKEN-MISSING")


class TestACertificateThatCannotSign(SigningStory):
    signer = "bad/signing-revoked"

    async def test_stops_the_question_and_says_what_to_do(self) -> None:
        """The switchboard would refuse the token; a person can sign meanwhile."""
        told = await self.send(for_the_node(a_sample()))
        assert code_of(told) == "EN-SIGNING-REVOKED"
        assert "token_signing" in fault_of(told)["do"]
        assert self.switch.heard == []


class TestACertificateThatEnded(SigningStory):
    signer = "bad/signing-expired"

    async def test_stops_the_question_and_not_the_node(self) -> None:
        """All other traffic goes on."""
        told = await self.send(for_the_node(a_sample()))
        assert code_of(told) == "EN-SIGNING-EXPIRED"
        assert (await self.send(a_query())).status == 200

    async def test_is_replaced_by_a_reload(self) -> None:
        """Nobody restarts a node for a certificate."""
        self.rewrite(("bad/signing-expired", "signing/practice"))
        await self.reload()
        query = for_the_node(a_sample())
        await self.send(query)
        assert parts(self.switch.heard[-1].body, query.body)


class TestAPushThatIsKept(SigningStory):
    renews = False
    given: ClassVar = {"switchboard": {"waits": {"connect_s": 1.9, "push_wait_s": 2.0}}}

    async def test_is_sent_again_by_the_node_under_a_new_token(self) -> None:
        """Nobody has to come back and sign: after a lost answer the node renews its own token."""
        self.switch.will(moves.resets)
        report = for_the_node(a_report())
        told = await self.send(report)
        assert told.headers.get("edge-node-state") == "kept" or seen(told).is_positive, fault_of(told)
        await self.eventually(self.kept_messages, lambda rows: rows[0].state == "DELIVERED")
        first, second = (turn.body for turn in self.switch.heard)
        assert assertions(first)[-1].get("ID") != assertions(second)[-1].get("ID")
        assert parts(first, report.body) != parts(second, report.body)

    async def test_lies_in_the_store_without_the_token(self) -> None:
        """It is made for an attempt, and kept nowhere."""
        await self.switch.down()
        report = for_the_node(a_report())
        await self.send(report)
        (row,) = await self.kept_messages()
        assert self.node is not None
        payload = await self.node.store.payload(row.uid)
        assert payload.body == report.body


class TestTheLocalApi(SigningStory):
    async def test_gives_a_token_for_a_message_that_goes_out_under_it(self) -> None:
        """A system that writes its own headers puts it in itself; the node finds it good."""
        query = a_sample()
        told = await self.asks_for_token(query)
        assert told.status == 200, told.body
        document = said(told)
        token = base64.urlsafe_b64decode(document["token"] + "==")
        bare = for_the_node(query)
        end = b"\n  </wsse:Security>"
        whole = bare.body.replace(end, token + end)
        await self.send(bare, body=whole)
        assert self.switch.heard[-1].body == whole
        assert etree.fromstring(token).get("ID") == document["id"]

    async def test_is_only_for_the_caller_s_own_application(self) -> None:
        """Another system in the house speaks for itself alone."""
        told = await self.asks_for_token(a_sample(), "portal")
        assert (told.status, said(told)["code"]) == (403, "EN-SENDER-FOREIGN")

    async def test_refuses_a_token_that_is_missing(self) -> None:
        """Nothing is signed for half of what it rests on."""
        told = await self.asks_for_token(a_sample(), asked={"enrolment_token": None})
        assert (told.status, said(told)["code"]) == (400, "EN-TOKEN-MISSING")

    async def test_refuses_another_patient(self) -> None:
        """The enrolment is of one."""
        told = await self.asks_for_token(a_sample(), asked={"bsn": BRAM.bsn})
        assert said(told)["code"] == "EN-TOKEN-PATIENT"

    async def test_refuses_another_rule_than_that_of_the_mandate(self) -> None:
        """A mandate is for one thing."""
        told = await self.asks_for_token(a_sample(), asked={"rule": "https://example.test/another"})
        assert said(told)["code"] == "EN-TOKEN-MANDATE-RULE"

    async def test_refuses_a_mandate_that_ended(self) -> None:
        """It says so, and what to do."""
        told = await self.asks_for_token(a_sample(), mandate=ended())
        assert (told.status, said(told)["code"]) == (400, "EN-TOKEN-EXPIRED")

    async def test_refuses_a_token_handed_in_as_the_other(self) -> None:
        """Each has its place."""
        query = a_sample()
        told = await self.asks_for_token(query, asked={"mandate_token": base64.b64encode(b"<x/>").decode()})
        assert said(told)["code"] == "EN-TOKEN-PLACE"

    async def test_refuses_an_application_of_nobody(self) -> None:
        """It is not in the settings."""
        told = await self.asks_for_token(a_sample(), asked={"application": "80009999"})
        assert (told.status, said(told)["code"]) == (403, "EN-SENDER-FOREIGN")

    async def test_repeats_nothing_of_what_is_wrong(self) -> None:
        """A number that is no BSN may be one with a slip."""
        told = await self.asks_for_token(a_sample(), asked={"bsn": "999900007"})
        assert (told.status, said(told)["code"]) == (400, "EN-REQUEST")
        assert b"999900007" not in told.body


class TestTheCertificate(SigningStory):
    async def test_is_shown_and_counted_down_like_every_other(self) -> None:
        """It ends as surely as that of TLS, and nobody sees it in a handshake."""
        assert self.node is not None
        shown = (await self.node.services.certifying.inventory())["signing"]
        assert [(one["used_for"], one["ura"]) for one in shown] == [(["practice"], "90000101")]
        counted_down = counted(self.node.in_force.wired.settings, self.node.in_force.wired.held)
        assert shown[0]["fingerprint"] in {one.fingerprint for one in counted_down}


class TestASiteThatSignsNothing(SigningStory):
    signer = None

    async def test_says_so_at_the_api(self) -> None:
        """The key of TLS is never taken for it."""
        told = await self.asks_for_token(a_sample())
        assert (told.status, said(told)["code"]) == (503, "EN-SIGNING-NONE")
