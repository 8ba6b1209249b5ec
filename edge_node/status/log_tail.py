"""The last lines of the log, kept in memory while they are written where they always go.

Knows: how many lines and characters it keeps.
Must not know: what a line says, who reads it.
"""

from collections import deque
from typing import Final, TextIO

MOST_LINES: Final = 1000
_MOST_CHARACTERS: Final = 512 * 1024


class LogTail:
    """A stream that writes to another one and remembers the end of it."""

    def __init__(self, stream: TextIO, most_lines: int = MOST_LINES) -> None:
        self._stream = stream
        self._most_lines = most_lines
        self._lines: deque[str] = deque()
        self._held = 0
        self._begun = ""

    def write(self, text: str) -> int:
        """Write, and remember each whole line."""
        written = self._stream.write(text)
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._lines.append(line)
            self._held += len(line)
        while len(self._lines) > self._most_lines or self._held > _MOST_CHARACTERS:
            self._held -= len(self._lines.popleft())
        return written

    def flush(self) -> None:
        """Have the other one write what it holds."""
        self._stream.flush()

    def lines(self) -> tuple[str, ...]:
        """The lines that are remembered, oldest first."""
        return tuple(self._lines)
