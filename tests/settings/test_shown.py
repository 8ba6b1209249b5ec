"""The settings as they leave the site."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from edge_node.settings.shown import BLANK, SHOWN, people, shown

from .written import SMALL, write

MAIL = """\
alerts:
  help_name: Jan de Tester
  help_phone: "06-12345678"
  webhook:
    url: https://monitor.example/hooks/a-key-of-theirs
    secret_files: [secrets/webhook]
    anchors: certs/monitor.pem
  mail:
    host: mail.example
    anchors: certs/mail.pem
    user: postbode
    password_file: credential:mail
    sender: node@praktijk.example
    to: [assistente@praktijk.example]
    network_to: [beheer@netwerk.example]
"""
#: Texts that are blank because they tell of people, or may hold a secret.
BLANKED = {
    "announced", "antimalware_command", "certificate_subjects", "help_name", "help_phone", "mail_to", "more_fields",
    "network_to", "sender", "to", "unix_users", "user", "what",
}  # fmt: skip
ADDRESSES = {"url"}


def loaded(folder: Path, more: str = MAIL) -> Settings:
    """Settings as a site has them."""
    for name in ("certs", "secrets"):
        (folder / name).mkdir()
    for name in ("certs/practice.pem", "certs/anchors.pem", "certs/mail.pem", "certs/monitor.pem"):
        (folder / name).write_text("")
    for name in ("secrets/his.token", "secrets/webhook"):
        (folder / name).write_text("")
    return load([write(folder, SMALL + more)])


def texts(node: Any, definitions: dict[str, Any], key: str = "") -> Iterator[str]:
    """The keys of every text in the schema of the settings."""
    if "$ref" in node:
        node = {**definitions[node["$ref"].rpartition("/")[2]], **node}
    choices = [child for word in ("anyOf", "oneOf", "allOf", "prefixItems") for child in node.get(word, ())]
    beside = [node[word] for word in ("items", "additionalProperties") if isinstance(node.get(word), dict)]
    for child in (*choices, *beside, *node.get("patternProperties", {}).values()):
        yield from texts(child, definitions, key)
    for name, child in node.get("properties", {}).items():
        yield from texts(child, definitions, name)
    if node.get("type") == "string":
        yield key


class TestShown:
    def test_tells_nobody_who_works_there(self, tmp_path: Path) -> None:
        """The bundle goes to another organisation, and lies in its mail for years."""
        settings = loaded(tmp_path)
        told = json.dumps(shown(settings))
        assert people(settings) == {
            "Jan de Tester", "06-12345678", "postbode", "node@praktijk.example", "assistente@praktijk.example",
            "beheer@netwerk.example",
        }  # fmt: skip
        assert [one for one in people(settings) if one in told] == []

    def test_blanks_the_path_of_an_address_that_may_hold_a_key(self, tmp_path: Path) -> None:
        """Many monitors know who calls by a key in the address."""
        told = shown(loaded(tmp_path))
        assert told["alerts"]["webhook"]["url"] == f"https://monitor.example/{BLANK}"

    def test_keeps_what_tells_how_the_node_is_set_up(self, tmp_path: Path) -> None:
        """Without it nobody could help."""
        told = shown(loaded(tmp_path))
        assert told["alerts"]["mail"]["host"] == "mail.example"
        assert told["alerts"]["mail"]["password_file"] == "credential:mail"
        assert told["switchboard"]["peers"][0]["issuers"] == ["Example CA"]
        assert told["store"]["body_retention_s"] == 86400.0

    def test_has_every_setting(self, tmp_path: Path) -> None:
        """One that was left out would be taken for its default."""
        settings = loaded(tmp_path)
        assert shown(settings).keys() == settings.model_dump().keys()


class TestChoice:
    def test_was_made_for_every_text_there_is(self) -> None:
        """A setting that a release adds must not leave the site before somebody thought of it."""
        schema = Settings.model_json_schema()
        assert set(texts(schema, schema["$defs"])) - SHOWN == BLANKED | ADDRESSES
