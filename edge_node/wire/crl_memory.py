"""What is remembered of the sources of revocation lists from one start to the next.

Knows: the file beside the lists: addresses, and what each source said of the version that is held.
Must not know: when a source is asked, what a list says.

Nothing here is trusted: an address is one to fetch from, and a validator that is wrong costs one fetch too many.
"""

import json
import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

from edge_node.wire.fetching import Validators

#: Sources remembered, those wanted longest ago forgotten first; a site needs some five.
REMEMBERED: Final = 64
_MAX_BYTES: Final = 1024 * 1024
_TEXT: Final = 2048


class SourceMemory:
    """The addresses lists came from; `path` None remembers nothing beyond this process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._said: OrderedDict[str, Validators] = OrderedDict(_read(path))
        self._latest = b""
        self._writing = threading.Lock()  # several lists come at once, each with a thread that writes

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address, the one wanted last at the end."""
        return tuple(self._said)

    def validators(self, address: str) -> Validators:
        """Return what the source said of the version that was taken from it last."""
        return self._said.get(address, Validators())

    def remember(self, address: str, validators: Validators) -> bool:
        """Note what a source says of the version that was just taken; say whether that is new."""
        is_new = self._said.get(address) != validators
        self._said[address] = validators
        self._said.move_to_end(address)
        while len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        return is_new

    def text(self) -> bytes:
        """All of it, as it is kept."""
        said = {at: {"etag": it.etag, "last_modified": it.last_modified} for at, it in self._said.items()}
        self._latest = json.dumps({"version": 1, "sources": said}, indent=1).encode()
        return self._latest

    def write(self, text: bytes) -> None:
        """Keep it, whole or not at all. For a thread. A disk that is full costs a fetch after the next start."""
        with self._writing:
            if self._path is not None and text is self._latest:  # else a newer one is on its way
                _write(self._path, text)


def _write(path: Path, text: bytes) -> None:
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(text)
        fresh.replace(path)
    except OSError:
        return


def _read(path: Path | None) -> dict[str, Validators]:
    try:
        if path is None or path.stat().st_size > _MAX_BYTES:
            return {}
        written = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    sources = written.get("sources") if isinstance(written, dict) and written.get("version") == 1 else None
    if not isinstance(sources, dict):
        return {}
    return {at: _validators(it) for at, it in list(sources.items())[-REMEMBERED:] if len(at) <= _TEXT}


def _validators(written: Any) -> Validators:
    said = written if isinstance(written, dict) else {}
    return Validators(etag=_text(said.get("etag")), last_modified=_text(said.get("last_modified")))


def _text(written: object) -> str:
    return written if isinstance(written, str) and len(written) <= _TEXT and written.isprintable() else ""
