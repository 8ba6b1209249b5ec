"""What checks say in their values, in Dutch."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import edge_node
from edge_node.policy import check_catalogue
from edge_node.settings.checks import CheckLimits
from edge_node.status.check_terms import evidence_in, source_in, table, value_in

RULES = sorted((Path(edge_node.__file__).parent / "policy").glob("check_*.py"))
#: What is no text: codes, names of settings, countries.
NO_TEXT = re.compile(r"EN-[A-Z-]+|[A-Z]{2}|[^A-Za-z]*")
#: What is said elsewhere in both languages, or is no text of a check.
ELSEWHERE = {"Words", "Final", "TypeVar", "ValueError", "compile"}
NOT_OF_RULES = {"check_catalogue.py"}


class Written(ast.NodeVisitor):
    """Gathers the texts that a module writes, with a hole for each value in them."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def visit_Call(self, node: ast.Call) -> None:
        """Words are there in both languages."""
        if getattr(node.func, "id", getattr(node.func, "attr", "")) not in ELSEWHERE:
            self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """What cannot be is said to nobody."""

    def visit_arg(self, node: ast.arg) -> None:
        """A type is no text."""

    def visit_Expr(self, node: ast.Expr) -> None:
        """A docstring is for readers of the code."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """What something is looked up by is a name."""
        self.visit(node.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        """What something is compared with is not said."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A form, with a hole for each value."""
        parts = [str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values]
        self.texts.add("".join(parts))
        for one in node.values:
            if isinstance(one, ast.FormattedValue):
                self.visit(one.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A term."""
        if isinstance(node.value, str):
            self.texts.add(node.value)


def written() -> Iterator[tuple[str, str]]:
    """Each text of a rule, with its module."""
    for path in RULES:
        found = Written()
        found.visit(ast.parse(path.read_text(encoding="utf-8")))
        texts = found.texts if path.name not in NOT_OF_RULES else set()
        yield from ((path.stem, text) for text in sorted(texts) if not NO_TEXT.fullmatch(text.replace("{}", "")))


class TestTable:
    @pytest.mark.parametrize(("rule", "text"), tuple(written()))
    def test_has_what_each_rule_says(self, rule: str, text: str) -> None:
        """A practice reads its report in Dutch: a value that stays English is one that nobody understands."""
        known = table()
        assert text in known["same"] or text in known["terms"] or text in known["forms"]

    @pytest.mark.parametrize("check", tuple(check_catalogue.load().values()), ids=lambda check: check.name)
    def test_has_the_source_of_each_check(self, check: check_catalogue.Check) -> None:
        """An auditor wants to see where a rule comes from."""
        assert not check.source or check.source in table()["sources"]

    @pytest.mark.parametrize("name", tuple(CheckLimits.model_fields))
    def test_has_the_origin_of_each_threshold(self, name: str) -> None:
        """What a text says is told apart from what is ours."""
        extra = CheckLimits.model_fields[name].json_schema_extra
        origin = str(extra.get("origin")) if isinstance(extra, dict) else ""
        assert origin in table()["sources"] or origin in table()["terms"]

    def test_fills_each_hole(self) -> None:
        """A number that fell out of a value would be one that nobody misses."""
        odd = {form for form, dutch in table()["forms"].items() if form.count("{}") != dutch.count("{}")}
        assert odd == set()


class TestDutch:
    @pytest.mark.parametrize(
        ("said", "dutch"),
        [
            ("not kept for 93 s", "al 93 s niet bijgehouden"),
            ("runs as root; may gain privileges", "draait als root; kan rechten erbij krijgen"),
            ("connection: EN-CERT-UNTESTED", "verbinden: EN-CERT-UNTESTED"),
            ("30 d; 2 of 9 forgotten", "30 dagen; 2 van 9 vergeten"),
            ("3 of 12 in 24 h", "3 van 12 in 24 uur"),
            (
                "breach of personal data, 1 h, not reported, 23 h to the term of 24 h",
                "datalek, 1 uur, niet gemeld, nog 23 uur tot de termijn van 24 uur",
            ),
            ("source: GDPR, article 33", "bron: AVG, artikel 33"),
            ("practice.edge-node.test", "practice.edge-node.test"),
            ("", ""),
        ],
    )
    def test_is_what_staff_read(self, said: str, dutch: str) -> None:
        """The numbers and names stay, the words around them change."""
        assert (value_in(said, "nl"), value_in(said, "en")) == (dutch, said)

    @pytest.mark.parametrize("name", ["owner", "statement"])
    def test_leaves_what_a_person_wrote(self, name: str) -> None:
        """His words are his, also where they are a term of ours."""
        assert evidence_in(name, "none, all is good", "nl")[1] == "none, all is good"

    def test_of_a_source_nobody_knows_is_the_source(self) -> None:
        """Better English than nothing."""
        assert source_in("some norm", "nl") == "some norm"

    def test_of_a_long_text_takes_no_time(self) -> None:
        """What stands in a value may come from outside."""
        assert value_in(" of " * 50_000, "nl") == " of " * 50_000
