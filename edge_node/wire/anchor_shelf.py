"""The anchors under which each peer was proven, kept for the day the settings bring others.

Knows: the file of each peer, that one which is broken counts for nothing.
Must not know: when anchors are proven, which of them count.

The digest is against a disk that lies, not against an intruder: who writes here can write the settings too.
"""

import hashlib
import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

_log = structlog.get_logger()
_HEAD: Final = b"# sha256 "

Anchors = tuple[x509.Certificate, ...]


class AnchorShelf:
    """One folder, of one environment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Anchors | None] = {}

    def proven(self, peer: str) -> Anchors | None:
        """Return the anchors of a peer that were proven; None when there are none."""
        if peer not in self._known:
            self._known[peer] = self._read(peer)
        return self._known[peer]

    def keep(self, peer: str, anchors: Anchors) -> None:
        """Put these in the place of those before. A disk that does not take them loses only the memory of them."""
        self._known[peer] = anchors
        pem = b"".join(one.public_bytes(Encoding.PEM) for one in anchors)
        path = self._path(peer)
        fresh = path.with_suffix(".new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with fresh.open("wb") as file:
                file.write(_HEAD + hashlib.sha256(pem).hexdigest().encode() + b"\n" + pem)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            _log.error("anchors.not-kept", peer=peer, error=type(error).__name__)

    def _read(self, peer: str) -> Anchors | None:
        try:
            head, _, pem = self._path(peer).read_bytes().partition(b"\n")
            if head != _HEAD + hashlib.sha256(pem).hexdigest().encode():
                raise ValueError("the digest is of something else")
            return tuple(x509.load_pem_x509_certificates(pem))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            _log.error("anchors.unreadable", peer=peer, error=type(error).__name__)
            return None

    def _path(self, peer: str) -> Path:
        return self._folder / f"{quote(peer, safe='')}.pem"
