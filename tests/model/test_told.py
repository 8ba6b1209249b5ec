"""The figures that a local system tells of itself: each of its form, and none about one person."""

from datetime import date
from typing import Any

import pytest

from edge_node.model.told import FORMS, OddFigure, read_figures, write_figures

GOOD = {
    "shared_accounts": 0,
    "session_idle_s": 9,
    "users_reviewed_on": "2026-11-01",
    "answers_look_at_consent": True,
    "product_version": "24.11.3",
}


class TestFigures:
    def test_are_read_and_written_alike(self) -> None:
        """A developer sees what he sent."""
        assert write_figures(read_figures(GOOD)) == GOOD
        assert read_figures(GOOD)["users_reviewed_on"] == date(2026, 11, 1)

    @pytest.mark.parametrize("name", sorted(FORMS))
    @pytest.mark.parametrize("value", [None, -1, "many", [1], {}, 1e300, float("nan"), "2026-13-01", 999911120])
    def test_of_another_form_are_refused(self, name: str, value: Any) -> None:
        """What is wrong is named, and what stood there is not repeated: it may be a patient's number."""
        with pytest.raises(OddFigure, match=name) as refused:
            read_figures({name: value})
        assert "9999" not in str(refused.value)

    @pytest.mark.parametrize("value", [True, 1.5])
    def test_that_count_are_whole(self, value: Any) -> None:
        """Half a patient is a mistake of somebody."""
        with pytest.raises(OddFigure):
            read_figures({"bsn_unverified": value})

    @pytest.mark.parametrize("value", ["24.11.3", "8.2-rc1", "v7", "2026_1"])
    def test_that_name_a_version_are_taken(self, value: str) -> None:
        """Makers write them in several ways."""
        assert read_figures({"product_version": value}) == {"product_version": value}

    @pytest.mark.parametrize("value", ["", "HIS 24.11", "999911120", "1.999911120", "24.11 de Vries", "1" * 80])
    def test_that_could_be_anything_are_no_version(self, value: str) -> None:
        """Nothing of a patient gets in as one."""
        with pytest.raises(OddFigure, match="product_version"):
            read_figures({"product_version": value})

    def test_of_another_name_are_refused(self) -> None:
        """A mistyped name would leave its check unknown, and nobody would know why."""
        with pytest.raises(OddFigure, match="no figure of that name"):
            read_figures({"bsn_unverifed": 0})
