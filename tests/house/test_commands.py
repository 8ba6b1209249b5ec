"""Every command is explained, and every command that a text names exists.

Knows: the command line, the docs, the advice in the error pages.
Must not know: what a command does.
"""

import re
from pathlib import Path

import click
import pytest

from docs._ext import commands_page
from edge_node.cli.main import main
from edge_node.errors import PAGES
from tests.house.project import DOCS, ROOT, name_of

COMMANDS = dict(commands_page.commands())
TEXTS = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "systemd" / "README.md"]


def named_in(text: str) -> set[str]:
    """The verbs behind `edge-node` where a text shows a command: in code, to the first word that is none."""
    shown = re.findall(r"^\s*(?:\S*/)?edge-node((?: [a-z][a-z-]*)+)", "\n".join(code_of(text)), re.MULTILINE)
    return {verb_of(words.split()) for words in shown}


def code_of(text: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"`(edge-node [^`]+)`", text)


def verb_of(words: list[str]) -> str:
    command: click.Command = main
    path: list[str] = []
    for word in words:
        if not isinstance(command, click.Group):
            break
        command = command.commands.get(word, click.Command(word))
        path.append(word)
    return " ".join(["edge-node", *path])


class TestCommands:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_say_what_they_do(self, name: str) -> None:
        """Help is read when something is wrong; an empty line does not help."""
        assert COMMANDS[name].help

    @pytest.mark.parametrize("name", COMMANDS)
    def test_explain_each_option(self, name: str) -> None:
        """An option without words would have to be tried out on a live node."""
        options = [parameter for parameter in COMMANDS[name].params if isinstance(parameter, click.Option)]
        assert [option.name for option in options if not option.help] == []

    @pytest.mark.parametrize("name", COMMANDS)
    def test_are_on_their_page(self, name: str) -> None:
        """The reference holds every command."""
        assert f"## {name}\n" in commands_page.make()

    @pytest.mark.parametrize("path", TEXTS, ids=name_of)
    def test_named_in_a_text_exist(self, path: Path) -> None:
        """Who pastes a command from the docs must not read "no such command"."""
        assert named_in(path.read_text("utf-8")) <= COMMANDS.keys() | {"edge-node queue", "edge-node sandbox"}

    @pytest.mark.parametrize("code", [code for code, page in PAGES.items() if "edge-node " in page.do])
    def test_named_in_an_advice_exist(self, code: str) -> None:
        """The advice of an error must be possible to follow."""
        words = re.findall(r"edge-node(?! command)((?: [a-z-]+)+)", PAGES[code].do)
        assert {verb_of(word.split()) for word in words} <= COMMANDS.keys()
