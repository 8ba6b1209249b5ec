"""A verb on certificates, carried out by the daemon; while it is down, by the command itself.

Knows: that the command takes the store's lock then, and needs the settings.
Must not know: what the verb does.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.cli import where
from edge_node.cli.floor import stand_on
from edge_node.cli.show import note
from edge_node.status import control_client
from edge_node.status.control_client import Unreachable

#: A key of RSA 4096 takes seconds, a peer that is away fifteen seconds each.
_WAIT_S: Final = 180.0

socket_option = click.option(
    "--socket", type=click.Path(path_type=Path), metavar="PATH", help="Control socket; else of --config."
)
layers_option = where.config_option(required=False)
identity_option = click.option(
    "--identity", required=True, metavar="NAME", help="The organisation, by its name in the settings."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def ask(config: tuple[Path, ...], socket: Path | None, request: Mapping[str, Any]) -> Any:
    """Have it done. Raises what went wrong."""
    try:
        return control_client.ask(socket_of(config, socket), request, timeout_s=_WAIT_S)
    except Unreachable as error:
        if not config:
            raise
        note(f"The daemon does not answer ({error.detail}); done here.")
        stand_on(config)
        from edge_node.cli.cert_offline import carry_out

        return carry_out(config, request)


def socket_of(config: tuple[Path, ...], socket: Path | None) -> Path:
    """Where the daemon listens."""
    if socket is not None or not config:
        return socket or where.DEFAULT_SOCKET
    from edge_node.settings.load import load

    return load(config).management.control_socket
