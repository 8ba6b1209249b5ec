"""The benchmark of claiming fits the store as it is."""

from pathlib import Path

from benchmarks import claim


class TestClaim:
    def test_claims_from_every_store(self, tmp_path: Path) -> None:
        """A benchmark that broke unnoticed is missed on the day it is needed. How long it took is not tested."""
        found = claim.measure(tmp_path, rounds=1, many=claim.FEW, say=lambda _: None)
        assert {name: len(medians) for name, medians in found.items()} == {"few": 1, "many": 1, "blocked": 1}
