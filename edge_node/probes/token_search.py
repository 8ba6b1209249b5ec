"""Searches files for what looks like a token, in a process of its own.

Knows: how a token begins, as XML, in base64 and as a JSON web token; where it stopped when it had read enough.
Must not know: which files these are, what a finding means. It never repeats what it found.

A process of its own, since whoever closes a file of the database in the process of the node takes SQLite's locks off
it. It is run as a file, and needs nothing but Python.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Final

_CHUNK_BYTES: Final = 1_048_576
#: So much of a chunk is looked at again with the next one: a token is found that lies across both.
_OVERLAP_BYTES: Final = 16_384
_MARKS: Final = (
    b"urn:oasis:names:tc:SAML:2.0:assertion", b"<saml:Assertion", b"<saml2:Assertion", b"urn:aorta:805",
    b"PHNhbWw6QXNzZXJ0aW9u", b"PHNhbWwyOkFzc2VydGlvb", b"PEFzc2VydGlvbi", b"authenticationTokens",
)  # fmt: skip
_WEB_TOKEN: Final = re.compile(rb"eyJ[A-Za-z0-9_-]{16,2048}\.eyJ[A-Za-z0-9_-]{16,8192}\.[A-Za-z0-9_-]{16}")


def search(paths: list[str], start: tuple[int, int], most_bytes: int) -> dict[str, Any]:
    """Search from a place on until all is read, or enough is; say where."""
    found: list[str] = []
    read_bytes, (number, offset) = 0, start
    while number < len(paths):
        try:
            upto, nbytes, is_found = _search_file(Path(paths[number]), offset, most_bytes - read_bytes)
        except FileNotFoundError:
            upto, nbytes, is_found = None, 0, False  # it went away meanwhile
        read_bytes += nbytes
        if is_found:
            found.append(Path(paths[number]).name)
        if upto is not None:
            return {"found": found, "read_bytes": read_bytes, "next": [number, upto]}
        number, offset = number + 1, 0
    return {"found": found, "read_bytes": read_bytes, "next": None}


def _search_file(path: Path, offset: int, most_bytes: int) -> tuple[int | None, int, bool]:
    """Return up to where it came (None: to the end, or far enough), how much it read, whether it found one."""
    nbytes = 0
    with path.open("rb", buffering=0) as file:
        file.seek(max(0, offset - _OVERLAP_BYTES))
        tail = b""
        while chunk := file.read(_CHUNK_BYTES):
            nbytes += len(chunk)
            if _has_token(tail + chunk):
                return None, nbytes, True
            tail = chunk[-_OVERLAP_BYTES:]
            if nbytes >= most_bytes:
                return file.tell(), nbytes, False
    return None, nbytes, False


def _has_token(text: bytes) -> bool:
    return any(mark in text for mark in _MARKS) or _WEB_TOKEN.search(text) is not None


def main() -> None:
    """Read what to do from standard input, and write what came of it."""
    asked = json.load(sys.stdin)
    os.nice(10)
    json.dump(search(asked["paths"], tuple(asked["start"]), asked["most_bytes"]), sys.stdout)


if __name__ == "__main__":
    main()
