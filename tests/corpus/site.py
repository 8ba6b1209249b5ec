"""A real node between two far ends, set to the ids of the messages it will carry.

Knows: the settings of such a site, how the daemon is started and ended, who sends and who receives in each direction.
Must not know: what is sent.
"""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import yaml

from edge_node.model.message import Direction
from edge_node.sandbox.pki import BROKER, ORGANISATION_ISSUER, PRACTICE, PRACTICE_UZI, SWITCHBOARD, Pki, make_pki
from tests.corpus.far_end import FarEnd, NearEnd

_BEARER: Final = "corpus-of-published-messages-0123456789"
_END_S: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One direction: who sends to the node, who receives from it."""

    near: NearEnd
    far: FarEnd


class SiteOfCorpus:
    """The node and its neighbours. `applications` are all its own; of FHIR it `declares` some interactions."""

    def __init__(self, folder: Path, applications: Iterable[str], declares: Iterable[str] = ()) -> None:
        self._pki = make_pki(folder / "pki", now=datetime.now(UTC), bad=False)
        self._declares = sorted(declares)
        self._switchboard = FarEnd(self._tls("switchboard", ssl.PROTOCOL_TLS_SERVER))
        self._broker = FarEnd(self._tls("broker", ssl.PROTOCOL_TLS_SERVER))
        self._local = FarEnd()
        self._log = (folder / "node.log").open("wb")
        (folder / "secret").touch(mode=0o600)
        (folder / "secret").write_text(_BEARER, encoding="utf-8")
        (folder / "key").touch(mode=0o600)
        (folder / "key").write_text(f"sha256:{sha256(_BEARER.encode()).hexdigest()}", encoding="utf-8")
        path = folder / "site.yaml"
        path.write_text(yaml.safe_dump(self._settings(folder, sorted(applications))), encoding="utf-8")
        self._process = self._start(path)
        ready = self._ready()
        self.ways, self.fhir_ways = self._ways(ready), self._fhir_ways(ready)

    def close(self) -> int:
        """End everything; return the exit code of the node."""
        self._process.terminate()
        try:
            return self._process.wait(_END_S)
        finally:
            with suppress(OSError):
                self._process.kill()
            self._switchboard.close()
            self._broker.close()
            self._local.close()
            self._log.close()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def _start(self, settings: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "edge_node.cli.main", "run", "--config", str(settings)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, env=environment)

    def _ready(self) -> dict[str, str]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the node did not start: {Path(self._log.name).read_text(errors='replace')[-2000:]}"
        ready: dict[str, str] = json.loads(line)
        return ready

    def _ways(self, ready: dict[str, str]) -> dict[Direction, Way]:
        bearer = (("Authorization", f"Bearer {_BEARER}"),)
        local = NearEnd(address=_address(ready["local"]), headers=bearer)
        tls = self._tls("switchboard", ssl.PROTOCOL_TLS_CLIENT)
        switchboard = NearEnd(address=_address(ready["switchboard"]), tls=tls, name=PRACTICE[1])
        return {
            Direction.OUT: Way(near=local, far=self._switchboard),
            Direction.IN: Way(near=switchboard, far=self._local),
        }

    def _fhir_ways(self, ready: dict[str, str]) -> dict[Direction, Way]:
        local = NearEnd(address=_address(ready["local"]), base=f"k/{_BEARER}/")
        tls = self._tls("broker", ssl.PROTOCOL_TLS_CLIENT)
        broker = NearEnd(address=_address(ready["switchboard"]), tls=tls, name=PRACTICE[1])
        return {
            Direction.OUT: Way(near=local, far=self._broker),
            Direction.IN: Way(near=broker, far=self._local),
        }

    def _tls(self, holder: str, protocol: int) -> ssl.SSLContext:
        """Mutual TLS with the certificate of the switchboard or its broker, made by the standard library."""
        files = self._pki.files(holder)
        context = ssl.SSLContext(protocol)
        context.load_cert_chain(files.chain, files.key)
        context.load_verify_locations(self._pki.anchors)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _settings(self, folder: Path, applications: list[str]) -> dict[str, Any]:
        return {
            "version": 1,
            "node": {
                "id": "corpus",
                "environment": "test",
                "message_id_root": "2.16.840.1.113883.2.4.3.11.999.77.1",
                "state_dir": str(folder / "state"),
            },
            "identities": [self._identity(applications)],
            "local": {
                "listeners": [{"host": "127.0.0.1", "port": 0}],
                "systems": [
                    {
                        "name": "his",
                        "bearer_token_files": [str(folder / "secret")],
                        "address_key_files": [str(folder / "key")],
                    }
                ],
            },
            "switchboard": {
                "zim": "1",
                "listen": {"host": "127.0.0.1", "port": 0},
                "tick_interval_s": None,
                "peers": [
                    _peer(self._pki, "zim", SWITCHBOARD, self._switchboard.port),
                    _peer(self._pki, "broker", BROKER, self._broker.port),
                ],
                "fhir": {"broker": f"https://localhost:{self._broker.port}"},
                "interactions": [_declared(id_) for id_ in self._declares],
            },
            "revocation": {"crl_files": [str(self._pki.out / "crl")], "fetch": {"from_certificates": False}},
            "store": {"disk_reserve_bytes": 1},
            "checks": {"processing_codes": ["P", "T"]},
            "management": {"host": "127.0.0.1", "port": 0, "control_socket": str(folder / "control.sock")},
        }

    def _identity(self, applications: list[str]) -> dict[str, Any]:
        files = self._pki.files("practice")
        return {
            "name": "practice",
            "ura": PRACTICE_UZI.ura,
            "organisation": PRACTICE[0],
            "fqdn": PRACTICE[1],
            "certificate": str(files.chain),
            "key": str(files.key),
            "applications": [
                self._application(id_) | (self._fhir if number == 0 else {})
                for number, id_ in enumerate(applications)
            ],
        }

    @property
    def _fhir(self) -> dict[str, Any]:
        base = f"http://127.0.0.1:{self._local.port}/fhir"
        return {"fhir_bases": {"STU3": base, "R4": f"{base}/R4"}}

    def _application(self, id_: str) -> dict[str, Any]:
        return {
            "id": id_,
            "name": f"Application {id_}",
            "local_system": "his",
            "soap_base": f"http://127.0.0.1:{self._local.port}",
            "told_by": ["status"],
        }


def _declared(id_: str) -> dict[str, Any]:
    pattern = "query" if id_.startswith(("read", "search")) else "push"
    return {"id": id_, "meaning": "declared by the site", "pattern": pattern, "fhir": True}


def _peer(pki: Pki, role: str, holder: tuple[str, str], port: int) -> dict[str, Any]:
    return {
        "name": role,
        "role": role,
        "host": "localhost",
        "port": port,
        "server_names": [holder[1]],
        "client_names": [holder[1]],
        "issuers": [ORGANISATION_ISSUER],
        "organisation": holder[0],
        "anchors": str(pki.anchors),
    }


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)
