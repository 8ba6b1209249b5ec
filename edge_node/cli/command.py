"""How a command ends: its exit code, and what is said on standard error.

Knows: which exception leads to which exit code.
Must not know: which commands there are.
"""

import sys
import traceback
from collections.abc import Sequence
from typing import Any

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.fields import RefusedField
from edge_node.errors import EdgeNodeError, SettingsInvalid


class EdgeNodeGroup(click.RichGroup):
    """A group whose commands return their exit code; errors become one as well."""

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> Any:  # type: ignore[override]  # never returns
        """Run one command and end the process with its exit code."""
        extra["standalone_mode"] = False  # click would end a usage error with 2
        try:
            code = super().main(args, **extra)
        except click.ClickException as error:
            error.show()
            code = error.exit_code if isinstance(error, RefusedField) else exits.USAGE
        except SettingsInvalid as error:
            code = _told(exits.SETTINGS, *error.complaints)
        except EdgeNodeError as error:
            code = _told(exits.exit_code(error), *exits.explained(error))
        except (click.Abort, KeyboardInterrupt):
            code = _told(exits.FINDING, "stopped")
        except BrokenPipeError:
            # The reader (head, less) has seen enough. Python would complain once more when it flushes.
            sys.stdout = None
            code = exits.GOOD
        except PermissionError as error:
            code = _told(exits.NOT_PERMITTED, f"{error.filename}: {error.strerror}")
        except Exception:  # noqa: BLE001  the top of the program: whatever it is, scripts get the code for it
            code = _told(exits.INTERNAL, traceback.format_exc(), "A mistake of the program; please report it.")
        sys.exit(code if isinstance(code, int) else exits.GOOD)


def _told(code: int, *lines: str) -> int:
    for line in lines:
        click.echo(line, err=True)
    return code
