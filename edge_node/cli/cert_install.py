"""The command that puts a new certificate in use, or the one before it.

Knows: its options, how files are read, what a person is told.
Must not know: what a certificate must say, how it is tried or shown.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits, files
from edge_node.cli.cert_asking import ask, identity_option, json_option, layers_option, socket_option
from edge_node.cli.cert_trials import show_trials
from edge_node.cli.cert_verify import Moment
from edge_node.cli.cert_words import Language, Teller, language_option
from edge_node.cli.fields import why_option
from edge_node.cli.show import note, readable, say
from edge_node.errors import Refused

_FILE: Final = click.Path(path_type=Path)
_MAX_BYTES: Final = 262_144


@click.command("install")
@layers_option
@socket_option
@identity_option
@click.option("--certificate", type=_FILE, metavar="FILE", help="The certificate as it came: PEM, DER or PKCS#7.")
@click.option("--chain", type=_FILE, multiple=True, metavar="FILE", help="The CAs above it, where they came apart.")
@click.option("--key", type=_FILE, metavar="FILE", help="Its key, PEM, where it was not made by `cert csr`.")
@click.option("--key-passphrase", type=_FILE, metavar="FILE", help="The file with the passphrase of that key.")
@click.option("--at", "moment", type=Moment(), metavar="RFC3339", help="Show it from that moment on, not at once.")
@click.option("--untested", is_flag=True, help="Show it without a handshake with the switchboard.")
@click.option("--back", is_flag=True, help="Show the one again that was shown before the last installation.")
@why_option
@language_option
@json_option
def install(config: tuple[Path, ...], socket: Path | None, as_json: bool, language: Language, **how: Any) -> int:
    """Put a new certificate in use, once it fits and the switchboard took it in a handshake.

    Requests in hand end on the connections they are on, and the certificate before it stays at hand.
    """
    if how["back"]:
        if how["certificate"] is not None:
            raise click.UsageError("Name a certificate, or say --back: one of the two.")
        request: dict[str, Any] = {"verb": "cert.back", "identity": how["identity"], "why": how["why"]}
    elif how["certificate"] is None:
        raise click.UsageError("Name the certificate with --certificate.")
    elif how["key_passphrase"] is not None and how["key"] is None:
        raise click.UsageError("--key-passphrase goes with --key.")
    else:
        request = _request(how["identity"], how, how["why"])
    tell = Teller(language)
    done = ask(config, socket, request, tell)
    if as_json:
        say(json.dumps(done))
    else:
        _shown(done, tell)
    return _exit_code(done)


def _of_waiting(done: Mapping[str, Any]) -> int:
    """One that waits for its day is well; one that could not be tried asks for another look."""
    return exits.TRY_LATER if done["tried"] and not _is_taken(done) else exits.GOOD


def _exit_code(done: Mapping[str, Any]) -> int:
    if done["result"] == "waiting":
        return _of_waiting(done)
    return exits.GOOD if done["result"] == "in use" else exits.FINDING


def _is_taken(done: Mapping[str, Any]) -> bool:
    return any(one["outcome"] == "taken" and one["role"] == "zim" for one in done["tried"])


def _request(identity: str, how: Mapping[str, Any], why: str) -> dict[str, Any]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from edge_node.wire.trust_fitting import read_certificates_file

    found: list[x509.Certificate] = []
    for path in (how["certificate"], *how["chain"]):
        try:
            found += read_certificates_file(files.read(path, _MAX_BYTES, "EN-CERT-UNFIT"))
        except Refused as refused:
            raise Refused(f"{path} {refused.detail}", code=refused.code) from None
    moment: datetime | None = how["moment"]
    return {
        "verb": "cert.install",
        "identity": identity,
        "certificates": [base64.b64encode(one.public_bytes(Encoding.DER)).decode("ascii") for one in found],
        "key": _key(how["key"], how["key_passphrase"]),
        "untested": how["untested"] or None,
        "at": None if moment is None else moment.isoformat(),
        "why": why,
    }


def _key(path: Path | None, passphrase: Path | None) -> str | None:
    """Read a key under the rules of every key of the node; its passphrase goes no further than here."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from edge_node.wire.trust_keys import load_key

    if path is None:
        return None
    try:
        key = load_key(str(path), passphrase=None if passphrase is None else str(passphrase))
    except Refused as refused:
        told = refused.detail.replace("in key_passphrase", "with --key-passphrase").replace("key_passphrase", "it")
        raise Refused(f"{path}: {told}", code=refused.code) from None
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def _shown(done: Mapping[str, Any], tell: Teller) -> None:
    for finding in done["wrong"]:
        say(f"{finding['code']}: {readable(finding['detail'])}")
    for finding in done["notes"]:
        note(tell("install.note", code=finding["code"], detail=readable(finding["detail"])))
    show_trials(done["tried"], tell)
    tellers = {"in use": _in_use, "waiting": _waiting, "unfit": _unfit, "refused": _refused}
    tellers[done["result"]](done, tell)


def _in_use(done: Mapping[str, Any], tell: Teller) -> None:
    now, before = done["now"], done["before"]
    say(
        tell(
            "install.in use", identity=done["identity"], subject=readable(now["subject"]), until=now["not_after"][:10]
        )
    )
    if before is not None:
        note(tell("install.before", until=before["not_after"][:10]))
    note(tell("install.settings"))
    note(f"  certificate: {now['certificate']}")
    note(f"  key: {now['key']}")


def _waiting(done: Mapping[str, Any], tell: Teller) -> None:
    if done["tried"] and not _is_taken(done):
        what, do = tell.page("EN-CERT-UNTESTED")
        say(f"EN-CERT-UNTESTED: {what}")
        note(tell("do", do=do))
    else:
        say(tell("install.waits", identity=done["identity"]))


def _unfit(done: Mapping[str, Any], tell: Teller) -> None:
    say(" ".join(("EN-CERT-UNFIT:", *tell.page("EN-CERT-UNFIT"))))


def _refused(done: Mapping[str, Any], tell: Teller) -> None:
    say(" ".join(("EN-CERT-NOT-TAKEN:", *tell.page("EN-CERT-NOT-TAKEN"))))
