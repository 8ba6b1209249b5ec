"""SHA-256 over one range of the bytes that are fed.

Knows: where in the bytes an element begins and ends, as the parser tells.
Must not know: XML beyond the one sign that closes a tag.
"""

import hashlib


class RangeDigest:
    """Takes the bytes as they come, holds back only what the parser has not finished with."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._held = b""
        self._held_at = 0
        self._begin: int | None = None
        self._end_tag: int | None = None
        self._done = False

    def begin(self, at: int) -> None:
        """The range begins with the byte at that place."""
        self._begin = at

    def end(self, at: int) -> None:
        """The range ends with the tag that begins at that place."""
        self._end_tag = at

    def add(self, piece: bytes, parsed_to: int) -> None:
        """Take a piece after it was parsed; `parsed_to` is where the parser stands."""
        if self._done:
            return
        held = self._held + piece if self._held else piece
        first = self._held_at
        if self._begin is not None and self._begin > first:
            before = min(self._begin - first, len(held))
            held, first = held[before:], first + before
        if self._end_tag is not None:
            # An end tag holds no other ">" than its last byte.
            self._hash.update(held[: held.index(b">", self._end_tag - first) + 1])
            self._done, self._held = True, b""
            return
        cut = min(max(0, parsed_to - first), len(held))
        if self._begin is not None and first >= self._begin:
            self._hash.update(held[:cut])
        self._held, self._held_at = held[cut:], first + cut

    def digest(self) -> bytes:
        """The digest of what has been taken."""
        return self._hash.digest()
