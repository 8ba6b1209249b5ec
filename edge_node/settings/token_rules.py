"""The rules on the settings of tokens.

Knows: that production judges signatures, what the node needs before it signs itself.
Must not know: YAML, files, places in files.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps

Broken = tuple[Steps, str]
#: What a token made here must last beyond its margins, so that it arrives at all.
_LEAST_S: Final = 5.0


def broken_tokens(settings: Settings) -> Iterator[Broken]:
    """Yield what does not fit."""
    tokens = settings.tokens
    if tokens.anchors is None and settings.node.environment == "production":
        yield (
            ("tokens",),
            "anchors is missing: in production the signatures of tokens are judged, so the CAs of the cards must be "
            "known",
        )
    yield from _broken_signing(settings)
    for name, count in Counter(one.name for one in tokens.issuers).items():
        if count > 1:
            yield ("tokens", "issuers"), f"{name} stands there twice"


def _broken_signing(settings: Settings) -> Iterator[Broken]:
    """The node signs only what rests on tokens it has proven, with a certificate for that alone."""
    tokens, signs = settings.tokens, any(one.token_signing is not None for one in settings.identities)
    if signs and tokens.signed_lasts_s < tokens.signed_before_s + tokens.queue_delay_s + _LEAST_S:
        yield (
            ("tokens", "signed_lasts_s"),
            f"leaves a token that is made here less than {_LEAST_S:.0f} seconds: it begins signed_before_s before it "
            "is made, and must still count for queue_delay_s",
        )
    for i, identity in enumerate(settings.identities):
        if identity.token_signing is not None and settings.tokens.anchors is None:
            yield (
                ("identities", i, "token_signing"),
                "needs tokens.anchors: the node signs only for mandates and enrolments that it has proven",
            )
        for j, application in enumerate(identity.applications):
            if application.server_signed and identity.token_signing is None:
                yield (
                    ("identities", i, "applications", j, "server_signed"),
                    f"needs token_signing of {identity.name}: a certificate that signs tokens",
                )


def hints_on_signing(settings: Settings) -> Iterator[Broken]:
    """Yield where one certificate serves two purposes: what is stolen from one would be good for the other."""
    for i, identity in enumerate(settings.identities):
        signing = identity.token_signing
        if signing is not None and identity.key == signing.key:
            yield (
                ("identities", i, "token_signing", "key"),
                "is the key of TLS as well; ask for a certificate that only signs tokens",
            )
