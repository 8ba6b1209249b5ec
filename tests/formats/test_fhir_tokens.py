"""The tokens of a FHIR request are read, never trusted, never shown."""

from typing import Any

import pytest

from edge_node.errors import Refused
from edge_node.formats.fhir_saml import access_of, patients_of
from edge_node.formats.fhir_tokens import digest_of, read_claims, read_saml
from edge_node.model.fhir import Access, SamlTokens
from edge_node.model.identifiers import ApplicationId, Bsn
from tests.formats.fhir_samples import BSN, OTHER_PATIENT, PATIENT, a_token, an_assertion, base64url

SIGNED = b'{"alg":"RS256"}'


def bearer(header: bytes, claims: bytes) -> str:
    """A token of these very bytes."""
    return f"Bearer {base64url(header)}.{base64url(claims)}.c2ln"


ZIM = ApplicationId("1")


def said_for(**attributes: str) -> str:
    """What a person signed, with these attributes."""
    said = "".join(
        f'<Attribute Name="{name}"><AttributeValue>{value}</AttributeValue></Attribute>'
        for name, value in attributes.items()
    )
    return base64url(f'<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{said}</Assertion>'.encode())


class TestClaims:
    @pytest.mark.parametrize(
        "claims",
        [
            {"bsn": PATIENT},
            {"patient": {"identifier": PATIENT, "bsn": PATIENT}},
            {"sub": f"{BSN}|{PATIENT}"},
            {"_pat": f"urn:oid:2.16.840.1.113883.2.4.6.3:{PATIENT}"},
            {"patientBsn": [PATIENT]},
        ],
    )
    def test_name_the_patient(self, claims: dict[str, Any]) -> None:
        """The broker asks on behalf of this patient, whatever the body says."""
        assert read_claims(a_token(**claims)).patient == Bsn(PATIENT)

    def test_nine_digits_of_somebody_else_are_no_patient(self) -> None:
        """A user's number may look like a patient's."""
        assert read_claims(a_token(sub=PATIENT, uzi=OTHER_PATIENT, patient="999911121")).patient is None

    def test_with_a_number_that_is_none_are_refused(self) -> None:
        """What is called a BSN must be one."""
        with pytest.raises(Refused) as refusal:
            read_claims(a_token(bsn="999911121"))
        assert refusal.value.code == "EN-BSN-INVALID"

    def test_that_name_two_patients_are_refused(self) -> None:
        """One request is about one patient."""
        with pytest.raises(Refused) as refusal:
            read_claims(a_token(bsn=PATIENT, patient=OTHER_PATIENT))
        assert refusal.value.code == "EN-WRONG-PATIENT"

    @pytest.mark.parametrize(
        "authorization",
        [
            "",
            "Basic YTpi",
            "Bearer",
            "Bearer opaque",
            "Bearer a.b",
            "Bearer a.b.c.d.e",
            a_token() + "=",
            bearer(b"[]", b"{}"),
            bearer(SIGNED, b'{"a":1,"a":2}'),
            bearer(SIGNED, b"[" * 5000),
            bearer(SIGNED, b'{"a":NaN}'),
            bearer(SIGNED, b'{"a":"\xff"}'),
            a_token(header={"alg": "none"}),
            a_token(header={"typ": "JWT"}),
            a_token(a={"b": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}),
            "Bearer " + "a" * 70000 + ".b.c",
        ],
    )
    def test_that_cannot_be_read_are_refused(self, authorization: str) -> None:
        """What is no JWT is refused here with a reason, instead of there without one."""
        with pytest.raises(Refused) as refusal:
            read_claims(authorization)
        assert refusal.value.code == "EN-FHIR-TOKEN"

    def test_show_no_patient(self) -> None:
        """A claim may be written to a log by accident."""
        assert PATIENT not in repr(read_claims(a_token(bsn=PATIENT)))


class TestAssertions:
    def test_are_read_from_their_headers(self) -> None:
        """The node exchanges what it was given, nothing else."""
        headers = {"edge-node-transaction-token": an_assertion(), "edge-node-mandate-token": an_assertion(None)}
        assert read_saml(headers) == SamlTokens(transaction=an_assertion(), mandate=an_assertion(None))

    def test_are_none_without_their_headers(self) -> None:
        """A system with tokens of its own sends none."""
        assert read_saml({"authorization": "x"}) is None

    @pytest.mark.parametrize(
        "headers",
        [
            {"edge-node-mandate-token": an_assertion()},
            {"edge-node-transaction-token": ""},
            {"edge-node-transaction-token": "<Assertion/>"},
            {"edge-node-transaction-token": base64url(b"no xml")},
            {"edge-node-transaction-token": "A"},
            {"edge-node-transaction-token": an_assertion(), "edge-node-enrolment-token": "a+b/"},
        ],
    )
    def test_of_another_form_are_refused(self, headers: dict[str, str]) -> None:
        """The authorisation server would say no without saying which one."""
        with pytest.raises(Refused) as refusal:
            read_saml(headers)
        assert refusal.value.code == "EN-FHIR-TOKEN"

    def test_name_the_patient(self) -> None:
        """A token for one patient must not go along with a request about another."""
        tokens = SamlTokens(transaction=an_assertion(), enrolment=an_assertion(OTHER_PATIENT))
        assert list(patients_of(tokens)) == [
            ("edge-node-transaction-token", Bsn(PATIENT)),
            ("edge-node-enrolment-token", Bsn(OTHER_PATIENT)),
        ]

    def test_with_a_doctype_are_refused(self) -> None:
        """They are read with the same care as a message."""
        token = base64url(b"<!DOCTYPE a><a/>")
        with pytest.raises(Refused) as refusal:
            list(patients_of(SamlTokens(transaction=token)))
        assert refusal.value.code == "EN-XML-DOCTYPE"

    def test_say_what_they_were_signed_for(self) -> None:
        """No more is asked of the authorisation server than a person signed."""
        token = said_for(interactionId="create:Task:2.0:request", contextCode="BGZ")
        assert access_of(token, ZIM) == Access(receiver="1", interaction="create:Task:2.0:request", context="BGZ")

    @pytest.mark.parametrize("context", ["", "BGZ other:Task:2.0:request~BGZ", "BGZ~nood", "B\u00c9", "B" * 129])
    def test_bring_no_scope_of_their_own(self, context: str) -> None:
        """Whoever makes a token must not ask for an emergency, or for more, between the lines of a code."""
        assert access_of(said_for(contextCode=context), ZIM) == Access(receiver="1")

    def test_have_a_digest_that_tells_them_apart(self) -> None:
        """A message handed in again with a new token is a renewal, not a copy."""
        tokens = [SamlTokens(transaction=an_assertion(number)) for number in (PATIENT, OTHER_PATIENT)]
        digests = {digest_of(None, one) for one in tokens} | {digest_of("Bearer a.b.c", None), digest_of(None, None)}
        assert len(digests) == 4
        assert digest_of(None, None) == b""
