"""The settings loader: whatever a file holds, it is settings or complaints with a place.

Knows: how settings are read, that every complaint is `file:line:col: key: reason`.
Must not know: what any setting is for.
"""

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from edge_node.errors import SettingsInvalid
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from fuzz.target import Cost, Crash

Load = Callable[[bytes], Settings]
_EXAMPLES: Final = Path(__file__).resolve().parent.parent / "config"
_COMPLAINT: Final = re.compile(r"settings\.yaml:\d+:\d+: [^\n]+")
WORDS: Final = (
    b"version: 1\n", b"node:\n", b"identities:\n", b"local:\n", b"switchboard:\n", b"store:\n",
    b"management:\n", b"- ", b"  ", b"&a ", b"*a", b"<<: *a", b"!!python/object:os.system", b"!!binary ",
    b"---\n", b"...\n", b"? ", b": ", b"|\n", b">-\n", b"{", b"}", b"[", b"]", b"null", b"~", b"yes", b"0x7f",
    b"1_000", b"1e400", b".inf", b".nan", b"2026-11-22", b"9999999999999999999999", b"-1", b'"\\u0000"',
    b'"\\ud800"', b"\xef\xbb\xbf", b"\t", b"%YAML 1.2\n", b"# x\n", b"port:", b"host:", b"key:",
    b"certificate:", b"credential:x", b"/etc/passwd",
)  # fmt: skip


def load_bytes(data: bytes) -> Settings:
    """Load settings from a file that holds these bytes."""
    with tempfile.TemporaryDirectory(prefix="edge-node-") as folder:
        file = Path(folder) / "settings.yaml"
        file.write_bytes(data)
        return load((file,))


@cache
def examples() -> tuple[bytes, ...]:
    """The settings that come with the product."""
    return tuple(file.read_bytes() for file in sorted(_EXAMPLES.rglob("*.yaml")))


@dataclass(frozen=True, slots=True)
class SettingsTarget:
    """Loads settings."""

    load: Load = load_bytes

    @property
    def seeds(self) -> tuple[bytes, ...]:
        """The examples."""
        return examples()

    @property
    def words(self) -> tuple[bytes, ...]:
        """Keys, and what YAML has that nobody expects."""
        return WORDS

    def run(self, data: bytes) -> None:
        """Try one file."""
        try:
            with Cost():
                self.load(data)
        except SettingsInvalid as error:
            self._has_places(error.complaints)

    @staticmethod
    def _has_places(complaints: tuple[str, ...]) -> None:
        if not complaints:
            raise Crash("refused without a word")
        if not all(_COMPLAINT.search(complaint) for complaint in complaints):
            raise Crash("a complaint without a place")
