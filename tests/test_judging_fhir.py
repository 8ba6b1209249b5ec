"""The judge of tokens, for assertions handed in with a FHIR request: nothing but its own rules holds them to it."""

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from edge_node.formats.names import SAML
from edge_node.model.fhir import SamlTokens
from edge_node.model.finding import Finding, Severity
from edge_node.model.token import HandedTokens, Judged, TokenSubject
from edge_node.sandbox.samples.fhir import handed_in
from edge_node.sandbox.samples.people import GP
from edge_node.sandbox.samples.tokens import application, signed
from tests.formats.token_bench import ANNA, BRAM, Bench, register

ASKED = "search:Patient:1.0:request"
SUBJECT = TokenSubject(
    interaction=ASKED, message=None, application="80000001", own_ura="90000101", zim="1", bsn=ANNA.bsn
)
GOOD = {"interactionId": ASKED, "burgerServiceNummer": ANNA.bsn, "applicationID": application("80000001")}
RULE = "https://edge-node.example/autorisatieregels/search/v1"


def transaction(card: str = "gp", subject: str | None = None, **changes: str | None) -> bytes:
    """A transaction token for the question; None leaves an attribute out."""
    hand = register().card(card)
    attributes = [(name, value) for name, value in {**GOOD, **changes}.items() if value is not None]
    named = f"{GP.uzi}:{GP.role}" if subject is None else subject
    return signed(Bench().maker.tokens.transaction(attributes, named, hand), hand)


def mandate() -> bytes:
    return signed(Bench().maker.tokens.mandate(GP, RULE), register().card("gp-signature"))


def enrolment(bsn: str = ANNA.bsn) -> bytes:
    return signed(Bench().maker.tokens.enrolment(bsn, GP, "scan-1"), register().card("gp"))


def by_server(**changes: str | None) -> bytes:
    return transaction("practice", "", **{"autorisatieregel/context": RULE, **changes})


def codes(transaction: bytes, subject: TokenSubject = SUBJECT, **beside: bytes) -> list[str]:
    """The codes of what blocks a request under these assertions."""
    given = SamlTokens(transaction=handed_in(transaction), **{name: handed_in(one) for name, one in beside.items()})
    found = at_once(Bench().judging.judge(HandedTokens(subject=subject, saml=given)))
    return [finding.code for finding in found if finding.severity is Severity.BLOCK]


def at_once(judging: Coroutine[Any, Any, Judged]) -> tuple[Finding, ...]:
    """What comes of it; nothing here waits."""
    with pytest.raises(StopIteration) as ended:
        judging.send(None)
    judged: Judged = ended.value.value
    return judged.findings


class TestAnAssertion:
    @pytest.mark.parametrize("names", [ASKED, f"read:Patient:1.0:request {ASKED}"])
    def test_for_what_is_asked_passes(self, names: str) -> None:
        """It may name more than one interaction."""
        assert codes(transaction(interactionId=names)) == []

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"interactionId": "read:Patient:1.0:request"}, "EN-TOKEN-MISMATCH"),
            ({"interactionId": ASKED[:-1]}, "EN-TOKEN-MISMATCH"),
            ({"applicationID": application("80000002")}, "EN-TOKEN-MISMATCH"),
            ({"burgerServiceNummer": BRAM.bsn}, "EN-TOKEN-PATIENT"),
        ],
    )
    def test_for_something_else_is_refused(self, changes: dict[str, Any], code: str) -> None:
        """No reader of the message looks at it before: here alone a doctor is kept to his question."""
        assert codes(transaction(**changes)) == [code]

    def test_names_any_patient_where_the_question_names_none(self) -> None:
        """Which one it is about, the switchboard finds in the token."""
        anybody = replace(SUBJECT, bsn=None)
        assert codes(transaction(), anybody) == []

    def test_with_one_id_on_two_elements_is_refused(self) -> None:
        """A signature over the one would be read as one over the other."""
        element = etree.fromstring(transaction())
        element.find(f"{{{SAML}}}AuthnStatement").set("ID", element.get("ID"))  # type: ignore[union-attr]
        assert codes(etree.tostring(element)) == ["EN-TOKEN-ID"]

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            (b"<a/>", "EN-TOKEN-PLACE"),
            (mandate(), "EN-TOKEN-PLACE"),
            (enrolment(), "EN-TOKEN-PLACE"),
            (b"<!DOCTYPE a><a/>", "EN-XML-DOCTYPE"),
            (b"<a", "EN-XML-MALFORMED"),
        ],
        ids=["no assertion", "a mandate", "an enrolment", "a DOCTYPE", "half"],
    )
    def test_of_another_kind_than_its_header_is_refused(self, given: bytes, code: str) -> None:
        """Each header opens a door of its own."""
        assert codes(given) == [code]

    def test_of_a_doctor_is_no_mandate(self) -> None:
        """It names no organisation that may do anything."""
        assert codes(by_server(), mandate=transaction(), enrolment=enrolment()) == ["EN-TOKEN-PLACE"]


class TestAPatientsOwn:
    @pytest.mark.parametrize(("bsn", "expected"), [(ANNA.bsn, []), (BRAM.bsn, ["EN-TOKEN-PATIENT"])])
    def test_is_for_what_he_asks_of_himself(self, bsn: str, expected: list[str]) -> None:
        """Who signed it only the switchboard knows; whose it is, it says."""
        said = Bench().maker.tokens.enrolment(ANNA.bsn, GP)
        assert codes(signed(replace(said, subject=f"s00000000:{bsn}"), None)) == expected


class TestATokenAServerSigned:
    def test_passes_beside_mandate_and_enrolment(self) -> None:
        """A night's question has nobody at the keyboard."""
        assert codes(by_server(), mandate=mandate(), enrolment=enrolment()) == []

    @pytest.mark.parametrize("beside", [{}, {"mandate": mandate()}, {"enrolment": enrolment()}])
    def test_counts_with_both_alone(self, beside: dict[str, bytes]) -> None:
        """Only both show that the asker treats this patient (domain reference 6.5)."""
        assert codes(by_server(), **beside) == ["EN-TOKEN-MISSING"]

    def test_for_another_patient_than_the_enrolment_is_refused(self) -> None:
        """Where the question names nobody, the tokens still must be of one patient."""
        anybody = replace(SUBJECT, bsn=None)
        found = codes(by_server(), anybody, mandate=mandate(), enrolment=enrolment(BRAM.bsn))
        assert found == ["EN-TOKEN-PATIENT"]

    def test_under_another_rule_than_the_mandate_is_refused(self) -> None:
        """A mandate is for what it names (domain reference 6.6 item 8)."""
        token = by_server(**{"autorisatieregel/context": f"{RULE}/2"})
        assert codes(token, mandate=mandate(), enrolment=enrolment()) == ["EN-TOKEN-MANDATE-RULE"]


class TestAQuestionWithoutASignature:
    def test_is_refused(self) -> None:
        """The authorisation server would take it for ours."""
        hand = register().card("gp")
        said = Bench().maker.tokens.transaction(list(GOOD.items()), f"{GP.uzi}:{GP.role}", hand)
        assert codes(signed(said, None)) == ["EN-TOKEN-UNSIGNED"]
