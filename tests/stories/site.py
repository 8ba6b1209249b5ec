"""The site of a story: mostly a practice with two applications and a pharmacy with one, each with its own system.

Knows: the keys of the settings.
Must not know: any story.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from edge_node.sandbox.cards import card_issuers
from edge_node.sandbox.pki import INSTITUTION, ORGANISATION_ISSUER, PHARMACY, PRACTICE, SWITCHBOARD
from tests.stories.certificates import pki

HIS, PORTAL, AIS, ECD = "80000001", "80000006", "80000002", "80000005"
#: Local system, its application, and the organisation that is of.
SYSTEMS = {"his": (HIS, "practice"), "portal": (PORTAL, "practice"), "ais": (AIS, "pharmacy")}
#: Where a practice and an institution for people with intellectual disabilities look after the same patients.
WITH_INSTITUTION = {"his": (HIS, "practice"), "ecd": (ECD, "institution")}
_HOLDERS = {
    "practice": (PRACTICE, "90000101"), "pharmacy": (PHARMACY, "90000202"), "institution": (INSTITUTION, "90000015"),
}  # fmt: skip
_APPLICATIONS = SYSTEMS | WITH_INSTITUTION


def write(folder: Path, switchboard: int, systems: Mapping[str, int]) -> tuple[Path, Path]:
    """Write the settings of a site whose other ends have those ports; return both layers, the second still empty.

    `systems` are those of this site, by name.
    """
    for name in systems:
        secret = folder / f"{name}.secret"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    base, changes = folder / "site.yaml", folder / "changes.yaml"
    base.write_text(yaml.safe_dump(settings(folder, switchboard, systems)), encoding="utf-8")
    return base, changes


def without_cards(path: Path) -> None:
    """Let this site judge no signatures of tokens."""
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    del written["tokens"]
    path.write_text(yaml.safe_dump(written), encoding="utf-8")


def settings(folder: Path, switchboard: int, systems: Mapping[str, int]) -> dict[str, Any]:
    """The settings, as an operator would write them; waits short, so that no story is long."""
    return {
        "version": 1,
        "node": {
            "id": "story",
            "environment": "test",
            "message_id_root": "2.16.840.1.113883.2.4.6.6.80000001.99",
            "state_dir": str(folder / "state"),
            "drain_s": 5.0,
        },
        "identities": [_identity(name, systems) for name in dict.fromkeys(_APPLICATIONS[one][1] for one in systems)],
        "local": {
            "listeners": [{"host": "127.0.0.1", "port": 0}],
            "look_interval_s": None,  # nobody is looked at but by the story
            "systems": [{"name": name, "bearer_token_files": [str(folder / f"{name}.secret")]} for name in systems],
        },
        "switchboard": {
            "zim": "1",
            "listen": {"host": "127.0.0.1", "port": 0},
            "tick_interval_s": None,
            "peers": [_peer(switchboard)],
            "waits": {"query_in_s": 5.0},
        },
        "revocation": {"crl_files": [str(pki().out / "crl")], "fetch": {"from_certificates": False}},
        "tokens": {"anchors": str(pki().card_anchors), "issuers": card_issuers()},
        "store": {
            "retry": {"first_pause_s": 0.05, "longest_pause_s": 0.1, "spread_s": 0.05},
            "disk_reserve_bytes": 1,
        },
        "management": {"host": "127.0.0.1", "port": 0, "control_socket": str(folder / "control.sock")},
    }


def _identity(name: str, systems: Mapping[str, int]) -> dict[str, Any]:
    (organisation, fqdn), ura = _HOLDERS[name]
    files = pki().files(name)
    return {
        "name": name,
        "ura": ura,
        "organisation": organisation,
        "fqdn": fqdn,
        "certificate": str(files.chain),
        "key": str(files.key),
        "applications": [
            {
                "id": application,
                "name": system.upper(),
                "local_system": system,
                "soap_base": f"http://127.0.0.1:{systems[system]}",
                "renews_tokens": True,
                "told_by": ["status"],
            }
            for system, (application, identity) in _APPLICATIONS.items()
            if identity == name and system in systems
        ],
    }


def _peer(port: int) -> dict[str, Any]:
    return {
        "name": "switchboard",
        "role": "zim",
        # No DNS in a test: the name is this machine, the certificate says who answers.
        "host": "localhost",
        "port": port,
        "server_names": [SWITCHBOARD[1]],
        "client_names": [SWITCHBOARD[1]],
        "issuers": [ORGANISATION_ISSUER],
        "organisation": SWITCHBOARD[0],
        "anchors": str(pki().anchors),
    }
