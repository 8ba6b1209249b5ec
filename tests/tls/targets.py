"""What is scanned: the listener of a real node, and one that is weak on purpose.

Knows: how each is started, where it listens, which certificate opens it.
Must not know: who scans.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from edge_node.sandbox.pki import PRACTICE, Pki, make_pki
from edge_node.sandbox.ports import free_ports
from edge_node.sandbox.site import Ports, write_site
from edge_node.wire.trust_floor import FLOORS, VARIABLE, Floor, Profile

_ROOT: Final = Path(__file__).resolve().parents[2]
_START_S: Final = 60.0
#: Named in the environment of the node, as a careless administrator would: it must make no difference.
_LOWER: Final = """\
openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = lower
[lower]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
Groups = X25519:secp521r1:ffdhe2048
SignatureAlgorithms = RSA+SHA256:RSA+SHA1:ECDSA+SHA1
"""


class NotStarted(RuntimeError):
    """A listener did not say that it is ready. Holds the end of what it said instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One listener on loopback."""

    port: int
    name: str  # to ask for
    chain: Path  # of the client
    key: Path
    anchors: Path  # of the listener's certificate
    floor: Floor


@contextmanager
def node(folder: Path, profile: Profile) -> Iterator[Target]:
    """Run a node with the settings of the demo, in this profile."""
    folder.mkdir(parents=True, mode=0o700)
    pki = make_pki(folder / "pki", now=datetime.now(UTC), bad=False)
    names = Ports.__slots__
    ports = Ports(**dict(zip(names, free_ports(len(names)), strict=True)))
    path = write_site(folder, pki, ports)
    settings = yaml.safe_load(path.read_text("utf-8"))
    settings["switchboard"]["tls_profile"] = profile.value
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    (folder / "lower.cnf").write_text(_LOWER, encoding="utf-8")
    command = ["-m", "edge_node.cli.main", "run", "--config", str(path)]
    with _running(command, folder / "node", {VARIABLE: str(folder / "lower.cnf")}) as ready:
        yield _target(pki, int(ready["switchboard"].rpartition(":")[2]), FLOORS[profile])


@contextmanager
def weak(folder: Path) -> Iterator[Target]:
    """Run a listener with all a scanner must find."""
    folder.mkdir(parents=True, mode=0o700)
    pki = make_pki(folder / "pki", now=datetime.now(UTC), bad=False)
    files = pki.files("practice")
    command = ["-m", "tests.tls.weak", str(files.chain), str(files.key)]
    with _running(command, folder / "weak", {}) as ready:
        yield _target(pki, ready["port"], FLOORS[Profile.LSP_COMPAT])


def _target(pki: Pki, port: int, floor: Floor) -> Target:
    client = pki.files("switchboard")
    return Target(port=port, name=PRACTICE[1], chain=client.chain, key=client.key, anchors=pki.anchors, floor=floor)


@contextmanager
def _running(command: Sequence[str], said: Path, environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    out, log = said.with_suffix(".out"), said.with_suffix(".log")
    with out.open("wb") as told, log.open("wb") as logged:
        process = subprocess.Popen(
            [sys.executable, *command], stdout=told, stderr=logged, cwd=_ROOT, env={**os.environ, **environment}
        )
    try:
        yield _ready(process, out, log)
        if process.poll() is not None:
            raise NotStarted(f"it ended while it was scanned:\n{_end(log)}")
    finally:
        process.terminate()
        process.wait(60)


def _ready(process: "subprocess.Popen[bytes]", out: Path, log: Path) -> dict[str, Any]:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        for line in out.read_text("utf-8").splitlines(keepends=True):
            if line.startswith("{") and line.endswith("\n"):
                ready: dict[str, Any] = json.loads(line)
                return ready
        time.sleep(0.05)
    raise NotStarted(_end(log))


def _end(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")[-2000:]
