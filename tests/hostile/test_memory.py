"""After everything hostile a node holds no more memory than before: a process of its own, over real sockets."""

import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from tests.hostile.framing import HOST, Case
from tests.hostile.test_framing import BYTES
from tests.hostile.test_xml import CASES as XML
from tests.hostile.xml_case import marked, report
from tests.stories import certificates, site

#: Without those that are too large elsewhere and not here.
FRAMING = [case for case in BYTES if case.statuses != (413,)]
ROOT = Path(__file__).parents[2]
MOST_ABOVE_IDLE_BYTES = 20 * 1024 * 1024
LARGE_BYTES = 10 * 1024 * 1024
LIMITS = {"linger_s": 0.2}
#: How often the node is asked whether its memory came back; each time it serves a request meanwhile.
LOOKS = 200


class Running:
    """A node in a process of its own, and a client that only knows bytes."""

    def __init__(self, folder: Path) -> None:
        base, changes = site.write(folder, 1, dict.fromkeys(site.SYSTEMS, 1))
        given = {"local": {"limits": LIMITS}, "switchboard": {"listen": {"limits": {**LIMITS}}}}
        changes.write_text(yaml.safe_dump(given), encoding="utf-8")
        command = [sys.executable, "-m", "edge_node.cli.main", "run", "--config", str(base), "--config", str(changes)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment)
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline())
        self._ports = {name: int(ready[name].rpartition(":")[2]) for name in ("local", "switchboard")}
        secret = (folder / "his.secret").read_bytes()
        self._known = HOST + b"Content-Type: text/xml\r\nAuthorization: Bearer " + secret + b"\r\n"
        self._tls = ssl.create_default_context(cafile=str(certificates.pki().anchors))
        files = certificates.pki().files("switchboard")
        self._tls.load_cert_chain(files.chain, files.key)

    @property
    def resident_bytes(self) -> int:
        """What the process has in memory now."""
        status = Path(f"/proc/{self.process.pid}/statm").read_text("ascii")
        return int(status.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def tell(self, data: bytes, listener: str = "local") -> bytes:
        """Send bytes as one who may speak here; return what comes back."""
        plain = socket.create_connection(("127.0.0.1", self._ports[listener]), timeout=60)
        with self._secured(plain, listener) as wire:
            wire.sendall(data.replace(HOST, self._known, 1))
            return wire.recv(65_536)

    def _secured(self, plain: socket.socket, listener: str) -> socket.socket:
        if listener == "local":
            return plain
        return self._tls.wrap_socket(plain, server_hostname=certificates.NAMES["practice"])

    def tell_case(self, case: Case) -> None:
        """Send one of the framing cases to both listeners."""
        for listener in self._ports:
            assert self.tell(case.data, listener).startswith(b"HTTP/1.1 ")

    def tell_body(self, body: bytes) -> None:
        """Send a body in a good request."""
        head = b"POST /Ping HTTP/1.1\r\n" + HOST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        assert self.tell(head + body).startswith(b"HTTP/1.1 ")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    yield running
    running.stop()


def large_bodies() -> list[bytes]:
    """As large as may be: noise, one element of it, very many elements, one long comment, half of a message."""
    sample = marked(report())
    fill = LARGE_BYTES - len(sample) - 20
    return [
        b"\x00" * LARGE_BYTES,
        b"<a>" + b"x" * (LARGE_BYTES - 3),
        b"<a>" + b"<b/>" * (LARGE_BYTES // 4 - 1),
        sample.replace(b"<soap:Body>", b"<soap:Body><!-- " + b"x" * fill + b" -->"),
        sample[: len(sample) // 2] + b" " * (LARGE_BYTES - len(sample)),
    ]


class TestMemory:
    def test_comes_back_after_everything_hostile(self, node: Running) -> None:
        """A node that grows with each attack is down after a week of them."""
        node.tell_body(marked(report()))
        idle_bytes = node.resident_bytes
        with ThreadPoolExecutor(16) as callers:
            list(callers.map(node.tell_case, FRAMING))
            list(callers.map(node.tell_body, [case.spoil(marked(report())) for case in XML]))
            list(callers.map(node.tell_body, large_bodies() * 8))
        assert any(self._is_back(node, idle_bytes) for _ in range(LOOKS)), node.resident_bytes - idle_bytes

    def _is_back(self, node: Running, idle_bytes: int) -> bool:
        node.tell_body(b"no")
        return node.resident_bytes - idle_bytes <= MOST_ABOVE_IDLE_BYTES
