"""The page of commands.

Knows: the command line as click holds it.
Must not know: what a command does.
"""

from collections.abc import Iterator
from inspect import cleandoc

import click

from edge_node.cli import exits
from edge_node.cli.main import main


def make() -> str:
    """Return the exit codes, then one section a command."""
    return "\n".join([exit_codes(), *(_section(path, command) for path, command in commands())])


def exit_codes() -> str:
    """What scripts match on."""
    rows = [f"| {code} | {meaning} |" for code, meaning in exits.MEANINGS.items()]
    return "\n".join(["| exit code | means |", "|---|---|", *rows, ""])


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that can be run, with its full name."""
    yield from _below("edge-node", main)


def _below(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    if command.invoke_without_command:
        yield path, command
    for name in sorted(command.commands):
        if not command.commands[name].hidden:
            yield from _below(f"{path} {name}", command.commands[name])


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    lines = [f"## {path}", "", _text(command.help), "", "```text", usage, "```", ""]
    for parameter in command.get_params(context):
        lines += _parameter(parameter, context)
    return "\n".join(lines)


def _parameter(parameter: click.Parameter, context: click.Context) -> list[str]:
    record = parameter.get_help_record(context)
    if record is None or not record[1] or parameter.name == "help":
        return []
    return [f"`{record[0]}`", f": {_text(record[1])}", ""]


def _text(text: str | None) -> str:
    return cleandoc((text or "").replace("\b", "").replace("<", "&lt;"))
