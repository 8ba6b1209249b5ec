"""A verb on certificates, carried out by the daemon; while it is down, by the command itself.

Knows: that the command takes the store's lock then, and needs the settings.
Must not know: what the verb does.
"""

import itertools
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.cli import where
from edge_node.cli.cert_words import Teller
from edge_node.cli.floor import stand_on
from edge_node.cli.show import note
from edge_node.errors import EdgeNodeError
from edge_node.status import control_client
from edge_node.status.control_client import Unreachable

#: A key of RSA 4096 takes seconds, a peer that is away fifteen seconds each.
_WAIT_S: Final = 180.0
_TELL_S: Final = 5
#: What is said first of a verb that takes seconds.
_BUSY: Final = {
    "cert.request": "csr.busy",
    "cert.install": "install.busy",
    "cert.back": "back.busy",
    "cert.test": "test.busy",
}

socket_option = click.option(
    "--socket", type=click.Path(path_type=Path), metavar="PATH", help="Control socket; else of --config."
)
layers_option = where.config_option(required=False)
identity_option = click.option(
    "--identity", required=True, metavar="NAME", help="The organisation, by its name in the settings."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def ask(config: tuple[Path, ...], socket: Path | None, request: Mapping[str, Any], tell: Teller) -> Any:
    """Have it done, and say beside the result what takes long. Raises what went wrong."""
    with _in_words(tell), _patience(_BUSY.get(request["verb"]), tell):
        try:
            return control_client.ask(socket_of(config, socket), request, timeout_s=_WAIT_S)
        except Unreachable as error:
            if not config:
                raise
            note(tell("here", detail=error.detail))
            stand_on(config)
            from edge_node.cli.cert_offline import carry_out

            return carry_out(config, request)


@contextmanager
def _in_words(tell: Teller) -> Iterator[None]:
    """Give what goes wrong the words of the language."""
    try:
        yield
    except EdgeNodeError as error:
        what, do = tell.page(error.code)
        if what:
            error.add_note(what)
            error.add_note(tell("do", do=do))
        raise


@contextmanager
def _patience(busy: str | None, tell: Teller) -> Iterator[None]:
    """Say what goes on, and on a terminal now and then that it still does: silence looks like a fault."""
    if busy is None:
        yield
        return
    note(tell(busy))
    over = threading.Event()
    ticking = threading.Thread(target=_tick, args=(over, tell), daemon=True)
    if sys.stderr.isatty():
        ticking.start()
    try:
        yield
    finally:
        over.set()


def _tick(over: threading.Event, tell: Teller) -> None:
    for seconds in itertools.count(_TELL_S, _TELL_S):
        if over.wait(_TELL_S):
            return
        note(tell("busy", seconds=seconds))


def socket_of(config: tuple[Path, ...], socket: Path | None) -> Path:
    """Where the daemon listens."""
    if socket is not None or not config:
        return socket or where.DEFAULT_SOCKET
    from edge_node.settings.load import load

    return load(config).management.control_socket
