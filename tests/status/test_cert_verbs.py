"""What can be asked of the daemon about its own certificates."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.model.renewal import Result as ResultOf
from edge_node.status import cert_verbs
from edge_node.status.ports import Change
from edge_node.status.verbs import Attendant, register

from .renewing_double import PeoplesCertificates

DER = base64.b64encode(b"0\x03\x02\x01\x01").decode()


class Desk:
    """The verbs, with what was recorded."""

    def __init__(self) -> None:
        self.certificates = PeoplesCertificates()
        self.recorded: list[Change] = []
        self.attendant = Attendant(register(cert_verbs.verbs(self.certificates)), self._record, lambda: "c1")

    def ask(self, verb: str, **fields: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []
        request = {"verb": verb, **fields}
        Deferred.fromCoroutine(self.attendant.attend(request, "anna")).addCallback(answers.append)
        return answers[0]

    async def _record(self, change: Change) -> None:
        self.recorded.append(change)


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestOutcome:
    @pytest.mark.parametrize(
        ("result", "outcome"),
        [
            (ResultOf.IN_USE, "done"),
            (ResultOf.WAITING, "waiting"),
            (ResultOf.UNFIT, "EN-CERT-UNFIT"),
            (ResultOf.REFUSED, "EN-CERT-NOT-TAKEN"),
        ],
    )
    @pytest.mark.parametrize("verb", ["cert.install", "cert.back"])
    def test_is_what_happened(self, desk: Desk, verb: str, result: ResultOf, outcome: str) -> None:
        """The log is the audit trail: it must not say done where nothing was changed."""
        desk.certificates.installation = replace(desk.certificates.installation, result=result)
        fields = {"certificates": [DER]} if verb == "cert.install" else {}
        answer = desk.ask(verb, identity="practice", why="it ends", **fields)
        assert desk.attendant.outcome(verb, answer) == outcome

    def test_of_an_error_is_its_code(self, desk: Desk) -> None:
        """As with every other verb."""
        assert desk.attendant.outcome("cert.back", desk.ask("cert.back", identity="practice")) == "EN-CONTROL-REQUEST"


class TestRequest:
    def test_records_who_asked_for_which_organisation(self, desk: Desk) -> None:
        """An auditor asks who had a key made, and why."""
        assert desk.ask("cert.request", identity="practice", why="it ends")["ok"]
        (change,) = desk.recorded
        assert (change.verb, change.target, change.by.who, change.by.why) == (
            "cert.request",
            "practice",
            "anna",
            "it ends",
        )

    def test_makes_rsa_unless_told_otherwise(self, desk: Desk) -> None:
        """The register asks RSA 4096."""
        desk.ask("cert.request", identity="practice", why="it ends")
        assert desk.certificates.asked[0].kind == "RSA-4096"

    @pytest.mark.parametrize("text", ["Utrecht\nevil", "x" * 129, "\x1b[2J", ""])
    @pytest.mark.parametrize("key", ["state", "locality"])
    def test_takes_names_that_fit_on_a_form(self, desk: Desk, key: str, text: str) -> None:
        """It would stand in the request, and steer the terminal of who reads it."""
        answer = desk.ask("cert.request", identity="practice", why="it ends", **{key: text})
        assert (answer["error"]["code"], desk.certificates.asked) == ("EN-CONTROL-REQUEST", [])

    def test_needs_a_reason(self, desk: Desk) -> None:
        """It is a change of how the practice is known."""
        answer = desk.ask("cert.request", identity="practice")
        assert (answer["error"]["code"], desk.certificates.asked) == ("EN-CONTROL-REQUEST", [])


class TestInstall:
    def test_hands_over_what_was_given(self, desk: Desk) -> None:
        """In whatever order the files stood."""
        moment = "2027-03-02T08:00:00+01:00"
        desk.ask("cert.install", identity="practice", certificates=[DER, DER], key="PEM", at=moment, why="it ends")
        (offered,) = desk.certificates.offered
        assert (len(offered.certificates), offered.key, offered.untested) == (2, b"PEM", False)
        assert offered.at == datetime(2027, 3, 2, 7, tzinfo=UTC)

    def test_never_shows_a_key(self, desk: Desk) -> None:
        """What is recorded or printed of a request may be read by many."""
        desk.ask("cert.install", identity="practice", certificates=[DER], key="SECRET", why="it ends")
        assert "SECRET" not in repr((desk.certificates.offered, desk.recorded))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"certificates": []},
            {"certificates": [DER] * 11},
            {"certificates": DER},
            {"certificates": ["no base64!"]},
            {"certificates": [3]},
            {"certificates": [DER], "key": 3},
            {"certificates": [DER], "key": "x" * 20_000},
            {"certificates": [DER], "at": "tomorrow"},
            {"certificates": [DER], "untested": "yes"},
            {"certificates": [DER], "identity": None},
        ],
    )
    def test_refuses_what_is_not_as_it_must_be(self, desk: Desk, wrong: dict[str, Any]) -> None:
        """Nothing is done with half a request."""
        answer = desk.ask("cert.install", **{"identity": "practice", "why": "it ends", **wrong})
        assert (answer["error"]["code"], desk.certificates.offered) == ("EN-CONTROL-REQUEST", [])

    def test_tells_what_came_of_it(self, desk: Desk) -> None:
        """Which one is shown, and which is there to go back to."""
        result = desk.ask("cert.install", identity="practice", certificates=[DER], why="it ends")["result"]
        assert (result["result"], result["now"]["key"], result["before"]["not_after"]) == (
            "in use",
            "sealed:practice.1",
            "2030-03-01T00:00:00Z",
        )


class TestTest:
    def test_is_no_change(self, desk: Desk) -> None:
        """Anybody who may look may try."""
        (trial,) = desk.ask("cert.test", identity="practice")["result"]
        assert (trial["standing"], trial["tried"][0]["outcome"], desk.recorded) == ("in use", "taken", [])
