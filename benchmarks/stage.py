"""The stage of every measurement that needs the node: certificates, far end, node, nginx, in one folder.

Knows: how each is started, and where it is reached.
Must not know: what is measured.
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

from benchmarks.exchange import Exchange, make_exchange
from benchmarks.load import Order
from benchmarks.nginx import start_nginx
from benchmarks.programs import Program, python, start
from edge_node.sandbox.pki import Pki, make_pki
from edge_node.sandbox.ports import free_ports
from edge_node.sandbox.site import HIS, Ports, write_site


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where everything is."""

    folder: Path
    pki: Pki
    ports: Ports  # `switchboard` is the far end
    far_end: Program
    settings: Path
    order: Order  # to the node

    @property
    def direct(self) -> Order:
        """To the far end, with nothing between."""
        return replace(self.order, port=self.ports.switchboard, pki=str(self.pki.out), authorization="")

    def start_node(self) -> Program:
        """Start the node as an operator does."""
        command = python("edge_node.cli.main", "run", "--config", self.settings)
        return start(command, self.folder / "node.log")

    def start_nginx(self, program: str) -> tuple[Program, Order]:
        """Start nginx; return it and the order to it."""
        port = free_ports(1)[0]
        started = start_nginx(program, self.folder, self.pki, (port, self.ports.switchboard))
        return started, replace(self.order, port=port, authorization="")

    def tls(self) -> list[str]:
        """What was spoken with the far end, each once, as the far end saw it."""
        lines = (self.folder / "far-end.out").read_text(encoding="utf-8").splitlines()
        told = (json.loads(line) for line in lines)
        return sorted({f"{one['tls']} {one['cipher']}" for one in told if "tls" in one})


def build(
    folder: Path,
    until: ExitStack,
    make: Callable[[], Exchange] = make_exchange,
    also: Callable[[], Exchange] | None = None,
) -> Stage:
    """Make certificates, question and settings, and start the far end; `also` is a push that comes by itself."""
    pki = make_pki(folder / "pki", now=datetime.now(UTC), bad=False)
    exchange = folder / "exchange.json"
    make().write(exchange)
    names = Ports.__slots__
    ports = Ports(**dict(zip(names, free_ports(len(names)), strict=True)))
    push = folder / "push.json"
    if also is not None:
        also().write(push)
    command = python("benchmarks.far_end", pki.out, exchange, *([] if also is None else [push]))
    far_end = until.enter_context(start(command, folder / "far-end.log"))
    ports = replace(ports, switchboard=far_end.ready["port"])
    settings = _without_cards(write_site(folder, pki, ports))
    secret = (folder / f"{HIS.name}.secret").read_text(encoding="utf-8")
    order = Order(port=ports.local, exchange=str(exchange), seconds=0, authorization=f"Bearer {secret}")
    return Stage(folder=folder, pki=pki, ports=ports, far_end=far_end, settings=settings, order=order)


def _without_cards(settings: Path) -> Path:
    """Judge no signatures of tokens: a message is filled with new ids as fast as it goes, and nobody signs that fast.

    What the verification of one costs is measured apart (part `token`).
    """
    written = yaml.safe_load(settings.read_text(encoding="utf-8"))
    del written["tokens"]
    for identity in written["identities"]:
        identity.pop("token_signing", None)  # the node signs only for mandates that it has proven
        for application in identity["applications"]:
            application.pop("server_signed", None)
    settings.write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
    return settings
