"""The benchmark of claiming fits the store as it is."""

from pathlib import Path

from benchmarks import claim

#: As many as the measured claims take.
_SIZES = claim.Sizes(many=claim.CLAIMS, blocked=claim.CLAIMS)


class TestClaim:
    def test_claims_from_every_store(self, tmp_path: Path) -> None:
        """A benchmark that broke unnoticed is missed on the day it is needed. How long it took is not tested."""
        found = claim.measure(tmp_path, rounds=1, sizes=_SIZES, say=lambda _: None)
        assert {name: len(medians) for name, medians in found.items()} == {"few": 1, "many": 1, "blocked": 1}
