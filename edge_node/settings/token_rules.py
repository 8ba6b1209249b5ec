"""The rules on the settings of tokens.

Knows: that production judges signatures.
Must not know: YAML, files, places in files.
"""

from collections import Counter
from collections.abc import Iterator

from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps

Broken = tuple[Steps, str]


def broken_tokens(settings: Settings) -> Iterator[Broken]:
    """Yield what does not fit."""
    tokens = settings.tokens
    if tokens.anchors is None and settings.node.environment == "production":
        yield (
            ("tokens",),
            "anchors is missing: in production the signatures of tokens are judged, so the CAs of the cards must be "
            "known",
        )
    for name, count in Counter(one.name for one in tokens.issuers).items():
        if count > 1:
            yield ("tokens", "issuers"), f"{name} stands there twice"
