"""The command that judges a certificate somebody sent.

Knows: its options, how files are read with a limit, how a verdict is told, how long it may take.
Must not know: what makes a certificate good.
"""

import json
import re
import threading
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import rich_click as click

from edge_node.cli import exits, files
from edge_node.cli.cert_words import Language, Teller, language_option
from edge_node.cli.show import note, printable, readable, say, table
from edge_node.errors import Refused

if TYPE_CHECKING:
    from cryptography import x509

    from edge_node.wire.trust_sent import Accepted

T = TypeVar("T")

#: Verifying takes milliseconds. With the start of the command it never takes more than five seconds.
_LIMIT_S: Final = 3.5
_MAX_LIST_BYTES: Final = 20 * 1024 * 1024
_MAX_FILES: Final = 64
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


class Moment(click.ParamType[datetime]):
    """A moment as RFC 3339 writes it, with its zone."""

    name = "RFC3339"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it into UTC."""
        if isinstance(value, datetime):
            return value
        try:
            written = datetime.fromisoformat(value.upper() if _RFC3339.fullmatch(value) else "")
            return written.astimezone(UTC)
        except (ValueError, OverflowError):
            return self.fail(f"{value!r} is no moment with a zone, such as 2026-11-22T08:00:00Z", param, ctx)


_FILE: Final = click.Path(path_type=Path)


@click.command()
@click.option(
    "--anchors",
    required=True,
    type=_FILE,
    metavar="FILE",
    help="The roots that are trusted, PEM or DER; no others are.",
)
@click.option(
    "--chain",
    required=True,
    type=_FILE,
    metavar="FILE",
    help="The certificate, and behind it those of the CAs in any order; PEM, or DER for one alone.",
)
@click.option(
    "--crl",
    "lists",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="Revocation lists, PEM or DER, or a folder of them; repeatable. With one, each certificate must have a list "
    "and be good.",
)
@click.option("--at", required=True, type=Moment(), metavar="RFC3339", help="The moment it should be good at.")
@click.option(
    "--purpose",
    required=True,
    type=click.Choice(["client", "server", "any"]),
    help="What it is shown for: client calls this node, server is called by it.",
)
@click.option("--name", help="A name or address that must be among its names.")
@language_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(*, as_json: bool, language: Language, **options: Any) -> int:
    """Judge a certificate that was sent, offline, as the node's listener would.

    Exits 0 when it is accepted and 1 when it is refused, with the code and the reason. Nothing is fetched, and no
    settings are read: issuers, organisation and URA of a peer are judged where it is in the settings.
    """
    asked = {"at": f"{options['at']:%Y-%m-%dT%H:%M:%SZ}", "purpose": options["purpose"], "name": options["name"]}
    asked |= {"revocation": "looked at" if options["lists"] else "not looked at"}
    try:
        accepted = _in_time(lambda: _judged(**options))
    except Refused as refused:
        verdict = {"accepted": False, "code": refused.code, "reason": refused.detail, **asked}
        say(json.dumps(verdict)) if as_json else _tell_refusal(refused, Teller(language))
        return exits.FINDING
    verdict = {"accepted": True, **asked, "chain": _rows(accepted), "notes": accepted.notes}
    say(json.dumps(verdict)) if as_json else _tell_acceptance(verdict, Teller(language))
    return exits.GOOD


def _judged(
    anchors: Path, chain: Path, lists: tuple[Path, ...], at: datetime, purpose: str, name: str | None
) -> "Accepted":
    """Read every file and judge. Raises `Refused` with the file or the certificate that is to blame."""
    from edge_node.wire.trust_judge import Purpose
    from edge_node.wire.trust_sent import RevocationFile, Sent, Wanted, accept

    held = tuple(RevocationFile(name=path.name, content=_of_ours(path, _list)) for path in _within(lists))
    sent = Sent(shown=_certificates(chain), anchors=_of_ours(anchors, _certificates), lists=held)
    return accept(sent, Wanted(at=at, purpose=None if purpose == "any" else Purpose[purpose.upper()], name=name))


def _within(named: tuple[Path, ...]) -> list[Path]:
    """Every file named, and in a folder those that are lists, as the node takes them from one."""
    from edge_node.wire.revocation_files import lists_within

    try:
        found = [path for one in named for path in (lists_within(one) if one.is_dir() else [one])]
    except PermissionError:
        raise
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror}") from error
    if len(found) > _MAX_FILES:
        raise click.UsageError(f"--crl names {len(found)} files, {_MAX_FILES} at most; one may hold many lists")
    if named and not found:
        raise click.UsageError(f"{named[0]}: holds no revocation lists")
    return found


def _certificates(path: Path) -> "tuple[x509.Certificate, ...]":
    from edge_node.wire.trust_sent import MAX_FILE_BYTES, read_certificates

    try:
        return read_certificates(files.read(path, MAX_FILE_BYTES, "EN-TLS-TOO-LARGE"))
    except Refused as refused:
        raise Refused(f"{path}: {refused.detail}", code=refused.code) from refused


def _list(path: Path) -> bytes:
    from cryptography.x509 import load_der_x509_crl

    from edge_node.wire.revocation_list import split_lists
    from edge_node.wire.trust_certificate import UNREADABLE

    try:
        content = files.read(path, _MAX_LIST_BYTES, "EN-CRL-TOO-LARGE")
        for der in split_lists(content):
            load_der_x509_crl(der)
    except UNREADABLE:
        raise Refused(f"{path}: holds no revocation list", code="EN-CRL-UNREADABLE") from None
    except Refused as refused:
        raise Refused(f"{path}: {refused.detail}", code=refused.code) from refused
    return content


def _of_ours(path: Path, read: Callable[[Path], T]) -> T:
    """Read what the certificate is held against: where that is wrong nothing is said of the certificate."""
    try:
        return read(path)
    except Refused as refused:
        raise click.UsageError(f"{refused.code}: {refused.detail}") from refused


def _in_time(work: Callable[[], T]) -> T:
    """Do it within the limit. What is still busy then ends with the process; nobody waits for it."""
    outcome: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with warnings.catch_warnings():
                # About certificates that a later release of the library will not read: the verdict says enough.
                warnings.simplefilter("ignore")
                outcome.append(work())
        except BaseException as error:  # noqa: BLE001  raised again where somebody waits for it
            errors.append(error)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    worker.join(_LIMIT_S)
    if errors:
        raise errors[0]
    if not outcome:
        raise Refused(f"not verified within {_LIMIT_S:g} s", code="EN-TLS-TOO-LARGE")
    return outcome[0]


def _rows(accepted: "Accepted") -> list[dict[str, str]]:
    """Say what each certificate is, leaf first."""
    from edge_node.wire.trust_certificate import fingerprint
    from edge_node.wire.trust_verify import named

    return [
        {"subject": named(one), "ends": f"{one.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}", "sha256": fingerprint(one)}
        for one in accepted.chain
    ]


def _tell_acceptance(verdict: dict[str, Any], tell: Teller) -> None:
    looked = tell(f"verify.{verdict['revocation']}")
    say(tell("verify.accepted", purpose=verdict["purpose"], at=verdict["at"], revocation=looked))
    rows = [(readable(row["subject"]), row["ends"], row["sha256"]) for row in verdict["chain"]]
    table((tell("verify.certificate"), tell("verify.ends"), "sha-256"), rows)
    for each in verdict["notes"]:
        note(tell("verify.unlooked", detail=each))
    if verdict["revocation"] == "not looked at":
        note(tell("verify.no lists"))


def _tell_refusal(refused: Refused, tell: Teller) -> None:
    # A name in a certificate must not steer the terminal of who looks at it.
    say(tell("verify.refused", code=refused.code, detail=printable(readable(refused.detail))))
    what, do = tell.page(refused.code)
    if what:
        note(what)
        note(tell("do", do=do))
