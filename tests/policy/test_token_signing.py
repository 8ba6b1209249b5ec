"""Which messages the node signs itself."""

from dataclasses import replace

import pytest

from edge_node.model.fhir import SamlTokens
from edge_node.model.message import Binding, Token
from edge_node.model.site import Application
from edge_node.policy.token_signing import is_fhir_signed_here, is_signed_here
from tests.nouns import a_reading, a_wrapper, an_application
from tests.policy.fhir_cases import a_fhir_reading

NAME = "QUPC_IN990001NL"
BESIDE = (Token(kind="saml", id="_m"), Token(kind="saml", id="_e"))
OWN = Token(kind="saml", id="_t", binding=Binding(interaction=NAME))
SIGNS = an_application(server_signed=frozenset({NAME}))
SEARCH = "search:MedicationRequest:1.0:request"


class TestAMessage:
    def test_under_mandate_and_enrolment_is_signed_where_the_settings_say_so(self) -> None:
        """Its system leaves the third token to the node."""
        assert is_signed_here(a_reading(tokens=BESIDE), SIGNS)

    @pytest.mark.parametrize(
        ("tokens", "author", "application"),
        [
            ((*BESIDE, OWN), "person", SIGNS),
            ((), "person", SIGNS),
            (BESIDE, "patient", SIGNS),
            (BESIDE, "person", an_application()),
            (BESIDE, "person", an_application(server_signed=frozenset({"REPC_IN990003NL"}))),
            (BESIDE, "person", None),
        ],
    )
    def test_is_left_as_it_is_otherwise(
        self, tokens: tuple[Token, ...], author: str, application: Application | None
    ) -> None:
        """Who signs for himself has signed; a patient has no mandate; and nothing is signed that nobody named."""
        reading = a_reading(a_wrapper(author=author), tokens=tokens)
        assert not is_signed_here(reading, application)


class TestAFhirRequest:
    @pytest.mark.parametrize(
        ("transaction", "named", "is_signed"), [(None, SEARCH, True), ("t", SEARCH, False), (None, "x", False)]
    )
    def test_is_signed_without_a_transaction_token(
        self, transaction: str | None, named: str, is_signed: bool
    ) -> None:
        """The same, for what is exchanged."""
        tokens = SamlTokens(transaction=transaction, mandate="m", enrolment="e")
        application = replace(SIGNS, server_signed=frozenset({named}))
        assert is_fhir_signed_here(a_fhir_reading(claims=None, tokens=tokens), SEARCH, application) == is_signed
