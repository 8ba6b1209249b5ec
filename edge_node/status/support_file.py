"""One file with all that helps whoever helps a site: a compressed archive, with a list of what is in it.

Knows: the form of the archive, of the list, and of each kind of part.
Must not know: where a part comes from.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from edge_node.status.blanking import Blanking
from edge_node.status.document import Document, moment

_KIND: Final = "edge-node support bundle"
_VERSION: Final = 1
_CONTENTS: Final = "contents.json"
_NOT_IN_IT: Final = (
    "Not in it: messages, patients, tokens, keys, secrets, and who works at the site. Ids that local systems gave "
    "their messages stand as digests."
)
#: Of a line of the log these stay out: text of a library, which may quote what it choked on.
_FOREIGN: Final = frozenset({"text"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What was gathered, before anything is blanked."""

    node: str
    release: str
    at: datetime
    made_by: str  # the daemon, or the command itself
    documents: Mapping[str, Any] = field(default_factory=dict)  # by the name of the part
    figures: str | None = None
    log: tuple[str, ...] | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)  # parts that could not be had, and why
    people: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The file, and what is in it."""

    name: str
    content: bytes = field(repr=False)
    contents: tuple[Document, ...]
    left_out: Mapping[str, str]

    @property
    def document(self) -> Document:
        """What is told of it."""
        return {
            "name": self.name,
            "nbytes": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "contents": list(self.contents),
            "left_out": dict(self.left_out),
        }


def pack(gathered: Gathered) -> Bundle:
    """Blank what may not leave, and put the rest together. Takes some 50 ms: a daemon does it in a thread."""
    files: dict[str, bytes] = {}
    contents: list[Document] = []
    for name, (content, blanked) in _parts(gathered):
        files[name] = content
        digest = hashlib.sha256(content).hexdigest()
        contents.append({"name": name, "nbytes": len(content), "sha256": digest, "blanked": blanked})
    listed = {
        "kind": _KIND,
        "version": _VERSION,
        "node": gathered.node,
        "release": gathered.release,
        "at": moment(gathered.at),
        "made_by": gathered.made_by,
        "contents": contents,
        "left_out": dict(gathered.left_out),
        "note": _NOT_IN_IT,
    }
    archive = _archive({_CONTENTS: _json(listed), **files}, gathered.at)
    stem = f"edge-node-support-{gathered.node}-{gathered.at:%Y%m%dT%H%M%SZ}"
    return Bundle(name=f"{stem}.tar.gz", content=archive, contents=tuple(contents), left_out=dict(gathered.left_out))


def _parts(gathered: Gathered) -> Iterable[tuple[str, tuple[bytes, int]]]:
    for name, document in gathered.documents.items():
        blanking = Blanking(gathered.people)
        yield f"{name}.json", (_json(blanking.document(document)), blanking.count)
    if gathered.figures is not None:
        blanking = Blanking(gathered.people)
        yield "metrics.txt", (blanking.figures(gathered.figures).encode(), blanking.count)
    if gathered.log is not None:
        blanking = Blanking(gathered.people)
        yield "log.ndjson", (_log(gathered.log, blanking), blanking.count)


def _log(lines: Iterable[str], blanking: Blanking) -> bytes:
    """The lines this node wrote as it writes them; of any other line only that there was one."""
    kept: list[str] = []
    foreign = 0
    for line in lines:
        event = _event(line)
        if event is None:
            foreign += 1
            continue
        own = {name: value for name, value in event.items() if name not in _FOREIGN}
        kept.append(json.dumps(blanking.document(own), ensure_ascii=False))
    if foreign:
        kept.append(json.dumps({"event": "support.lines-left-out", "lines": foreign}))
    return "".join(f"{line}\n" for line in kept).encode()


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def _json(document: Any) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def _archive(files: Mapping[str, bytes], at: datetime) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=int(at.timestamp())) as pressed,
        tarfile.open(fileobj=pressed, mode="w") as archive,
    ):
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), 0o600, int(at.timestamp())
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
