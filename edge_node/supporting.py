"""What a support bundle is gathered from in a node that runs, and in one that does not.

Knows: where the facts of a bundle are found that no verb answers.
Must not know: what is blanked, how a bundle is packed or who gets it.
"""

import platform
import sys
from collections.abc import Awaitable, Callable
from importlib import metadata
from typing import Final

from OpenSSL import SSL

from edge_node import __version__
from edge_node.machine import Machine
from edge_node.settings.schema import Settings
from edge_node.settings.shown import people, shown
from edge_node.status.document import Document
from edge_node.status.metrics import Metrics
from edge_node.status.snapshot import Snapshot
from edge_node.status.support_verbs import Sources

_LIBRARIES: Final = (
    "twisted", "pyopenssl", "cryptography", "httptools", "lxml", "signxml", "pydantic", "structlog", "joserfc",
)  # fmt: skip


def sources(
    settings: Callable[[], Settings],
    metrics: Metrics,
    look: Callable[[], Awaitable[Snapshot]],
    machine: Machine,
) -> Sources:
    """Return them for a node that runs."""

    async def figures() -> str:
        metrics.show(await look())
        return metrics.text().decode()

    return Sources(
        node=lambda: settings().node.id,
        release=__version__,
        now=machine.clock.moment,
        version=version,
        settings=lambda: {"hash": settings().hash, "settings": shown(settings())},
        people=lambda: people(settings()),
        figures=figures,
        log=machine.recall,
        aside=machine.aside,
    )


def version() -> Document:
    """The program and what it stands on."""
    return {
        "release": __version__,
        "python": platform.python_version(),
        "openssl": SSL.SSLeay_version(SSL.SSLEAY_VERSION).decode("ascii", "replace"),
        "system": _system(),
        "libraries": {name: _installed(name) for name in _LIBRARIES},
    }


def _system() -> Document:
    try:
        release = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        release = ""
    return {
        "name": release,
        "kernel": platform.release(),
        "machine": platform.machine(),
        "executable": sys.executable,
    }


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
