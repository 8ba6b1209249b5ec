"""The examples that a site starts from, and the schema for its editor."""

import re
from pathlib import Path

import pytest

from edge_node.formats.interactions import load as load_interactions
from edge_node.settings import json_schema
from edge_node.settings.load import load
from edge_node.settings.site import site, unknown_interactions
from edge_node.settings.values import Section

CONFIG = Path(__file__).parents[2] / "config"
KINDS = ["gp-practice", "pharmacy", "health-centre", "out-of-hours-post", "hospital", "institution"]


class TestExamples:
    @pytest.mark.parametrize("kind", KINDS)
    def test_loads_over_the_base_of_its_network(self, kind: str) -> None:
        """What a practice copies must work before it changes a line."""
        settings = load([CONFIG / "network-base.yaml", CONFIG / f"{kind}.yaml"])
        assert site(settings).applications
        assert unknown_interactions(settings, load_interactions()) == ()

    @pytest.mark.parametrize("kind", KINDS)
    def test_explains_itself(self, kind: str) -> None:
        """A comment for every few lines, and the schema for the editor."""
        text = (CONFIG / f"{kind}.yaml").read_text()
        assert "$schema=edge-node.schema.json" in text
        assert len(re.findall("#", text)) >= 3

    def test_a_health_centre_is_two_organisations(self) -> None:
        """Each with its own certificate; neither can speak as the other."""
        settings = load([CONFIG / "network-base.yaml", CONFIG / "health-centre.yaml"])
        assert len({identity.ura for identity in settings.identities}) == 2
        assert len({identity.certificate for identity in settings.identities}) == 2

    def test_there_is_an_example_for_every_file(self) -> None:
        """None lies there untested."""
        assert {path.stem for path in CONFIG.glob("*.yaml")} == {*KINDS, "network-base"}


class TestJsonSchema:
    def test_is_current(self) -> None:
        """An editor that completes old keys is worse than none. Make it: python -m edge_node.settings.json_schema."""
        assert (CONFIG / "edge-node.schema.json").read_text() == json_schema.text()


class TestDescriptions:
    @pytest.mark.parametrize("section", Section.__subclasses__())
    def test_every_setting_says_what_it_is_and_where_its_default_is_from(self, section: type[Section]) -> None:
        """The reference is made from these."""
        extras = {name: field.json_schema_extra for name, field in section.model_fields.items()}
        bare = [name for name, extra in extras.items() if not (isinstance(extra, dict) and extra.get("origin"))]
        bare += [name for name, field in section.model_fields.items() if not field.description]
        assert bare == []

    def test_no_number_of_ours_is_called_a_requirement(self) -> None:
        """The programme's own numbers are not public; ours must not pass for them."""
        assert "GBZ requirement" not in json_schema.text()
        assert "default of this product" in json_schema.text()
