"""The verbs on certificates of this site: asked for, installed, tried, taken back.

Knows: their names and fields, and what they answer.
Must not know: what a certificate says, how one is put in use.
"""

import base64
import binascii
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from edge_node.model.finding import Finding
from edge_node.model.renewal import Asked, Installation, Offered, Pairing, Requested, Result, Trial, Tried
from edge_node.status.document import Document, moment
from edge_node.status.ports import Renewing
from edge_node.status.verbs import Call, Request, Verb, flag_of, text_of, wrong

_MAX_CERTIFICATES: Final = 10
_MAX_KEY: Final = 16_384
_MAX_NAME: Final = 128
_OUTCOMES: Final = {
    Result.IN_USE: "done",
    Result.WAITING: "waiting",
    Result.UNFIT: "EN-CERT-UNFIT",
    Result.REFUSED: "EN-CERT-NOT-TAKEN",
}


def verbs(renewing: Renewing) -> dict[str, Verb]:
    """Return them."""

    async def request(call: Call) -> Document:
        return of_requested(await renewing.request(_asked(call.fields)))

    async def requests(call: Call) -> list[Document]:
        return [of_requested(one) for one in await renewing.requests(text_of(call.fields, "identity"))]

    async def install(call: Call) -> Document:
        return of_installation(await renewing.install(_offered(call.fields)))

    async def back(call: Call) -> Document:
        return of_installation(await renewing.back(_identity(call.fields)))

    async def test(call: Call) -> list[Document]:
        tried = await renewing.test(_identity(call.fields), text_of(call.fields, "peer"))
        return [of_trial(one) for one in tried]

    return {
        "cert.request": Verb(
            fields=frozenset({"identity", "kind", "state", "locality", "replace", "why"}),
            changes=True,
            target=_identity,
            run=request,
        ),
        "cert.requests": Verb(fields=frozenset({"identity"}), run=requests),
        "cert.install": Verb(
            fields=frozenset({"identity", "certificates", "key", "untested", "at", "why"}),
            changes=True,
            target=_identity,
            run=install,
            outcome=_outcome,
        ),
        "cert.back": Verb(
            fields=frozenset({"identity", "why"}), changes=True, target=_identity, run=back, outcome=_outcome
        ),
        "cert.test": Verb(fields=frozenset({"identity", "peer"}), run=test),
    }


def _outcome(done: Document) -> str:
    """An answer that tells why nothing was changed is no change."""
    return _OUTCOMES[done["result"]]


def of_requested(one: Requested) -> Document:
    """A request that waits."""
    return {
        "identity": one.identity,
        "number": one.number,
        "subject": one.subject,
        "fqdn": one.fqdn,
        "key": one.kind,
        "at": moment(one.at),
        "pem": one.pem,
    }


def of_installation(done: Installation) -> Document:
    """What an installation did."""
    return {
        "identity": done.identity,
        "result": done.result.value,
        "wrong": _of_findings(done.wrong),
        "notes": _of_findings(done.notes),
        "tried": [of_tried(one) for one in done.tried],
        "now": _of_pairing(done.now),
        "before": _of_pairing(done.before),
    }


def of_trial(trial: Trial) -> Document:
    """The handshakes of one certificate."""
    return {
        "identity": trial.identity,
        "certificate": trial.certificate,
        "standing": trial.standing,
        "tried": [of_tried(one) for one in trial.tried],
    }


def of_tried(tried: Tried) -> Document:
    """A handshake with one peer."""
    return {
        "peer": tried.peer,
        "role": tried.role,
        "outcome": tried.outcome.value,
        "status": tried.status,
        "steps": [
            {"stage": step.stage.value, "took_s": step.took_s, "told": step.told, "code": step.code or None}
            for step in tried.steps
        ],
    }


def _of_findings(found: Iterable[Finding]) -> list[Document]:
    return [{"code": one.code, "detail": one.detail} for one in found]


def _of_pairing(pair: Pairing | None) -> Document | None:
    if pair is None:
        return None
    return {
        "subject": pair.subject,
        "fingerprint": pair.fingerprint,
        "not_before": moment(pair.not_before),
        "not_after": moment(pair.not_after),
        "certificate": pair.certificate,
        "key": pair.key,
    }


def _asked(fields: Request) -> Asked:
    return Asked(
        identity=_identity(fields),
        kind=text_of(fields, "kind") or "RSA-4096",
        state=_part_of_name(fields, "state"),
        locality=_part_of_name(fields, "locality"),
        replace=flag_of(fields, "replace"),
    )


def _part_of_name(fields: Request, key: str) -> str | None:
    """A part of the subject: a person reads it at the register, and in a terminal."""
    text = text_of(fields, key)
    if text is not None and not (0 < len(text) <= _MAX_NAME and text.isprintable()):
        raise wrong(f"{key} is text of at most {_MAX_NAME} characters, on one line")
    return text


def _offered(fields: Request) -> Offered:
    key = fields.get("key")
    if key is not None and not (isinstance(key, str) and len(key) <= _MAX_KEY and key.isascii()):
        raise wrong("key is a private key in PEM")
    return Offered(
        identity=_identity(fields),
        certificates=tuple(_certificates(fields.get("certificates"))),
        key=None if key is None else key.encode("ascii"),
        untested=flag_of(fields, "untested"),
        at=_moment(text_of(fields, "at")),
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong("at is a moment with its zone") from None


def _certificates(given: Any) -> Iterable[bytes]:
    if not isinstance(given, list) or not 0 < len(given) <= _MAX_CERTIFICATES:
        raise wrong(f"certificates is a list of 1 to {_MAX_CERTIFICATES}")
    for one in given:
        try:
            yield base64.b64decode(one, validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise wrong("each certificate is DER in base64") from None


def _identity(fields: Request) -> str:
    name = text_of(fields, "identity")
    if not name:
        raise wrong("identity is the name of an organisation in the settings")
    return name
