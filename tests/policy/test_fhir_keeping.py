"""When a FHIR push may be taken over from its sender."""

from dataclasses import replace
from typing import Any

import pytest

from edge_node.model.fhir import TokenMode
from edge_node.policy.fhir_keeping import may_keep_fhir
from tests.policy.fhir_cases import CATALOGUE, EXCHANGING, SAML, a_fhir_reading

ROW = CATALOGUE["create:Task:2.0:request"]
WITH_SAML = a_fhir_reading(claims=None, tokens=SAML)


class TestKeeping:
    def test_is_for_a_system_that_hands_in_assertions_and_signs_again(self) -> None:
        """The node can then get a token for each attempt, and somebody for a new signature."""
        assert may_keep_fhir(ROW, WITH_SAML, EXCHANGING)

    @pytest.mark.parametrize(
        ("row", "reading", "application"),
        [
            (CATALOGUE["update:DocumentManifest:2.0:request"], WITH_SAML, EXCHANGING),
            (ROW, a_fhir_reading(), replace(EXCHANGING, fhir_tokens=TokenMode.OWN)),
            (ROW, WITH_SAML, replace(EXCHANGING, renews_tokens=False)),
            (ROW, WITH_SAML, replace(EXCHANGING, told_by=frozenset())),
        ],
    )
    def test_is_for_no_other(self, row: Any, reading: Any, application: Any) -> None:
        """ "Kept" that nobody hears the end of, or that can never be sent, is a lie."""
        assert not may_keep_fhir(row, reading, application)
