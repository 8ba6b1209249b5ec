"""The line of the access log that a request makes: who, where, with whom, about whom, in both formats."""

from collections.abc import Callable

import pytest

from edge_node.model.exchange import Beside
from edge_node.model.fhir import TokenMode
from edge_node.model.fhir_types import parameter_shown, type_shown
from edge_node.model.message import Direction
from edge_node.model.record import LogRecord, missing
from edge_node.model.supplied import Consent, Supplied
from tests import fhir, messages
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench
from tests.nouns import PATIENT, PRACTICE, an_application
from tests.policy.token_cases import CARD, DOCTOR, enrolment, mandate, transaction

SERVES = an_application(
    fhir_bases={"R4": "http://127.0.0.1:1/r4"}, local_system="his", product="HIS Voorbeeld", product_version="7.2"
)
EXCHANGES = an_application(fhir_tokens=TokenMode.EXCHANGE, renews_tokens=True)
ASKED = "search:MedicationRequest:1.0:request"


def asked_by_a_doctor(bench: Bench | None = None) -> LogRecord:
    """The line of a question that a doctor signed."""
    bench = bench or Bench(ScriptedDoor(GivenAnswer(messages.a_summary())))
    bench.proven.tokens = bench.proven.tokens or (transaction(context_class="SmartcardPKI"),)
    bench.from_local(messages.a_query())
    return bench.keeper.records[0]


def asked_by_the_switchboard() -> LogRecord:
    bench = Bench(inward=ScriptedDoor(GivenAnswer(b"")))
    bench.from_switchboard(messages.a_query(sender="1", receiver="900001"))
    return bench.keeper.records[0]


def asked_in_fhir(scope: str = "", direction: Direction = Direction.OUT, **headers: str) -> LogRecord:
    claims = {"bsn": PATIENT.value, "scope": scope}
    bench = Bench(
        ScriptedDoor(fhir.answer(fhir.bundle())),
        ScriptedDoor(fhir.answer(fhir.bundle())),
        applications={PRACTICE: SERVES},
    )
    token = f"Bearer {fhir.part({'alg': 'RS256'})}.{fhir.part(claims)}.c2ln"
    bench.fhir(direction, fhir.payload(authorization=token, **headers))
    return bench.keeper.records[0]


class TestAMessage:
    def test_says_who_asked_with_which_card(self) -> None:
        """The first question of every auditor: who was it, and how do you know."""
        user = asked_by_a_doctor().user
        assert (user.kind, user.uzi, user.role) == ("person", DOCTOR, "01.015")
        assert (user.card, user.method, user.ura) == ("Z", "SmartcardPKI", CARD.ura)

    def test_says_who_is_responsible_under_which_mandate(self) -> None:
        """A system that asks does so in somebody's name."""
        bench = Bench(ScriptedDoor(GivenAnswer(messages.a_summary())))
        server = transaction(subject="", card=None, rule="rule-7")
        bench.proven.tokens = (server, mandate(rule="rule-7"), enrolment())
        line = asked_by_a_doctor(bench)
        assert (line.user.responsible_uzi, line.user.responsible_role) == (DOCTOR, "01.015")
        assert (len(line.user.mandate), line.event.rule) == (32, "rule-7")
        assert [token.split(":")[0] for token in line.correlation.tokens] == ["transaction", "mandate", "enrolment"]

    def test_says_where_and_with_whom(self) -> None:
        """From which system, for which of our applications, to whom."""
        line = asked_by_a_doctor()
        assert (line.access_point.application, line.access_point.system) == ("900001", "his")
        assert (line.access_point.connection, line.access_point.address) == ("bearer", "127.0.0.1")
        assert line.counterparty.application == "1"

    def test_says_about_whom_and_what(self) -> None:
        """Whose record it was, and which question about it."""
        line = asked_by_a_doctor()
        assert (line.object.patient, line.object.is_named) == (PATIENT.value, True)
        assert (line.event.interaction, line.event.version) == ("QUPC_IN990001NL", "NICTIZEd2005-Okt 810")
        assert (line.event.action, line.event.direction) == ("R", "out")

    def test_says_what_the_patient_allowed(self) -> None:
        """As the local system knew it then: it may be another answer tomorrow."""
        bench = Bench(ScriptedDoor(GivenAnswer(messages.a_summary())))
        bench.beside = Beside(supplied=Supplied(consent=Consent.YES))
        assert asked_by_a_doctor(bench).event.consent == "yes"

    def test_that_comes_in_names_who_its_author_is(self) -> None:
        """What others asked of us is in our log too, with what they said of themselves."""
        line = asked_by_the_switchboard()
        assert (line.event.direction, line.counterparty.application) == ("in", "1")
        assert line.user.kind == "device"

    def test_of_a_device_names_no_person(self) -> None:
        """A signal that a system sends has nobody behind it, and the log does not make one up."""
        bench = Bench(ScriptedDoor(GivenAnswer(b"")))
        bench.from_local(messages.a_report())
        assert bench.keeper.kept[0].log is not None
        assert (bench.keeper.kept[0].log.user.kind, bench.keeper.kept[0].log.event.action) == ("device", "C")

    @pytest.mark.parametrize("line", [asked_by_a_doctor, asked_by_the_switchboard, asked_in_fhir])
    def test_misses_nothing_the_standard_wants(self, line: object) -> None:
        """A line with a hole in it is found now and not at the audit."""
        assert callable(line)
        assert missing(line()) == ()


class TestAFhirRequest:
    def test_says_by_which_chain_it_is_found_elsewhere(self) -> None:
        """All parties log both ids (domain reference 7)."""
        found = asked_in_fhir().correlation
        assert (found.initial_request, found.request) == (fhir.CHAIN, "00000000-0000-4000-8000-000000000002")

    def test_says_what_was_asked_by_names_alone(self) -> None:
        """The values of a search may say anything about a patient; the names of its parameters do not."""
        line = asked_in_fhir()
        assert (line.event.interaction, line.object.categories) == (ASKED, ("MedicationRequest",))
        assert line.object.parameters == ("patient.identifier",)

    @pytest.mark.parametrize(
        ("shown", "name", "told"),
        [
            (type_shown, "Zandwijk", "another"),
            (parameter_shown, "zandwijk", "another"),
            (parameter_shown, "patient:Patient.zandwijk", "another"),
            (parameter_shown, "patient:Patient.identifier", "patient:Patient.identifier"),
            (parameter_shown, "_lastUpdated", "_lastUpdated"),
        ],
    )
    def test_tells_names_of_fhir_only(self, shown: Callable[[str], str], name: str, told: str) -> None:
        """Categories and parameters are kept in the clear, and whoever writes an address writes them."""
        assert shown(name) == told

    def test_that_comes_in_says_which_system_it_is_for(self) -> None:
        """With the product, as it was qualified: what it answered may depend on it."""
        point = asked_in_fhir(direction=Direction.IN).access_point
        assert (point.system, point.product, point.product_version) == ("his", "HIS Voorbeeld", "7.2")

    def test_with_a_token_of_its_own_names_whom_its_system_names(self) -> None:
        """The claims of an access token are not public: without this the line would name nobody."""
        bench = Bench(ScriptedDoor(fhir.answer(fhir.bundle())), applications={PRACTICE: SERVES})
        bench.beside = Beside(user="900000012:01.015")
        bench.fhir(Direction.OUT, fhir.payload())
        user = bench.keeper.records[0].user
        assert (user.kind, user.uzi, user.method) == ("person", "900000012", "told by the local system")

    def test_in_exchange_names_who_signed(self) -> None:
        """The access token is the broker's; whose card it was made of, the tokens handed in say."""
        bench = Bench(ScriptedDoor(fhir.answer(fhir.bundle())), applications={PRACTICE: EXCHANGES})
        bench.proven.tokens = (transaction(),)
        given = {"authorization": "", "edge_node_transaction_token": fhir.transaction_token()}
        bench.fhir(Direction.OUT, fhir.payload(**given))
        assert bench.keeper.records[0].user.uzi == DOCTOR


class TestAnEmergency:
    @pytest.mark.parametrize("direction", list(Direction))
    def test_is_what_the_scope_calls_one(self, direction: Direction) -> None:
        """Asked by us or of us: an emergency is looked at afterwards on both sides."""
        line = asked_in_fhir(f"{ASKED}~BGZ~nood", direction)
        assert line.event.situation == "emergency"

    def test_is_not_what_the_scope_calls_normal(self) -> None:
        """Nearly every request."""
        assert asked_in_fhir(f"{ASKED}~BGZ~normaal").event.situation == "normal"

    def test_is_what_the_local_system_says_beside_a_message(self) -> None:
        """HL7v3 has no field for it."""
        bench = Bench(ScriptedDoor(GivenAnswer(messages.a_summary())))
        bench.beside = Beside(is_emergency=True, reason="bewusteloos", workstation="seh-3")
        line = asked_by_a_doctor(bench)
        assert (line.event.situation, line.event.reason) == ("emergency", "bewusteloos")
        assert line.access_point.workstation == "seh-3"

    def test_needs_no_reason(self) -> None:
        """Whoever stands beside the patient is not asked to type first: that is asked afterwards."""
        bench = Bench(ScriptedDoor(GivenAnswer(messages.a_summary())))
        bench.beside = Beside(is_emergency=True)
        bench.from_local(messages.a_query())
        assert bench.lines[-1] == ("answer", "ok", "answered")

    def test_that_is_refused_all_the_same_is_marked(self) -> None:
        """One that could not pass is looked at all the more."""
        bench = Bench()
        bench.beside = Beside(is_emergency=True)
        bench.from_local(messages.a_query(sender="900099"))
        assert [line.event.situation for line in bench.keeper.records] == ["emergency"]
