"""What a FHIR client is told when something is wrong, or kept."""

import json

import pytest

from edge_node.errors import PAGES
from edge_node.formats.fault_making import FaultReport
from edge_node.formats.fhir_body import read_body
from edge_node.formats.fhir_outcome import STATUS, SYSTEM, kept_outcome, operation_outcome, status_of
from edge_node.model.fhir import OutcomeIssue

#: issue-type of FHIR STU3 and later.
ISSUE_TYPES = {
    "invalid", "structure", "required", "value", "security", "login", "forbidden", "processing", "not-supported",
    "duplicate", "not-found", "too-long", "too-costly", "business-rule", "conflict", "transient", "no-store",
    "exception", "timeout", "informational",
}  # fmt: skip
ALLOWED = {400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 422, 500, 503, 504, 507}


def report(code: str, detail: str = "", retry_after_s: float | None = None) -> FaultReport:
    return FaultReport(code=code, detail=detail, retry_after_s=retry_after_s, correlation="c1")


class TestEveryCode:
    @pytest.mark.parametrize("code", sorted(PAGES))
    def test_has_a_status_and_a_kind_of_issue(self, code: str) -> None:
        """A code without them would be an error in an error."""
        body = json.loads(operation_outcome(report(code), is_json=True).body)
        assert status_of(code) in ALLOWED
        assert body["issue"][0]["code"] in ISSUE_TYPES

    @pytest.mark.parametrize("code", sorted(code for code, page in PAGES.items() if page.retry))
    def test_that_may_be_tried_again_is_not_the_senders_fault(self, code: str) -> None:
        """Clients give up on most of what begins with 4."""
        assert status_of(code) >= 500 or status_of(code) in {401, 408, 409}

    def test_named_in_the_table_exists(self) -> None:
        """A status for a code that was renamed would be lost."""
        assert set(STATUS) <= set(PAGES)


class TestOutcome:
    @pytest.mark.parametrize("is_json", [True, False])
    def test_is_fhir_in_the_format_of_its_reader(self, is_json: bool) -> None:
        """It is read by the same software as any resource."""
        outcome = operation_outcome(report("EN-WRONG-PATIENT"), is_json=is_json)
        body = read_body(outcome.body, outcome.content_type)
        assert body.is_json is is_json
        assert body.resource == "OperationOutcome"
        details = ((SYSTEM, "EN-WRONG-PATIENT"),)
        assert body.issues == (OutcomeIssue(severity="error", code="business-rule", details=details),)

    def test_says_what_whose_and_what_to_do(self) -> None:
        """Somebody reads this at night."""
        body = json.loads(operation_outcome(report("EN-LANE-CLOSED", "message 7"), is_json=True).body)
        diagnostics = body["issue"][0]["diagnostics"]
        assert all(part in diagnostics for part in ("message 7", "side: local system", "retry: yes", "do: ", "c1"))

    @pytest.mark.parametrize("is_json", [True, False])
    def test_stays_whole_whatever_the_detail(self, is_json: bool) -> None:
        """A detail may name something from outside."""
        outcome = operation_outcome(report("EN-FHIR-BODY", "a\0<\"'&\ud800\n"), is_json=is_json)
        assert read_body(outcome.body, outcome.content_type).resource == "OperationOutcome"


class TestHeaders:
    @pytest.mark.parametrize(
        ("code", "status", "error"),
        [
            ("EN-FHIR-TOKEN", 400, "invalid_request"),
            ("EN-TOKEN-SPENT", 401, "invalid_token"),
            ("EN-TOKEN-REFUSED", 401, "invalid_token"),
        ],
    )
    def test_say_that_the_token_is_at_fault(self, code: str, status: int, error: str) -> None:
        """OAuth clients look there, not in the body (RFC 6750)."""
        outcome = operation_outcome(report(code), is_json=True)
        assert outcome.status == status
        assert dict(outcome.headers)["WWW-Authenticate"] == f'Bearer error="{error}"'

    def test_say_after_how_long_to_try_again(self) -> None:
        """So that a thousand clients do not come back at once."""
        outcome = operation_outcome(report("EN-LINK-OPEN", retry_after_s=2.1), is_json=True)
        assert dict(outcome.headers)["Retry-After"] == "3"

    @pytest.mark.parametrize("code", sorted(code for code in PAGES if status_of(code) == 503))
    def test_of_a_503_always_say_so(self, code: str) -> None:
        """Also where nobody knows."""
        assert "Retry-After" in dict(operation_outcome(report(code), is_json=True).headers)

    def test_say_nothing_of_the_kind_where_it_never_will_do(self) -> None:
        """Trying again would be a waste."""
        assert operation_outcome(report("EN-FHIR-BODY", retry_after_s=5), is_json=True).headers == ()


class TestKept:
    @pytest.mark.parametrize("is_json", [True, False])
    def test_says_where_to_ask(self, is_json: bool) -> None:
        """The sender lets go of it, and must be able to find it."""
        outcome = kept_outcome("/v1/messages/7", is_json=is_json)
        assert outcome.status == 202
        assert dict(outcome.headers) == {"Location": "/v1/messages/7", "Edge-Node-State": "kept"}
        assert read_body(outcome.body, outcome.content_type).issues[0].severity == "information"
