"""A method and an address say what is asked, or are refused without being shown."""

import pytest

from edge_node.errors import Refused
from edge_node.formats.fhir_address import read_call
from edge_node.model.fhir import Action
from tests.formats.fhir_samples import BSN, PATIENT


class TestReads:
    @pytest.mark.parametrize(
        ("method", "path", "expected"),
        [
            ("GET", "fhir/metadata", ("STU3", Action.CAPABILITIES, None, None, None)),
            ("GET", "fhir/R4/metadata?_format=json", ("R4", Action.CAPABILITIES, None, None, None)),
            ("GET", "fhir/R4/Task/t1", ("R4", Action.READ, "Task", "t1", None)),
            ("GET", "fhir/Task/Task", ("STU3", Action.READ, "Task", "Task", None)),
            ("GET", "fhir/R4/Task/metadata", ("R4", Action.READ, "Task", "metadata", None)),
            ("GET", "fhir/R4/Task/t1/_history/2", ("R4", Action.VREAD, "Task", "t1", None)),
            ("GET", "fhir/R4/Task/t1/_history/T", ("R4", Action.VREAD, "Task", "t1", None)),
            ("GET", "fhir/R4/Task/t1/_history", ("R4", Action.HISTORY, "Task", "t1", None)),
            ("GET", "fhir/R4/Task/_history", ("R4", Action.HISTORY, "Task", None, None)),
            ("GET", "fhir/R4/_history", ("R4", Action.HISTORY, None, None, None)),
            ("GET", "fhir/R5/Observation?code=1", ("R5", Action.SEARCH, "Observation", None, None)),
            ("POST", "fhir/Observation/_search", ("STU3", Action.SEARCH, "Observation", None, None)),
            ("GET", "fhir/R4/Patient/p1/Observation", ("R4", Action.SEARCH, "Observation", None, None)),
            ("POST", "fhir/R4/_search", ("R4", Action.SEARCH, None, None, None)),
            ("POST", "fhir/R4/Task", ("R4", Action.CREATE, "Task", None, None)),
            ("PUT", "fhir/R4/Task/t1", ("R4", Action.UPDATE, "Task", "t1", None)),
            ("PUT", "fhir/R4/Task?identifier=7", ("R4", Action.UPDATE, "Task", None, None)),
            ("PATCH", "fhir/R4/Task/t1", ("R4", Action.PATCH, "Task", "t1", None)),
            ("DELETE", "fhir/R4/DocumentManifest/d-1", ("R4", Action.DELETE, "DocumentManifest", "d-1", None)),
            ("POST", "fhir/R4/$is-allowed", ("R4", Action.OPERATION, None, None, "$is-allowed")),
            ("POST", "fhir/R4/%24is-allowed", ("R4", Action.OPERATION, None, None, "$is-allowed")),
            ("POST", "fhir/R4/Task/$notify-task", ("R4", Action.OPERATION, "Task", None, "$notify-task")),
            ("GET", "fhir/R4/Patient/p1/$everything", ("R4", Action.OPERATION, "Patient", "p1", "$everything")),
            ("POST", "fhir/R4", ("R4", Action.TRANSACTION, None, None, None)),
            ("POST", "fhir/", ("STU3", Action.TRANSACTION, None, None, None)),
        ],
    )
    def test_every_interaction_of_the_api(self, method: str, path: str, expected: tuple[object, ...]) -> None:
        """What is asked decides which row, which rules and which answer belong to it."""
        call = read_call(method, path)
        assert (call.version, call.action, call.resource, call.id, call.operation) == expected

    def test_parameters_decoded_in_their_order(self) -> None:
        """The patient stands in one of them, perhaps in two."""
        call = read_call("GET", "fhir/R4/Task?b=%C3%A9+x&a=1&b=")
        assert call.parameters == (("b", "é x"), ("a", "1"), ("b", ""))


class TestRefuses:
    @pytest.mark.parametrize(
        ("method", "path", "code"),
        [
            ("GET", "other/Task", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/STU3/Task", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R9/Task", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/task", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4//Task", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/Task/..", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/Task/%2e%2e/x", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/Task/a%2Fb", "EN-FHIR-ADDRESS"),
            ("GET", f"fhir/R4/Task/{'x' * 65}", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/Task/t1/_history/2/3", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/Task;x=1/t1", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/$x999900006", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/Task?a=%ff", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/Task?a=%0d%0aX:1", "EN-FHIR-ADDRESS"),
            ("GET", "fhir/R4/Task?" + "a=1&" * 201, "EN-FHIR-ADDRESS"),
            ("DELETE", "fhir/R4/metadata", "EN-METHOD"),
            ("HEAD", "fhir/R4/Task/t1", "EN-METHOD"),
            ("POST", "fhir/R4/Task/t1", "EN-METHOD"),
        ],
    )
    def test_what_is_no_address_of_the_api(self, method: str, path: str, code: str) -> None:
        """What the other side might read in another way is not sent on."""
        with pytest.raises(Refused) as refusal:
            read_call(method, path)
        assert refusal.value.code == code

    def test_without_showing_the_address(self) -> None:
        """It may hold a patient number, and what is refused is logged."""
        with pytest.raises(Refused) as refusal:
            read_call("GET", f"fhir/R4/x/Task?patient.identifier={BSN}|{PATIENT}")
        assert PATIENT not in str(refusal.value)

    def test_nothing_of_a_call_is_shown_that_may_be_a_number(self) -> None:
        """A call may be written to a log by accident."""
        assert PATIENT not in repr(read_call("GET", f"fhir/R4/Patient/{PATIENT}?identifier={PATIENT}"))
