"""Secrets of local systems as they lie in files: made, hashed and read.

Knows: the forms `sha256:<hex>` and `scrypt:<n>:<r>:<p>:<salt>:<hex>`, and what makes a secret strong enough.
Must not know: which system a secret belongs to, or how one is compared.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Final

from edge_node.model.credential import SecretHash

#: Cost of a password's hash: about 30 ms and 16 MiB, once per process thanks to the cache of whoever compares.
SCRYPT_N: Final = 2**14
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
MIN_SECRET: Final = 22  # base64url characters of 128 random bits
MIN_PASSWORD: Final = 12

_SHA256 = re.compile(r"sha256:([0-9a-f]{64})")
_SCRYPT = re.compile(r"scrypt:([0-9]{1,7}):([0-9]{1,2}):([0-9]{1,2}):([0-9a-f]{16,128}):([0-9a-f]{64})")
_ADDRESS_SAFE = re.compile(r"[A-Za-z0-9_-]+")


def make_secret(random_bytes: Callable[[int], bytes]) -> str:
    """Return a new bearer token or address key: 256 random bits that need no escaping in an address."""
    return base64.urlsafe_b64encode(random_bytes(32)).rstrip(b"=").decode()


def hash_secret(secret: str) -> str:
    """Return the line to keep instead of a secret made by `make_secret`."""
    if len(secret) < MIN_SECRET or not _ADDRESS_SAFE.fullmatch(secret):
        raise ValueError(f"must hold a secret of at least {MIN_SECRET} letters, digits, - or _")
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()


def hash_password(password: str, salt: bytes) -> str:
    """Return the line to keep instead of a password that people chose."""
    if len(password) < MIN_PASSWORD:
        raise ValueError(f"must hold a password of at least {MIN_PASSWORD} characters")
    digest = hashlib.scrypt(password.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=32)
    return f"scrypt:{SCRYPT_N}:{SCRYPT_R}:{SCRYPT_P}:{salt.hex()}:{digest.hex()}"


def read_hash(line: str) -> SecretHash | None:
    """Return the hash that a line holds; None when it is no hash but a secret itself."""
    if match := _SHA256.fullmatch(line):
        return SecretHash(scheme="sha256", digest=bytes.fromhex(match[1]))
    if match := _SCRYPT.fullmatch(line):
        n, r, p = int(match[1]), int(match[2]), int(match[3])
        # hashlib's own bound is 32 MiB; beyond it or off the powers of two every comparison would fail.
        if n < SCRYPT_N or n & (n - 1) or not r >= 1 or not 1 <= p <= 16 or 128 * n * r >= 32 * 1024 * 1024:
            raise ValueError(
                f"holds a hash of a cost that is not accepted; use scrypt:{SCRYPT_N}:{SCRYPT_R}:{SCRYPT_P}"
            )
        digest, salt = bytes.fromhex(match[5]), bytes.fromhex(match[4])
        return SecretHash(scheme="scrypt", digest=digest, salt=salt, n=n, r=r, p=p)
    if line.startswith(("sha256:", "scrypt:")):
        raise ValueError("holds a broken hash")
    return None


def read_token(text: str) -> SecretHash:
    """Return the hash of a bearer token file: the token itself, or its hash."""
    line = _one_line(text)
    return _strong(read_hash(line) or _hashed(hash_secret(line)))


def read_address_key(text: str) -> SecretHash:
    """Return the hash of an address key file, which holds the hash and never the key."""
    found = read_hash(_one_line(text))
    if found is None:
        raise ValueError("holds no hash; keep sha256:<hex> of the key in it, never the key")
    return _strong(found)


def read_password(text: str, salt: Callable[[int], bytes]) -> SecretHash:
    """Return the hash of a password file: the password itself, or its hash."""
    line = _one_line(text)
    return read_hash(line) or _hashed(hash_password(line, salt(16)))


def _one_line(text: str) -> str:
    line = text.strip("\r\n")
    if not line:
        raise ValueError("is empty")
    if not line.isprintable():
        raise ValueError("must hold one line of printable characters")
    return line


def _hashed(line: str) -> SecretHash:
    found = read_hash(line)
    assert found is not None
    return found


def _strong(found: SecretHash) -> SecretHash:
    """A token is compared on every request, so it must be random enough for the fast hash."""
    if found.scheme != "sha256":
        raise ValueError("holds a scrypt hash; a token or key is made at random and kept as sha256:<hex>")
    return found
