"""A support bundle of what can be read while the daemon does not answer.

Knows: where each part is found without it: settings, store, files of certificates, the log of the machine.
Must not know: what is blanked, where the file goes.
"""

import subprocess
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from edge_node import __version__
from edge_node.cli import offline
from edge_node.cli.where import Where
from edge_node.errors import EdgeNodeError, SettingsInvalid
from edge_node.settings.schema import Settings
from edge_node.status.log_tail import MOST_LINES
from edge_node.status.support_file import Bundle, Gathered, pack
from edge_node.status.support_verbs import ASKED

_JOURNAL: Final = (
    "journalctl", "--unit=edge-node", "--output=cat", "--no-pager", "--quiet", f"--lines={MOST_LINES}",
)  # fmt: skip
_JOURNAL_S: Final = 15.0
#: Of the end of a file; a thousand lines are a quarter of it.
_MOST_BYTES: Final = 2 * 1024 * 1024
#: Verbs of the daemon that the store answers by itself.
_STORED: Final = ("queue-shape", "queue-stuck")


def made_here(where: Where, config: Sequence[Path], log: Path | None, at: datetime) -> Bundle:
    """Return one; what cannot be had is left out, with the reason."""
    parts = _Parts()
    settings = parts.had("settings", lambda: _settings(config))
    parts.take("version", _version)
    if isinstance(settings, Settings):
        parts.take("settings", lambda: _shown(settings))
        parts.take("certificates", lambda: _certificates(config))
    parts.take("queue", lambda: _queue(where.store))
    for name in _STORED:
        parts.take(name, partial(_looked, where.store, name))
    parts.take("checks", lambda: _checks(where.store))
    for name in ("status", "metrics", "access-log"):
        parts.left_out[name] = "EN-CONTROL"
    return pack(
        Gathered(
            node=settings.node.id if isinstance(settings, Settings) else "unknown",
            release=__version__,
            at=at,
            made_by="command",
            documents=parts.documents,
            log=parts.had("log", lambda: _lines(log)),
            left_out=parts.left_out,
            people=_people(settings) if isinstance(settings, Settings) else frozenset(),
        )
    )


class _Parts:
    """What was found, and why the rest was not."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.left_out: dict[str, str] = {}

    def had(self, name: str, find: Callable[[], Any]) -> Any:
        """Return what is found, or None."""
        try:
            return find()
        except SettingsInvalid as error:
            self.documents[name] = {"complaints": list(error.complaints)}
        except EdgeNodeError as error:
            self.left_out[name] = error.code
        except (OSError, subprocess.SubprocessError) as error:
            self.left_out[name] = type(error).__name__
        return None

    def take(self, name: str, find: Callable[[], Any]) -> None:
        """Take what is found as a part."""
        if (found := self.had(name, find)) is not None:
            self.documents[name] = found


def _settings(config: Sequence[Path]) -> Settings:
    from edge_node.settings.load import load

    if not config:
        raise EdgeNodeError("no --config", code="EN-NOT-FOUND")
    return load(tuple(config))


def _shown(settings: Settings) -> dict[str, Any]:
    from edge_node.settings.shown import shown

    return {"hash": settings.hash, "settings": shown(settings)}


def _people(settings: Settings) -> frozenset[str]:
    from edge_node.settings.shown import people

    return people(settings)


def _version() -> dict[str, Any]:
    from edge_node.supporting import version

    return version()


def _certificates(config: Sequence[Path]) -> dict[str, Any]:
    from edge_node.cli.cert_reading import read

    return read(config)


def _queue(store: Path) -> list[dict[str, Any]]:
    from edge_node.machine import MachineClock
    from edge_node.status.document import of_overview
    from edge_node.store.reader import Reader

    return of_overview(Reader(_existing(store), MachineClock()).overview())


def _looked(store: Path, name: str) -> Any:
    return offline.look(_existing(store), ASKED[name], lambda _part: None, lambda _stop: nullcontext())


def _checks(store: Path) -> list[dict[str, Any]]:
    """What was found last, by the node that ran."""
    from edge_node.machine import MachineClock
    from edge_node.status.check_document import of_change
    from edge_node.store import check_tables
    from edge_node.store.reader import Reader

    reader = Reader(_existing(store), MachineClock())
    last = reader.look(lambda connection, _: check_tables.memory(connection)).last
    return [{"name": name, **of_change(change)} for name, change in sorted(last.items())]


def _existing(store: Path) -> Path:
    if not store.exists():
        raise EdgeNodeError(f"there is no store at {store}", code="EN-NOT-FOUND")
    return store


def _lines(log: Path | None) -> tuple[str, ...]:
    if log is not None:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _MOST_BYTES))
            text = file.read(_MOST_BYTES)
    else:
        told = subprocess.run(_JOURNAL, capture_output=True, check=True, timeout=_JOURNAL_S)  # noqa: S603  ours, whole
        text = told.stdout
    return tuple(text.decode("utf-8", "replace").splitlines()[-MOST_LINES:])
