"""The bytes of kept messages, sealed.

Knows: the table of bytes, and that all a message says is one sealed blob in it.
Must not know: the rows of messages, when bytes are removed.
"""

import json
import struct
from typing import Any, Final

from edge_node.model.message import Format, Payload
from edge_node.store.session import Session

KIND: Final = "body"
_LENGTH: Final = struct.Struct(">I")
_INSERT: Final = """
    INSERT INTO bodies (seq, path, soap_action, content_type, body, format, method, headers, key)
    VALUES (?, '', '', '', ?, '', '', '', ?)"""
_WRITE: Final = """
    UPDATE bodies SET path = '', soap_action = '', content_type = '', body = ?, format = '', method = '',
        headers = '', key = ? WHERE seq = ?"""
#: The name of its message goes into the seal: another's bytes do not open in its place.
_READ: Final = """
    SELECT path, soap_action, content_type, body, format, method, headers, bodies.key, uid
    FROM bodies JOIN messages USING (seq) WHERE seq = ?"""


def add(session: Session, seq: int, uid: str, payload: Payload) -> None:
    """Keep the bytes of a new message."""
    session.execute(_INSERT, (seq, session.sealer.seal(KIND, uid.encode(), _packed(payload)), session.sealer.number))


def get(session: Session, seq: int) -> Payload | None:
    """Return the bytes; None when their time was over. Raises `Unreadable`."""
    row = session.execute(_READ, (seq,)).fetchone()
    if row is None:
        return None
    *plain, key, uid = row
    return _plain(plain) if key is None else _unpacked(session.sealer.open(KIND, uid.encode(), plain[3]))


def change(session: Session, seq: int, uid: str, payload: Payload) -> None:
    """The message has other bytes now, or is sealed under today's key."""
    session.execute(_WRITE, (session.sealer.seal(KIND, uid.encode(), _packed(payload)), session.sealer.number, seq))


def _packed(payload: Payload) -> bytes:
    """What is sealed: what goes with the body as JSON, after its length; then the body as it is."""
    beside = json.dumps(
        (
            payload.path,
            payload.soap_action,
            payload.content_type,
            payload.format.value,
            payload.method,
            payload.headers,
        )
    ).encode()
    return b"".join((_LENGTH.pack(len(beside)), beside, payload.body))


def _unpacked(packed: bytes) -> Payload:
    (length,) = _LENGTH.unpack_from(packed)
    start = _LENGTH.size
    path, soap_action, content_type, form, method, headers = json.loads(packed[start : start + length])
    return Payload(
        path=path,
        soap_action=soap_action,
        content_type=content_type,
        body=packed[start + length :],
        format=Format(form),
        method=method,
        headers=tuple((name, value) for name, value in headers),
    )


def _plain(row: list[Any]) -> Payload:
    """The bytes of a message that a release before sealing kept."""
    path, soap_action, content_type, body, form, method, headers = row
    return Payload(
        path=path,
        soap_action=soap_action,
        content_type=content_type,
        body=body,
        format=Format(form),
        method=method,
        headers=tuple((name, value) for name, value in json.loads(headers)),
    )
