"""The exchange of tokens: what is asked, and what counts as an answer."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import pytest

from edge_node.errors import NotSent, Refused
from edge_node.model.fhir import Access, SamlTokens
from edge_node.wire.authorisation_exchange import ExchangeForm, access_token, asked
from edge_node.wire.authorisation_fetch import Fetched

TOKENS = SamlTokens(transaction="dHJhbnM=", mandate="bWFuZA", enrolment=None)
ACCESS = Access(interaction="create:Task:2.0:request", context="BGZ", receiver="1")
GOOD = {"access_token": "aa.bb.cc", "token_type": "Bearer", "expires_in": 20}


def answer(status: int, said: Mapping[str, Any] | None) -> Fetched:
    return Fetched(status=status, said=said, max_age_s=None)


class TestAsking:
    def test_is_a_form_of_rfc_8693(self) -> None:
        """Each token with its type; no field for one that was not handed in."""
        alone = SamlTokens(transaction="dHJhbnM=", enrolment="ZW5yb2w")
        form = parse_qs(asked("/token", ExchangeForm(), alone, Access()).body.decode())
        saml = ["urn:ietf:params:oauth:token-type:saml2"]
        assert form == {
            "grant_type": ["urn:ietf:params:oauth:grant-type:token-exchange"],
            "requested_token_type": ["urn:ietf:params:oauth:token-type:access_token"],
            "subject_token": ["dHJhbnM="],
            "subject_token_type": saml,
            "registration_token": ["ZW5yb2w"],
            "registration_token_type": saml,
        }

    def test_under_a_mandate_is_for_who_gave_it(self) -> None:
        """Who signs now acts for him (domain reference GBZ 5.5)."""
        form = parse_qs(asked("/token", ExchangeForm(), TOKENS, ACCESS).body.decode())
        assert (form["subject_token"], form["actor_token"]) == (["bWFuZA"], ["dHJhbnM="])

    def test_says_what_for_and_for_whom(self) -> None:
        """A server that is asked for nothing gives nothing, or more than was signed (domain reference GBZ 5.5)."""
        form = parse_qs(asked("/token", ExchangeForm(), TOKENS, ACCESS).body.decode())
        assert form["scope"] == ["create:Task:2.0:request~aorta.contextcode.BGZ~normaal"]
        assert form["audience"] == ["urn:oid:2.16.840.1.113883.2.4.6.6.1"]

    @pytest.mark.parametrize("said", [{}, {"interaction": "read:Task:2.0:request"}, {"context": "BGZ"}])
    def test_asks_for_no_half_of_a_scope(self, said: dict[str, str]) -> None:
        """What was signed need not name a context; a scope with a gap in it is refused by every server."""
        form = parse_qs(asked("/token", ExchangeForm(), TOKENS, Access(receiver="1", **said)).body.decode())
        assert ("scope" in form, "audience" in form) == (False, True)

    def test_leaves_out_what_a_site_does_not_want(self) -> None:
        """Versions of the exchange differ."""
        form = parse_qs(asked("/token", ExchangeForm(scope=None, audience=None), TOKENS, ACCESS).body.decode())
        assert not {"scope", "audience"} & form.keys()

    def test_follows_the_settings(self) -> None:
        """The names are assumptions until a site is connected."""
        written = ExchangeForm(transaction_under_mandate_field="t", requested_token_type=None, more={"scope": "a b"})
        form = parse_qs(asked("/token", written, TOKENS, ACCESS).body.decode())
        assert (form["t"], form["scope"], "requested_token_type" in form) == (["dHJhbnM="], ["a b"], False)

    def test_never_shows_a_token(self) -> None:
        """A repr ends up in a traceback."""
        shown = repr(asked("/token", ExchangeForm(), TOKENS, ACCESS)) + repr(TOKENS) + repr(answer(200, GOOD))
        assert not any(secret in shown for secret in ("dHJhbnM", "bWFuZA", "aa.bb.cc"))


class TestAnswer:
    def test_gives_the_token(self) -> None:
        """The usual case."""
        assert access_token(answer(200, GOOD)) == "aa.bb.cc"

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            (400, {"error": "invalid_request"}),
            (400, {"error": "invalid_grant"}),
            (401, {"error": "invalid_grant"}),
            (403, {"error": "access_denied"}),
        ],
    )
    def test_may_refuse_the_tokens(self, status: int, said: Mapping[str, Any]) -> None:
        """Signing again is what helps; trying again does not."""
        with pytest.raises(Refused) as caught:
            access_token(answer(status, said))
        assert caught.value.code == "EN-TOKEN-REFUSED"

    @pytest.mark.parametrize(
        ("status", "said", "code"),
        [
            (500, None, "EN-AUTHORISATION-UNREACHABLE"),
            (503, {"error": "invalid_request"}, "EN-AUTHORISATION-UNREACHABLE"),
            (429, None, "EN-AUTHORISATION-UNREACHABLE"),
            (408, None, "EN-AUTHORISATION-UNREACHABLE"),
            (400, {"error": "temporarily_unavailable"}, "EN-AUTHORISATION-UNREACHABLE"),
            (401, {"error": "invalid_client"}, "EN-AUTHORISATION-ANSWER"),
            (400, {"error": "unsupported_grant_type"}, "EN-AUTHORISATION-ANSWER"),
            (400, {"error": "invalid_scope"}, "EN-AUTHORISATION-ANSWER"),
            (400, None, "EN-AUTHORISATION-ANSWER"),
            (400, {"error": "BSN 999900006"}, "EN-AUTHORISATION-ANSWER"),
            (404, None, "EN-AUTHORISATION-ANSWER"),
            (302, None, "EN-AUTHORISATION-ANSWER"),
            (200, None, "EN-AUTHORISATION-ANSWER"),
            (200, {}, "EN-AUTHORISATION-ANSWER"),
            (200, {**GOOD, "access_token": None}, "EN-AUTHORISATION-ANSWER"),
            (200, {**GOOD, "access_token": "no JWT"}, "EN-AUTHORISATION-ANSWER"),
            (200, {**GOOD, "access_token": "a.b.c\r\nx: y"}, "EN-AUTHORISATION-ANSWER"),
            (200, {**GOOD, "access_token": "a.b." + "c" * 20_000}, "EN-AUTHORISATION-ANSWER"),
            (200, {**GOOD, "token_type": "mac"}, "EN-AUTHORISATION-ANSWER"),
            (200, {**GOOD, "token_type": None}, "EN-AUTHORISATION-ANSWER"),
            (200, {**GOOD, "expires_in": 0}, "EN-AUTHORISATION-ANSWER"),
            (200, {**GOOD, "expires_in": "20"}, "EN-AUTHORISATION-ANSWER"),
            (200, {**GOOD, "expires_in": True}, "EN-AUTHORISATION-ANSWER"),
        ],
    )
    def test_of_another_shape_sends_nothing(self, status: int, said: Mapping[str, Any] | None, code: str) -> None:
        """The request did not leave, and the reason names no patient."""
        with pytest.raises(NotSent) as caught:
            access_token(answer(status, said))
        assert (caught.value.code, "999900006" in str(caught.value)) == (code, False)
