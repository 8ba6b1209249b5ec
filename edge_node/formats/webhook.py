"""The signature of a webhook, as the Standard Webhooks specification has it.

Knows: which three headers go with a call, over what the signature is.
Must not know: what the call says, to whom it goes.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

Headers = tuple[tuple[str, str], ...]


def headers(name: str, at_s: int, body: bytes, secrets: Sequence[bytes]) -> Headers:
    """Return the headers of one call: its id, which a second try has too, its moment, one signature a secret."""
    signed = f"{name}.{at_s}.".encode() + body
    signatures = (base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode() for secret in secrets)
    return (
        ("content-type", "application/json"),
        ("webhook-id", name),
        ("webhook-timestamp", str(at_s)),
        ("webhook-signature", " ".join(f"v1,{signature}" for signature in signatures)),
    )
