"""The page of checks."""

import re

import pytest

from docs._ext import checks_page
from docs._ext.made_from_code import fill_in
from edge_node.model.check import Check
from edge_node.policy import check_catalogue
from tests.house.project import DOCS

CHECKS = tuple(check_catalogue.load().values())


class TestThePage:
    def test_has_an_entry_a_check(self) -> None:
        """An auditor who looks for a check must find it, also one that this release cannot see."""
        entries = [line[4:] for line in checks_page.make().splitlines() if line.startswith("### ")]
        assert sorted(entries) == sorted(check.name for check in CHECKS)

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
    def test_says_source_default_and_action_of_each(self, check: Check) -> None:
        """Whose number it is, and what it does, is what one argues about."""
        entry = checks_page.make().split(f"### {check.name}\n")[1].split("### ")[0]
        assert all(action in entry for action in check.actions)
        assert all(re.search(rf"`[a-z_.]*{name}` [0-9.e+]+ \((default of this product|source: .+?)\)", entry)
                   for name in check.thresholds)  # fmt: skip
        assert f"**Source:** {check.source or 'default of this product'}\n" in entry

    def test_calls_no_number_of_ours_a_requirement(self) -> None:
        """The requirements with their numbers are not public: nobody can say that a number is one of them."""
        assert re.search(r"GBZ[- ]?(requirement|eis)", checks_page.make(), re.IGNORECASE) is None

    def test_names_a_text_where_a_number_has_one(self) -> None:
        """Who doubts it can look it up."""
        entry = checks_page.make().split("### incident-timer\n")[1].split("### ")[0]
        assert "`checks.limits.incident_last_h` 72 (source: GDPR, article 33)" in entry
        assert "`checks.limits.incident_first_h` 24 (default of this product)" in entry

    def test_is_made_when_the_docs_are(self) -> None:
        """A page that was copied once would be wrong at the next release."""
        page = fill_in((DOCS / "reference" / "gbz-checks.md").read_text("utf-8"))
        assert "### cert-validity" in page

    def test_says_of_what_nobody_looks_at_that_nobody_does(self) -> None:
        """What is silently left out looks like what passed."""
        unseen = {check.name for check in CHECKS if check.kind == "measured"} - checks_page.looked_at()
        assert checks_page.make().count("not looked at by this release") >= len(unseen)

    def test_judges_only_checks_of_the_catalogue(self) -> None:
        """A look whose check has another name would judge for nobody."""
        assert checks_page.looked_at() <= {check.name for check in CHECKS}
