"""The simulated stelselnode and authorisation server."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from edge_node.sandbox.faults import Fault
from edge_node.sandbox.fhir_exchange import FhirAsked, FhirReply
from tests.sandbox.fhir_doubles import Bench, maker, sample
from tests.sandbox.test_switchboard import done

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    made = Bench(tmp_path)
    yield made
    made.close()


def exchange(bench: Bench, token: str, **more: str) -> FhirReply:
    body = urlencode({"grant_type": EXCHANGE, "subject_token": token, **more}).encode()
    return done(bench.authorisation.handle(FhirAsked(method="POST", target="/za/token", headers={}, body=body)))


def get(bench: Bench, path: str) -> FhirReply:
    return done(bench.authorisation.handle(FhirAsked(method="GET", target=path, headers={})))


class TestExchange:
    def test_gives_a_token_for_the_patient_and_the_interaction(self, bench: Bench) -> None:
        """It lives for twenty seconds, as a real one."""
        one = sample("fhir-create-task")
        said = json.loads(exchange(bench, maker().transaction_token(one)).body)
        claims = bench.mint.read(said["access_token"])
        assert claims is not None
        assert (claims["bsn"], claims["scope"], said["expires_in"]) == (one.patient.bsn, one.kind.interaction, 20)

    def test_takes_each_transaction_token_once(self, bench: Bench) -> None:
        """A token for one use is used up, whatever became of the request."""
        token = maker().transaction_token(sample("fhir-create-task"))
        assert [exchange(bench, token).status for _ in range(2)] == [200, 400]

    @pytest.mark.parametrize(
        "token",
        ["", "***", "AAAA", base64.urlsafe_b64encode(b"<a/>").decode(), base64.urlsafe_b64encode(b"<!").decode()],
    )
    def test_refuses_what_is_no_assertion(self, bench: Bench, token: str) -> None:
        """invalid_request, as the public page says."""
        reply = exchange(bench, token)
        assert (reply.status, json.loads(reply.body)["error"]) == (400, "invalid_request")

    def test_gives_the_scope_that_is_asked_for(self, bench: Bench) -> None:
        """The broker reads in it what may be asked, and whether it is of an emergency."""
        one = sample("fhir-create-task")
        scope = f"{one.kind.interaction}~aorta.contextcode.BGZ~normaal"
        said = json.loads(exchange(bench, maker().transaction_token(one), scope=scope).body)
        claims = bench.mint.read(said["access_token"])
        assert claims is not None
        assert claims["scope"] == scope

    def test_refuses_a_scope_that_nobody_signed_for(self, bench: Bench) -> None:
        """A token for one thing is no token for another."""
        reply = exchange(
            bench, maker().transaction_token(sample("fhir-create-task")), scope="read:Task:2.0:request~B"
        )
        assert (reply.status, json.loads(reply.body)["error"]) == (400, "invalid_scope")

    def test_refuses_another_grant(self, bench: Bench) -> None:
        """Only the exchange is offered."""
        token = maker().transaction_token(sample("fhir-create-task"))
        assert exchange(bench, token, grant_type="client_credentials").status == 400

    def test_fails_when_told_to(self, bench: Bench) -> None:
        """To see what a local system is told."""
        bench.faults.arm(Fault.TOKEN_USED, interaction="token")
        assert exchange(bench, maker().transaction_token(sample("fhir-create-task"))).status == 400


class TestMetadata:
    def test_stands_at_the_well_known_address(self, bench: Bench) -> None:
        """RFC 8414, with the path of the issuer behind it."""
        reply = get(bench, "/.well-known/oauth-authorization-server/za")
        assert json.loads(reply.body)["token_endpoint"] == "https://as.test/za/token"
        assert reply.headers["cache-control"] == "must-revalidate, max-age=14400"

    def test_has_its_keys_beside_it_without_the_secret(self, bench: Bench) -> None:
        """A private key in a key set would let everybody sign."""
        (key,) = json.loads(get(bench, "/za/jwks").body)["keys"]
        assert set(key) & {"d", "p", "q", "dp", "dq", "qi"} == set()

    def test_is_all_there_is(self, bench: Bench) -> None:
        """Anything else is not found."""
        assert get(bench, "/za/other").status == 404


class TestStelselnode:
    def test_gives_the_signed_list(self, bench: Bench) -> None:
        """A JSON Web Token in `signed_metadata`."""
        asked = FhirAsked(method="GET", target="/stelseltoken/metadata/v1", headers={})
        token = json.loads(done(bench.stelselnode.handle(asked)).body)["signed_metadata"]
        header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
        assert (header["alg"], header["typ"], len(header["x5c"])) == ("RS256", "aorta-st+JWT", 1)

    def test_fails_when_told_to(self, bench: Bench) -> None:
        """To see that the last good one is used."""
        bench.faults.arm(Fault.FAULT, interaction="stelseltoken")
        asked = FhirAsked(method="GET", target="/stelseltoken/metadata/v1", headers={})
        assert done(bench.stelselnode.handle(asked)).status == 500
