"""One YAML file, without YAML's surprises."""

import pytest

from edge_node.settings.tree import Mapping, Scalar, plain
from edge_node.settings.yaml_source import read


def said(text: str) -> list[str]:
    """Return what reading this text complains of."""
    return [str(complaint) for complaint in read(text, file="f.yaml")[1]]


class TestRead:
    def test_keeps_the_place_of_keys_and_values(self) -> None:
        """An operator is sent to the line and column to put right."""
        node, complaints = read("node:\n  id: gp-1\n", file="f.yaml")
        assert not complaints
        assert isinstance(node, Mapping)
        inner = node.entries["node"].value
        assert isinstance(inner, Mapping)
        assert str(inner.entries["id"].key_place) == "f.yaml:2:3"
        assert isinstance(inner.entries["id"].value, Scalar)
        assert str(inner.entries["id"].value.place) == "f.yaml:2:7"

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ("true", True),
            ("false", False),
            ("null", None),
            ("~", None),
            ("0", 0),
            ("-12", -12),
            ("0.5", 0.5),
            ("text", "text"),
            ('"00001001"', "00001001"),
            ("'no'", "no"),
            ("2.16.840.1", "2.16.840.1"),
            ("127.0.0.1:80", "127.0.0.1:80"),
        ],
    )
    def test_reads_values_as_everybody_would(self, written: str, value: object) -> None:
        """Quotes make a text; nothing else becomes one or stops being one silently."""
        node, complaints = read(f"a: {written}", file="f.yaml")
        assert not complaints
        assert node is not None
        assert plain(node) == {"a": value}

    @pytest.mark.parametrize(
        ("written", "reason"),
        [
            ("no", "true or false"),
            ("Yes", "true or false"),
            ("ON", "true or false"),
            ("n", "true or false"),
            ("True", "true or false"),
            ("00001001", "leading zero"),
            ("0640", "leading zero"),
            ("0x1F", "decimal"),
            ("0o17", "decimal"),
            ("1_000", "without _"),
            ("1:30", "sixty"),
            ("22:30:00", "sixty"),
            ("2026-01-31", "date"),
            ("2026-01-31 10:00:00", "date"),
            ("1e3", "digits"),
            (".5", "digits"),
            (".inf", "digits"),
            ("+5", "digits"),
            ("NULL", "write null"),
            ("", "no value"),
            ("99999999999999999999", "too large"),
        ],
    )
    def test_refuses_what_two_yaml_readers_read_differently(self, written: str, reason: str) -> None:
        """A URA must not lose its zeros, and a password policy must not hang on the word no."""
        (complaint,) = said(f"a: {written}")
        assert complaint.startswith("f.yaml:1:")
        assert reason in complaint

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("a: 1\na: 2", "f.yaml:2:1: a: is given twice; first in line 1"),
            ("a: &x 1", "f.yaml:1:4: a: anchors (&name) are not used here; write the value where it is needed"),
            ("a: !!python/object:os.system x", "f.yaml:1:4: a: tags (!name) are not used here; leave it out"),
            ("a: !!str 1", "f.yaml:1:4: a: tags (!name) are not used here; leave it out"),
            ("[a]: 1", "f.yaml:1:1: settings: a key here must be one word"),
            ("1: a", "f.yaml:1:1: 1: this key is not read as a text; put it in quotes"),
            ("a: 1\n---\nb: 1", "f.yaml:2:1: settings: a second document begins here; one file holds one document"),
        ],
    )
    def test_refuses_yaml_that_settings_do_not_need(self, text: str, complaint: str) -> None:
        """Later duplicates would win silently, and tags would make objects."""
        assert said(text) == [complaint]

    def test_refuses_merge_keys_and_aliases(self) -> None:
        """Layers are what merging is for; a value behind an alias cannot be found by its line."""
        reasons = " ".join(said("a: &x {b: 1}\nc:\n  <<: *x\n"))
        assert "merge keys are not used here" in reasons
        assert "aliases (*name) are not used here" in reasons

    def test_a_small_file_cannot_grow(self) -> None:
        """A billion laughs ends as a list of complaints."""
        lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
        node, complaints = read("\n".join(lines), file="f.yaml")
        assert node is not None
        assert len(complaints) == 40 + 2 * 39

    def test_refuses_endless_nesting(self) -> None:
        """A file of brackets must not exhaust the stack."""
        assert "nested deeper" in said("a: " + "[" * 5000)[-1]

    @pytest.mark.parametrize("text", ["a: [1", "a: 'x", "\ta: 1", "a: b: c", "a: \x01"])
    def test_tells_where_the_yaml_breaks(self, text: str) -> None:
        """Without the text of the line, which may hold a secret."""
        node, (complaint,) = read(text, file="f.yaml")
        assert node is None
        assert complaint.key == "yaml"
