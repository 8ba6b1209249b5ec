"""Checks that fail are said in words of their own: what is wrong, and whether it weighs."""

import pytest

from edge_node.model.check import Check, Kind
from edge_node.policy import check_catalogue
from edge_node.status.check_matters import is_small, what_is_wrong
from edge_node.status.sentence_checks import _NEVER

MEASURED = [one for one in check_catalogue.load().values() if one.kind is Kind.MEASURED and one.name not in _NEVER]


class TestWords:
    @pytest.mark.parametrize("check", MEASURED, ids=lambda one: one.name)
    def test_every_check_of_this_machine_says_what_is_wrong(self, check: Check) -> None:
        """ "The check “There is room on the disk” fails" has to be read twice."""
        said = what_is_wrong(check)
        assert "faalt" not in said.nl
        assert not said.nl.endswith(".")

    def test_what_a_person_declared_is_said_to_be_declared(self) -> None:
        """No machine saw it."""
        said = what_is_wrong(check_catalogue.load()["physical-attestation"]).nl
        assert said == "volgens een verklaring is dit niet in orde: de machine staat veilig"

    def test_what_a_look_measured_is_not_said_to_be_declared(self) -> None:
        """The signatures are five days old, as their file says: nobody declared that."""
        said = what_is_wrong(check_catalogue.load()["antimalware-state"]).nl
        assert said == "de bescherming tegen malware draait niet of is niet bij"


class TestWeight:
    @pytest.mark.parametrize("name", ["backup-age", "disk-space", "key-permissions", "clock-offset", "dns-self"])
    def test_what_puts_messages_or_patients_at_risk_weighs(self, name: str) -> None:
        """It stands in the first line until it is mended."""
        assert not is_small(check_catalogue.load()[name])

    @pytest.mark.parametrize("name", ["restore-test-age", "qualified-system", "shared-account", "change-recorded"])
    def test_papers_and_plans_do_not(self, name: str) -> None:
        """They are told to who manages the node."""
        assert is_small(check_catalogue.load()[name])
