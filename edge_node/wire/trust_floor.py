"""The floor under every TLS connection of a process: what each profile offers and takes, and how OpenSSL is told.

Knows: the profiles, the names and numbers of versions, suites, groups and signature algorithms, the shipped files.
Must not know: OpenSSL itself (this is read before it is loaded), which peers there are, what a peer showed.

pyOpenSSL has no say in groups and signature algorithms. So each profile is a file in OpenSSL's own words beside this
module, and the entry point names it before OpenSSL is loaded; `trust_proof` looks whether it was taken up.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

#: OpenSSL reads the file of this name, once, when it is loaded.
VARIABLE: Final = "OPENSSL_CONF"

VERSIONS: Final = {"TLSv1.3": 0x0304, "TLSv1.2": 0x0303}
#: TLS 1.3 first; of 1.2 only what has forward secrecy and AEAD.
SUITES_13: Final = {
    "TLS_AES_256_GCM_SHA384": 0x1302,
    "TLS_CHACHA20_POLY1305_SHA256": 0x1303,
    "TLS_AES_128_GCM_SHA256": 0x1301,
}
SUITES_12: Final = {
    "ECDHE-ECDSA-AES256-GCM-SHA384": 0xC02C,
    "ECDHE-ECDSA-CHACHA20-POLY1305": 0xCCA9,
    "ECDHE-ECDSA-AES128-GCM-SHA256": 0xC02B,
    "ECDHE-RSA-AES256-GCM-SHA384": 0xC030,
    "ECDHE-RSA-CHACHA20-POLY1305": 0xCCA8,
    "ECDHE-RSA-AES128-GCM-SHA256": 0xC02F,
}
HYBRIDS: Final = {"X25519MLKEM768": 0x11EC, "SecP256r1MLKEM768": 0x11EB, "SecP384r1MLKEM1024": 0x11ED}
CURVES: Final = {"X25519": 0x001D, "secp256r1": 0x0017, "secp384r1": 0x0018}
#: No SHA-1, no SHA-224. PKCS #1 because the certificates of the registers are signed with it.
SIGNATURES: Final = {
    "ecdsa_secp256r1_sha256": 0x0403,
    "ecdsa_secp384r1_sha384": 0x0503,
    "ecdsa_secp521r1_sha512": 0x0603,
    "ed25519": 0x0807,
    "rsa_pss_rsae_sha256": 0x0804,
    "rsa_pss_rsae_sha384": 0x0805,
    "rsa_pss_rsae_sha512": 0x0806,
    "rsa_pss_pss_sha256": 0x0809,
    "rsa_pss_pss_sha384": 0x080A,
    "rsa_pss_pss_sha512": 0x080B,
    "rsa_pkcs1_sha256": 0x0401,
    "rsa_pkcs1_sha384": 0x0501,
    "rsa_pkcs1_sha512": 0x0601,
}
#: No RSA below 2048 bits, no SHA-1 in a chain.
SECURITY_LEVEL: Final = "@SECLEVEL=2"


class Profile(StrEnum):
    """The value of `switchboard.tls_profile`."""

    LSP_COMPAT = "lsp-compat"
    NCSC_2025 = "ncsc-2025"


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What one profile offers and takes, best first."""

    profile: Profile
    edition: str  # of the guideline, whose labels are told
    shares: tuple[str, ...]  # groups for which a key goes along with the first message
    versions: tuple[str, ...] = tuple(VERSIONS)
    suites: tuple[str, ...] = (*SUITES_13, *SUITES_12)
    groups: tuple[str, ...] = (*HYBRIDS, *CURVES)
    signatures: tuple[str, ...] = tuple(SIGNATURES)

    @property
    def path(self) -> Path:
        """The file that tells OpenSSL."""
        return Path(__file__).with_name(f"openssl-{self.profile}.cnf")


#: In `lsp-compat` the first message stays within one packet, which old load balancers want; hybrid groups are offered
#: all the same, for one round trip more. `ncsc-2025` sends a hybrid key at once.
FLOORS: Final[Mapping[Profile, Floor]] = {
    Profile.LSP_COMPAT: Floor(profile=Profile.LSP_COMPAT, edition="2.1", shares=("X25519",)),
    Profile.NCSC_2025: Floor(profile=Profile.NCSC_2025, edition="2025-05", shares=("X25519MLKEM768", "X25519")),
}


def take_up(profile: Profile, environment: MutableMapping[str, str]) -> None:
    """Name the file of this profile for the OpenSSL that is loaded after this, whatever was named before.

    A file somebody else named could only lower the floor. An OpenSSL that is loaded already does not look again.
    """
    environment[VARIABLE] = str(FLOORS[profile].path)
