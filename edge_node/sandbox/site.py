"""The settings of the demo's site: a health centre with a practice and a pharmacy behind one node.

Knows: the keys of the settings, and how the parties of a sandbox are reached.
Must not know: how processes are started.

Everything the two send each other goes out through the node, over the switchboard, and in again through the node:
both directions, each identity with its own certificate.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from edge_node.sandbox.cards import card_issuers
from edge_node.sandbox.pki import AUTHORISATION_SERVER, BROKER, ORGANISATION_ISSUER, SWITCHBOARD, Pki
from edge_node.sandbox.pki import PHARMACY as PHARMACY_HOLDER
from edge_node.sandbox.pki import PRACTICE as PRACTICE_HOLDER
from edge_node.sandbox.samples.kinds import KINDS
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, Party
from edge_node.sandbox.samples.table import declarations

#: Also asked without a person, under a token that the node signs (domain reference 6.5, conditional query).
CONDITIONAL: Final = "chain-care-query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where everything listens on loopback; fixed for the run, so that a node started again is found."""

    local: int
    inbound: int
    management: int
    switchboard: int
    broker: int
    authorisation: int
    his: int
    ais: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalParty:
    """A simulated local system of the site."""

    name: str
    identity: str
    holder: tuple[str, str]  # organisation and host name in its certificate
    party: Party
    fhir_tokens: str  # exchange: the node gets its access tokens; own: it brings them


HIS = LocalParty(name="his", identity="practice", holder=PRACTICE_HOLDER, party=PRACTICE, fhir_tokens="exchange")
AIS = LocalParty(name="ais", identity="pharmacy", holder=PHARMACY_HOLDER, party=PHARMACY, fhir_tokens="own")


def write_site(folder: Path, pki: Pki, ports: Ports, store: Mapping[str, Any] | None = None) -> Path:
    """Write the settings and the secrets they name; return the file. `store` changes that section."""
    for one in (HIS, AIS):
        key = secrets.token_urlsafe(32)
        _write_secret(folder / f"{one.name}.secret", secrets.token_urlsafe(32))
        _write_secret(folder / f"{one.name}.key", key)  # for the person who tries it; the node has the hash only
        _write_secret(folder / f"{one.name}.key-hash", f"sha256:{hashlib.sha256(key.encode()).hexdigest()}")
    path = folder / "site.yaml"
    written = settings(folder, pki, ports)
    written["store"] |= store or {}
    path.write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
    return path


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def settings(folder: Path, pki: Pki, ports: Ports) -> dict[str, Any]:
    """Return the settings as an operator would write them."""
    base = {HIS.name: ports.his, AIS.name: ports.ais}
    return {
        "version": 1,
        "node": {
            "id": "demo",
            "environment": "test",
            "message_id_root": "2.16.840.1.113883.2.4.6.6.80000001.99",
            "state_dir": str(folder / "state"),
        },
        "identities": [_identity(one, pki, base[one.name]) for one in (HIS, AIS)],
        "local": {
            "listeners": [{"host": "127.0.0.1", "port": ports.local}],
            "systems": [
                {
                    "name": one.name,
                    "bearer_token_files": [str(folder / f"{one.name}.secret")],
                    "address_key_files": [str(folder / f"{one.name}.key-hash")],
                }
                for one in (HIS, AIS)
            ],
        },
        "switchboard": _switchboard(pki, ports),
        "tokens": {"anchors": str(pki.card_anchors), "issuers": card_issuers()},
        # The addresses in a sandbox's certificates are nobody's.
        "revocation": {"crl_files": [str(pki.out / "crl")], "fetch": {"from_certificates": False}},
        # Short pauses, so that a demo is over soon; a site keeps the defaults.
        "store": {
            "retry": {"first_pause_s": 0.5, "longest_pause_s": 3.0, "spread_s": 0.5},
            "bulk_per_s": 500.0,
            "disk_reserve_bytes": 1,
        },
        "management": {
            "host": "127.0.0.1",
            "port": ports.management,
            "control_socket": str(folder / "control.sock"),
        },
    }  # fmt: skip


def _identity(one: LocalParty, pki: Pki, port: int) -> dict[str, Any]:
    files, signing = pki.files(one.identity), pki.files(f"signing/{one.identity}")
    return {
        "name": one.identity,
        "ura": one.party.ura,
        "organisation": one.holder[0],
        "fqdn": one.holder[1],
        "certificate": str(files.chain),
        "key": str(files.key),
        "token_signing": {"certificate": str(signing.chain), "key": str(signing.key)},
        "applications": [
            {
                "id": one.party.application,
                "name": one.name.upper(),
                "local_system": one.name,
                "soap_base": f"http://127.0.0.1:{port}",
                "fhir_bases": {
                    "STU3": f"http://127.0.0.1:{port}/fhir",
                    "R4": f"http://127.0.0.1:{port}/fhir/R4",
                },
                "fhir_tokens": one.fhir_tokens,
                "server_signed": [KINDS[CONDITIONAL].interaction],
                "renews_tokens": True,
                "told_by": ["status"],
            }
        ],
    }


def _switchboard(pki: Pki, ports: Ports) -> dict[str, Any]:
    return {
        "zim": "1",
        "listen": {"host": "127.0.0.1", "port": ports.inbound},
        "tick_interval_s": None,
        "link_breaker": {"probe_s": 1.0},
        **declarations(),
        "peers": [
            _peer(pki, "switchboard", "zim", ports.switchboard, SWITCHBOARD),
            _peer(pki, "broker", "broker", ports.broker, BROKER),
            _peer(pki, "authorisation", "authorisation-server", ports.authorisation, AUTHORISATION_SERVER),
        ],
    }


def _peer(pki: Pki, name: str, role: str, port: int, holder: tuple[str, str]) -> dict[str, Any]:
    organisation, host = holder
    peer = {
        "name": name,
        "role": role,
        # No DNS in a sandbox: the name is this machine, the certificate says who answers.
        "host": "localhost",
        "port": port,
        "server_names": [host],
        "issuers": [ORGANISATION_ISSUER],
        "organisation": organisation,
        "anchors": str(pki.anchors),
    }
    # An authorisation server is called, and calls nobody.
    return peer if role == "authorisation-server" else {**peer, "client_names": [host]}
