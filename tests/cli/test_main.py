"""The command as a whole: help, exit codes, and how quick it is."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Final

import click
import pytest

from edge_node import __version__
from edge_node.cli.exits import MEANINGS, exit_code
from edge_node.cli.main import main
from edge_node.errors import PAGES, EdgeNodeError

from .conftest import Run

VERBS: Final = ("run", "check", "status", "queue list", "queue discard", "sandbox pki", "demo", "version")

#: They do not end with a result: they serve, or make files.
WITHOUT_JSON: Final = frozenset({
    "edge-node run", "edge-node sandbox pki", "edge-node sandbox switchboard", "edge-node sandbox his",
    "edge-node sandbox sign-csr", "edge-node sandbox crl",
    "edge-node inbox print",  # makes a page for a printer
    "edge-node log export", "edge-node log patient",  # what they print is the export: lines of JSON, a table, a page
})  # fmt: skip


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


class TestHelp:
    @pytest.mark.parametrize("verb", VERBS)
    def test_every_verb_explains_itself(self, run: Run, verb: str) -> None:
        """An operator at night has only the terminal."""
        result = run(*verb.split(), "--help")
        assert result.exit_code == 0
        assert f"edge-node {verb}" in result.stdout

    def test_does_not_wake_the_reactor(self) -> None:
        """Help and completion must be quick, and an imported reactor could not be chosen any more."""
        code = (
            "import sys\n"
            "from edge_node.cli.main import main\n"
            "try: main(['queue', 'list', '--help'])\n"
            "except SystemExit as end: assert end.code == 0, end.code\n"
            "heavy = {'twisted', 'twisted.internet.reactor', 'OpenSSL', 'pydantic', 'lxml'} & sys.modules.keys()\n"
            "assert not heavy, heavy\n"
        )
        ended = python(code)
        assert (ended.returncode, ended.stderr) == (0, "")

    def test_the_program_is_there_as_a_module_too(self) -> None:
        """Where the script is not in the path, Python still finds it."""
        command = [sys.executable, "-m", "edge_node.cli.main", "version"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (ended.returncode, ended.stdout) == (0, f"{__version__}\n")


def commands(path: str = "edge-node", command: click.Command = main) -> Iterator[tuple[str, click.Command]]:
    """The tree of verbs, as the page of commands is made from it."""
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(f"{path} {name}", below)


class TestEveryCommand:
    @pytest.mark.parametrize(("path", "command"), list(commands()))
    def test_is_documented_with_each_option(self, path: str, command: click.Command) -> None:
        """The page of commands is made from these texts: what is not here is documented nowhere."""
        context = click.Context(command, info_name=path)
        undocumented = [
            each.name
            for each in command.get_params(context)
            if isinstance(each, click.Option) and not (each.help or "").endswith(".")
        ]
        assert (command.help or "").strip().count(".") >= 1
        assert undocumented == []

    @pytest.mark.parametrize(
        ("path", "command"), [each for each in commands() if not isinstance(each[1], click.Group)]
    )
    def test_that_reads_has_json(self, path: str, command: click.Command) -> None:
        """Scripts read no tables."""
        options = {name for each in command.params for name in each.opts}
        assert "--json" in options or path in WITHOUT_JSON


class TestExitCodes:
    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["dance"],
            ["queue"],
            ["run"],
            ["check", "--config", "/nonexistent.yaml"],
            ["queue", "list", "--state", "ASLEEP"],
            ["queue", "list", "--limit", "many"],
            ["queue", "discard", "--why", "x"],
        ],
    )
    def test_a_command_not_written_as_it_must_be_is_64(self, run: Run, arguments: list[str]) -> None:
        """A script tells its own mistake from a fault of the node."""
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (64, "")

    @pytest.mark.parametrize("code", sorted(PAGES))
    def test_every_error_has_one(self, code: str) -> None:
        """Whatever happens, the exit code is one that is documented, and never 0."""
        assert exit_code(EdgeNodeError(code=code)) in MEANINGS.keys() - {0}

    @pytest.mark.parametrize("code", sorted(PAGES.keys() - {"EN-INTERNAL"}))
    def test_none_but_our_own_mistakes_is_a_mistake_of_the_program(self, code: str) -> None:
        """A wrong key file is no crash: systemd must not start the daemon again and again for it."""
        assert exit_code(EdgeNodeError(code=code)) != 70

    def test_a_code_of_another_release_is_one(self) -> None:
        """Nobody here knows what it means."""
        assert exit_code(EdgeNodeError(code="EN-OF-A-LATER-RELEASE")) == 70

    @pytest.mark.parametrize(
        ("code", "expected"),
        [("EN-SEALING-KEY", 78), ("EN-RECOVERY-KEY", 1), ("EN-STORE-NEWER", 1), ("EN-STORE-READONLY", 75)],
    )
    def test_of_what_stands_beside_the_store(self, code: str, expected: int) -> None:
        """A script knows whom to wake."""
        assert exit_code(EdgeNodeError(code=code)) == expected

    @pytest.mark.parametrize(
        ("code", "expected"),
        [("EN-CONTROL", 69), ("EN-STORE-IN-USE", 75), ("EN-FORBIDDEN", 77), ("EN-SETTINGS", 78), ("EN-INTERNAL", 70)],
    )
    def test_tell_what_to_do(self, code: str, expected: int) -> None:
        """Monitoring acts on the number."""
        assert exit_code(EdgeNodeError(code=code)) == expected
