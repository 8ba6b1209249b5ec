"""The benchmark of the rules fits the messages as they are."""

from pathlib import Path

from benchmarks import rules


class TestRules:
    def test_judges_every_message_to_its_end(self, tmp_path: Path) -> None:
        """One that was refused early would make the rules look quick. How long it took is not tested."""
        ruled = rules.measure(tmp_path, rounds=1, say=lambda _: None)
        assert set(ruled.rules_us) == set(ruled.bare_us) == {*rules.HL7V3, *rules.FHIR}
