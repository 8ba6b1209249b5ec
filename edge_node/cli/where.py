"""Where the daemon and its store are: from the settings, from options, or where Debian puts them.

Knows: the options that say so.
Must not know: what is asked of the daemon.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import rich_click as click

DEFAULT_SOCKET: Final = Path("/run/edge-node/control.sock")
DEFAULT_STORE: Final = Path("/var/lib/edge-node/store.db")

F = TypeVar("F", bound=Callable[..., Any])

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_PATH: Final = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Where:
    """The control socket and the store of one daemon."""

    socket: Path
    store: Path
    sealing_key: str | None = None  # as in the settings; else it lies beside the store
    state: Path | None = None  # folder of all the node keeps; None: that of the store

    @property
    def sealed_files(self) -> Path:
        """Where the keys lie that the node made for its certificates."""
        return (self.state or self.store.parent) / "identities"


def config_option(*, required: bool) -> Callable[[F], F]:
    """Return the option that names the settings; to be given once a layer."""
    return click.option(
        "--config",
        multiple=True,
        required=required,
        type=_FILE,
        metavar="FILE",
        help="Settings; give it again for each further layer, the site's last.",
    )


def where_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options, and hand it a `Where` for them."""

    @config_option(required=False)
    @click.option(
        "--socket", type=_PATH, metavar="PATH", help=f"Control socket; else of --config, or {DEFAULT_SOCKET}."
    )
    @click.option("--store", type=_PATH, metavar="PATH", help=f"Store; else of --config, or {DEFAULT_STORE}.")
    @functools.wraps(command)
    def placed(config: tuple[Path, ...], socket: Path | None, store: Path | None, **rest: Any) -> int:
        found = _of_settings(config) if config else Where(DEFAULT_SOCKET, DEFAULT_STORE)
        at = store or found.store
        return command(Where(socket or found.socket, at, found.sealing_key, found.state), **rest)

    return placed


def _of_settings(config: tuple[Path, ...]) -> Where:
    from edge_node.settings.load import load  # pydantic is slow to import

    settings = load(config)
    return Where(
        settings.management.control_socket, settings.store_path, settings.store.sealing_key, settings.node.state_dir
    )
