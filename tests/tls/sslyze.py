"""sslyze as a scanner: run with a client certificate, its results held against the profile.

Knows: the options, the form of its JSON, what each of its looks must say.
Must not know: what it is pointed at, which findings are allowed.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from edge_node.wire.trust_floor import Floor
from edge_node.wire.trust_labels import group_name
from tests.tls.findings import Finding
from tests.tls.targets import Target

TOOL: Final = "sslyze"
_SCAN_S: Final = 200.0
#: Names of suites in TLS 1.3 are the same everywhere; those of 1.2 are IANA's here.
_OPENSSL_NAMES: Final = {
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
}
#: SSL 2.0 is left to testssl.sh: with a client certificate this scanner cannot try it.
_LOOKS: Final = (
    "sslv3", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3", "reneg", "resum", "compression", "early_data",
    "elliptic_curves", "ems", "fallback", "heartbleed", "openssl_ccs", "robot", "certinfo",
)  # fmt: skip

Result = Mapping[str, Any]


def _versions(found: Result) -> bool:
    return not found["is_tls_version_supported"]


#: Per look: what it is called here, and whether its result is as it must be.
_DEMANDS: Final[dict[str, tuple[str, Callable[[Result], bool]]]] = {
    "ssl_3_0_cipher_suites": ("SSL 3.0 is taken", _versions),
    "tls_1_0_cipher_suites": ("TLS 1.0 is taken", _versions),
    "tls_1_1_cipher_suites": ("TLS 1.1 is taken", _versions),
    "tls_1_2_cipher_suites": ("TLS 1.2 is not taken", lambda it: it["is_tls_version_supported"]),
    "tls_1_3_cipher_suites": ("TLS 1.3 is not taken", lambda it: it["is_tls_version_supported"]),
    "tls_compression": ("compression", lambda it: not it["supports_compression"]),
    "tls_1_3_early_data": ("early data", lambda it: not it["supports_early_data"]),
    "openssl_ccs_injection": ("CCS injection", lambda it: not it["is_vulnerable_to_ccs_injection"]),
    "tls_fallback_scsv": ("no guard against downgrade", lambda it: it["supports_fallback_scsv"]),
    "heartbleed": ("Heartbleed", lambda it: not it["is_vulnerable_to_heartbleed"]),
    "robot": ("ROBOT", lambda it: it["robot_result"].startswith("NOT_VULNERABLE")),
    "session_renegotiation": (
        "renegotiation",
        lambda it: it["supports_secure_renegotiation"] and not it["client_renegotiations_success_count"],
    ),
    "tls_extended_master_secret": ("no extended master secret", lambda it: it["supports_ems_extension"]),
    "certificate_info": ("the chain sent", lambda it: all(map(_is_whole_chain, it["certificate_deployments"]))),
}


def scan(program: Path, target: Target, folder: Path) -> list[Finding]:
    """Scan, and hold the results against the profile."""
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / "sslyze.json"
    written.unlink(missing_ok=True)
    options = [f"--cert={target.chain}", f"--key={target.key}", f"--sni={target.name}", f"--json_out={written}"]
    options += ["--mozilla_config=disable", f"--certinfo_ca_file={target.anchors}", *(f"--{look}" for look in _LOOKS)]
    with (folder / "sslyze.txt").open("wb") as said:
        subprocess.run([program, *options, f"127.0.0.1:{target.port}"], stdout=said, stderr=said,
                       stdin=subprocess.DEVNULL, timeout=_SCAN_S, check=False)  # fmt: skip
    document = json.loads(written.read_text("utf-8")) if written.exists() else {"server_scan_results": []}
    return list(read(document, target.floor))


def read(document: Mapping[str, Any], floor: Floor) -> Iterator[Finding]:
    """Give what is not as the profile has it; a look that did not come to its end is a finding too."""
    results = document["server_scan_results"]
    if len(results) != 1 or not results[0]["scan_result"]:
        yield Finding(TOOL, "scan", "FATAL", "there is no result")
        return
    looks: Mapping[str, Any] = results[0]["scan_result"]
    for name, (what, is_good) in _DEMANDS.items():
        found = _of(looks, name)
        if found is None:
            yield Finding(TOOL, name, "FATAL", "the look did not come to its end")
        elif not is_good(found):
            yield Finding(TOOL, name, "PROFILE", what)
    yield from _beyond(looks, floor)


def _beyond(looks: Mapping[str, Any], floor: Floor) -> Iterator[Finding]:
    """Give suites and groups that are not of the profile."""
    for name in (name for name in looks if name.endswith("_cipher_suites")):
        taken = (_of(looks, name) or {}).get("accepted_cipher_suites", ())
        suites = {one["cipher_suite"]["name"] for one in taken}
        beyond = {_OPENSSL_NAMES.get(suite, suite) for suite in suites} - set(floor.suites)
        if beyond:
            yield Finding(TOOL, name, "PROFILE", f"not of the profile: {' '.join(sorted(beyond))}")
    curves = _of(looks, "elliptic_curves")
    taken = {group_name(one["name"]) for one in (curves or {}).get("supported_curves") or ()}
    if curves is None or taken - set(floor.groups):
        words = " ".join(sorted(taken - set(floor.groups))) or "the look did not come to its end"
        yield Finding(TOOL, "elliptic_curves", "PROFILE", f"not of the profile: {words}")


def _of(looks: Mapping[str, Any], name: str) -> Result | None:
    look = looks.get(name) or {}
    return look.get("result") if look.get("status") == "COMPLETED" else None


def _is_whole_chain(deployment: Result) -> bool:
    """The chain is in order, without its root, without SHA-1, and leads to our anchors."""
    trusted = [one for one in deployment["path_validation_results"] if one["was_validation_successful"]]
    return bool(
        trusted
        and deployment["received_chain_has_valid_order"]
        and not deployment["received_chain_contains_anchor_certificate"]
        and not deployment["verified_chain_has_sha1_signature"]
    )
