"""Everything that leaves a node, and what lies on its disk, gathered as bytes by the way it leaves.

Knows: every command, address and file that shows something; which of them may show patient data and are left out.
Must not know: what is searched in it.

Left out are the ways by which a named person reads patient data on purpose, each of them in the access log: the inbox
opened, bodies exported, and the access log itself searched, exported or shown to its patient.
"""

import gzip
import io
import sqlite3
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from edge_node.cli.main import main
from edge_node.sandbox.stage import Stage

from .marks import squeezed

_LANGUAGES = ("nl", "en")
_SHOWN = 8  # messages that are shown one by one, of each state
#: What a person reads; each with `--config`.
_COMMANDS = (
    ("status",), ("status", "--json"), ("status", "--lang", "nl"), ("status", "--lang", "en"),
    ("queue", "list", "--limit", "1000"), ("queue", "list", "--ended", "--limit", "1000"),
    ("queue", "list", "--ended", "--limit", "1000", "--json"),
    ("queue", "shape"), ("queue", "shape", "--json"), ("queue", "dead"), ("queue", "dead", "--json"),
    ("queue", "check"),
    ("inbox", "list"), ("inbox", "list", "--json"),
    ("gbz", "list", "--all"), ("gbz", "list", "--all", "--json"), ("gbz", "list", "--lang", "en"),
    ("gbz", "report"), ("gbz", "report", "--html", "--lang", "nl"), ("gbz", "report", "--html", "--lang", "en"),
    ("gbz", "report", "--connect"),
    ("cert", "show", "--json"), ("log", "head"), ("log", "emergencies", "--json"), ("restored", "show"),
)  # fmt: skip


class Gathering:
    """Gathers from a stage that runs, and from its folder when it has ended."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._config = ("--config", str(stage.folder / "site.yaml"))
        self.found: dict[str, bytes] = {}
        self.failed: dict[str, str] = {}

    def shown(self) -> None:
        """What people and machines are shown while it runs."""
        ready = self._stage.node.ready
        for page in ("metrics", "healthz", "readyz", "nothing"):
            self.found[f"management /{page}"] = _fetched(f"http://{ready['management']}/{page}")
        for command in _COMMANDS:
            self._run(command)
        self._run(("queue", "export", "--out", str(self._stage.folder / "rows.ndjson")), may_fail=True)
        for name in ("his", "ais"):
            self._api(ready["local"], name)
        for uid in self._uids():
            self._run(("queue", "show", uid))
            self._run(("queue", "show", uid, "--json"))
        self._bundle()
        self._run(("backup", "--json"))

    def kept(self, when: str) -> None:
        """Every byte on its disk, and what the store says as a table."""
        state = self._stage.folder / "state"
        for path in sorted(it for it in state.rglob("*") if it.is_file()):
            self.found[f"disk, {when}: {path.relative_to(state)}"] = squeezed(path.read_bytes())
        for path in sorted(it for it in (self._stage.folder / "backups").rglob("*") if it.is_file()):
            self.found[f"backup, {when}: {path.name}"] = squeezed(path.read_bytes())
        self.found[f"tables, {when}"] = b"\n".join(_rows(state / "store.db"))

    def written(self) -> None:
        """What the process wrote: this is what the journal of systemd takes."""
        for kind in ("log", "out"):
            self.found[f"process, {kind}"] = (self._stage.folder / f"node.{kind}").read_bytes()

    def _run(self, command: tuple[str, ...], *, may_fail: bool = False) -> None:
        result = CliRunner().invoke(main, [*command, *self._config])
        self.found[f"edge-node {' '.join(command)}"] = result.output.encode()
        if result.exit_code not in {0, 1} and not may_fail:
            self.failed[" ".join(command)] = f"{result.exit_code} {result.output[-300:]}"

    def _uids(self) -> list[str]:
        """Some messages of each state."""
        with closing(sqlite3.connect(f"file:{self._stage.folder / 'state' / 'store.db'}?mode=ro", uri=True)) as store:
            states = [one for (one,) in store.execute("SELECT DISTINCT state FROM messages")]
            chosen = "SELECT lower(hex(uid)) FROM messages WHERE state = ? ORDER BY seq DESC LIMIT ?"
            return [str(uid) for state in states for (uid,) in store.execute(chosen, (state, _SHOWN))]

    def _api(self, local: str, name: str) -> None:
        key = (self._stage.folder / f"{name}.secret").read_text(encoding="utf-8")
        for path in ("events?after=0&limit=500", "status", "inbox", "messages/nothing"):
            made = urllib.request.Request(f"http://{local}/v1/{path}", headers={"Authorization": f"Bearer {key}"})
            self.found[f"local API of {name} /v1/{path}"] = _fetched(made)

    def _bundle(self) -> None:
        path = self._stage.folder / "bundle.tar.gz"
        self._run(("support-bundle", "--why", "a scan", "--out", str(path)))
        for name, content in opened(path.read_bytes()):
            self.found[f"support bundle, {name}"] = content


def opened(bundle: bytes) -> Iterator[tuple[str, bytes]]:
    """What is in a support bundle, and the bytes of the archive without its compression."""
    with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:gz") as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            if file is not None:
                yield member.name, file.read()
    yield "as an archive", gzip.decompress(bundle)


def _rows(path: Path) -> Iterator[bytes]:
    """Every value of the store that is no blob, as text: a number kept as a number has other bytes on the disk."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in sorted(tables):
            for row in store.execute(f'SELECT * FROM "{name}"'):
                yield repr([value for value in row if not isinstance(value, bytes)]).encode()


def _fetched(asked: Any) -> bytes:
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return repr(answer.headers.items()).encode() + b"\n" + answer.read()
    except urllib.error.HTTPError as error:
        return repr(error.headers.items()).encode() + b"\n" + error.read()
