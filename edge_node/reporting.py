"""The report on the checks of a node: one document, signed with the node's own key.

Knows: what stands in a report beside the verdicts, that what is signed is exactly the bytes that are handed out.
Must not know: how a check is judged, where the key is kept.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from edge_node import __version__
from edge_node.model.check import Topic, Verdict
from edge_node.model.gbz_report import PURPOSE, SignedReport, Wish
from edge_node.settings.schema import Settings
from edge_node.status.check_document import counts, of_verdicts
from edge_node.status.document import Document, moment

_KIND: Final = "edge-node report on the checks of a well-managed care system"
_VERSION: Final = 1


class Public(Protocol):
    """The half of the key that whoever checks has."""

    @property
    def id(self) -> str: ...
    @property
    def pem(self) -> bytes: ...


class Key(Protocol):
    """The node's own key."""

    @property
    def public(self) -> Public: ...
    def sign(self, purpose: str, data: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a report is made of."""

    verdicts: Callable[[], tuple[Verdict, ...]]
    settings: Callable[[], Settings]
    moment: Callable[[], datetime]
    key: Callable[[], Key | None]
    log_head: Callable[[], str | None]  # the newest signed head of the access log


class Reporting:
    """Makes reports."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def make(self, wish: Wish) -> SignedReport:
        """Return one, as of now."""
        key, document = self._parts.key(), self.document(wish)
        content = _page(document, wish) if wish.is_page else _json(document)
        return SignedReport(
            name=_name(document, wish),
            content=content,
            signature=b"" if key is None else key.sign(PURPOSE, content),
            key_id="" if key is None else key.public.id,
            public_key="" if key is None else key.public.pem.decode("ascii"),
        )

    def document(self, wish: Wish) -> Document:
        """What stands in it."""
        parts, settings, key = self._parts, self._parts.settings(), self._parts.key()
        verdicts = [it for it in parts.verdicts() if it.check.topic is Topic.CONNECTING or not wish.only_connecting]
        return {
            "kind": _KIND,
            "version": _VERSION,
            "at": moment(parts.moment()),
            "node": settings.node.id,
            "environment": settings.node.environment,
            "release": __version__,
            "settings_hash": settings.hash,
            "organisations": [{"name": one.organisation, "ura": one.ura} for one in settings.identities],
            "access_log_head": parts.log_head(),
            "signing_key": None if key is None else key.public.id,
            "counts": counts(verdicts),
            "checks": of_verdicts(verdicts),
        }


def _json(document: Document) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _page(document: Document, wish: Wish) -> bytes:
    from edge_node.status.check_page import page  # jinja2 takes longer to import than a start may

    return page(document, wish.language).encode()


def _name(document: dict[str, Any], wish: Wish) -> str:
    part = "connect" if wish.only_connecting else "report"
    ending = f"-{wish.language}.html" if wish.is_page else ".json"
    return f"gbz-{part}-{document['node']}-{document['at'][:10]}{ending}"
