"""How a command ends."""

import rich_click as click
from click.testing import CliRunner, Result

from edge_node.cli.command import EdgeNodeGroup
from edge_node.errors import Refused, SettingsInvalid, Unavailable


def ended(outcome: Exception | int) -> Result:
    """Run a command that ends so."""
    group = EdgeNodeGroup(name="edge-node")

    @group.command()
    def end() -> int:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return CliRunner().invoke(group, ["end"])


class TestEnds:
    def test_with_the_code_the_command_returns(self) -> None:
        """A finding is no error: the output is the result."""
        assert [ended(code).exit_code for code in (0, 1, 69)] == [0, 1, 69]

    def test_with_the_code_of_the_error_and_what_to_do(self) -> None:
        """Nobody has to look up a number at night."""
        result = ended(Unavailable("held by 42", code="EN-STORE-IN-USE"))
        assert (result.exit_code, result.stdout) == (75, "")
        assert result.stderr.splitlines() == [
            "EN-STORE-IN-USE: Another process has the store open for changing.",
            "held by 42",
            "What to do: Stop the other one, or ask it through the control socket.",
        ]

    def test_with_every_complaint_on_a_line(self) -> None:
        """Editors and scripts jump to file, line and column."""
        result = ended(SettingsInvalid(("a.yaml:1:1: node: missing", "a.yaml:9:3: local: unknown")))
        assert result.exit_code == 78
        assert result.stderr.splitlines() == ["a.yaml:1:1: node: missing", "a.yaml:9:3: local: unknown"]

    def test_with_77_where_the_user_may_not(self) -> None:
        """sudo helps; a restart does not."""
        result = ended(PermissionError(13, "Permission denied", "/var/lib/edge-node/store.db"))
        assert (result.exit_code, result.stderr) == (77, "/var/lib/edge-node/store.db: Permission denied\n")

    def test_with_64_for_a_mistake_in_the_command(self) -> None:
        """Not with the 2 other programs use."""
        assert ended(click.UsageError("no such thing")).exit_code == 64

    def test_with_70_for_a_mistake_of_the_program(self) -> None:
        """Never the 1 that means a finding; the trace for the report is on standard error."""
        result = ended(ZeroDivisionError("division by zero"))
        assert (result.exit_code, result.stdout) == (70, "")
        assert "ZeroDivisionError" in result.stderr

    def test_with_1_for_a_refusal(self) -> None:
        """What was asked cannot be done to this message."""
        assert ended(Refused(code="EN-ILLEGAL-STEP")).exit_code == 1
