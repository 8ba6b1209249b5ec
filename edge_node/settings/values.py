"""The small types that settings are made of.

Knows: what a port, an address, a duration, a name or a reference to a file looks like, in words for an operator.
Must not know: which setting uses which type, or what is in a file.
"""

import contextlib
import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import SplitResult, urlsplit

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from edge_node.model.identifiers import ApplicationId, InteractionId, InvalidIdentifier, Oid, Ura

PRODUCT: Final = "default of this product"
CREDENTIAL: Final = "credential:"
SEALED: Final = "sealed:"
_CREDENTIAL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
#: What a path may hold (RFC 3986); anything else cannot stand in a request line.
_URL_PATH = re.compile(r"([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


class LocatedText(str):
    """A text from a settings file that remembers the folder of that file, for relative paths."""

    __slots__ = ("folder",)
    folder: Path

    @classmethod
    def at(cls, text: str, folder: Path) -> "LocatedText":
        """Return the text with the folder it was written in."""
        located = cls(text)
        located.folder = folder
        return located


class Section(BaseModel):
    """A mapping in the settings: closed, frozen, with strict types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def setting(what: str, default: Any = ..., *, origin: str | None = None, since: str | None = None) -> Any:
    """Describe one setting: what it means, its default, where that number comes from, from when it acts."""
    source = origin or ("chosen by the site" if default is ... else PRODUCT)
    extra: dict[str, Any] = {"origin": source}
    if since is not None:
        extra["since"] = since
    described = f"{what} (acts from {since})" if since else what
    return Field(default, description=described, json_schema_extra=extra)


def _identifier(kind: Callable[[str], object]) -> AfterValidator:
    def judge(text: str) -> str:
        try:
            kind(text)
        except InvalidIdentifier as error:
            raise ValueError(str(error)) from None
        return text

    return AfterValidator(judge)


def _plain_text(text: str) -> str:
    # str() drops the folder; only references to files need it.
    plain = str.__str__(text)
    if not plain.isprintable():
        raise ValueError("has a character that cannot be printed")
    return plain


def _host_name(text: str) -> str:
    if not _HOST_NAME.fullmatch(text):
        raise ValueError("is no host name; write it in lower case, without scheme, port or path")
    return text


def _ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("is no IP address; a listener is bound to an address, not to a name") from None


def _web_address(text: str) -> str:
    parts = _split(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is no address of the form http://host:port/path or https://host:port/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user or password; secrets are never written in settings")
    if parts.query or parts.fragment:
        raise ValueError("has a query or a fragment; end it after the path")
    _check_host(parts.hostname)
    _check_port(parts)
    if not _URL_PATH.fullmatch(parts.path):
        raise ValueError(
            "has a character that no address may hold; write it as %, with two hexadecimal digits behind"
        )
    return text.rstrip("/")


def _split(text: str) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:  # half an IPv6 address
        return None


def _check_host(host: str) -> None:
    if _HOST_NAME.fullmatch(host):
        return
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise ValueError("names no host: letters, digits, - and dots, or an IP address") from None


def _check_port(parts: SplitResult) -> None:
    with contextlib.suppress(ValueError):
        if parts.port is None or parts.port > 0:
            return
    raise ValueError("has a port that is not from 1 to 65535")


def _credential(reference: str) -> str:
    if not _CREDENTIAL_NAME.fullmatch(reference.removeprefix(CREDENTIAL)):
        raise ValueError(f"is no name of a systemd credential; write {CREDENTIAL}NAME as in LoadCredential=")
    return reference


def _path(written: Any) -> Any:
    if not isinstance(written, str):
        return written
    if not written or not written.isprintable():
        raise ValueError("is no path")
    path = Path(written).expanduser() if written.startswith("~/") else Path(written)
    return (getattr(written, "folder", None) or Path.cwd()).joinpath(path)


def _reference(written: Any) -> Any:
    """Make a relative path absolute; leave `credential:NAME`; refuse what looks like the secret itself."""
    if not isinstance(written, str):
        return written
    if written.startswith(CREDENTIAL):
        return _credential(str.__str__(written))
    if "-----BEGIN" in written or "\n" in written or len(written) > 1024:
        raise ValueError(f"holds the secret or the PEM text itself; write the path of its file, or {CREDENTIAL}NAME")
    if "/" not in written and "." not in written:
        raise ValueError(
            "looks like the secret itself; write the path of the file that holds it (./NAME when it stands "
            f"beside this file), or {CREDENTIAL}NAME"
        )
    return str(_path(written))


def _key_reference(written: Any) -> Any:
    """The same for a private key, which may also lie sealed in the state directory under a name."""
    if not isinstance(written, str) or not written.startswith(SEALED):
        return _reference(written)
    if not _CREDENTIAL_NAME.fullmatch(written.removeprefix(SEALED)):
        raise ValueError(f"is no name of a sealed key; write {SEALED}NAME as edge-node cert tells it")
    return str.__str__(written)


#: What each form looks like, in words.
FORMS: Final = {
    r"^[a-z0-9][a-z0-9-]{0,62}$": "must be lower-case letters, digits and -, at most 63",
    r"^(STU3|R4|R5)$": "must be STU3, R4 or R5",
    r"^0[0-7]{3}$": 'must be an octal mode in quotes, such as "0660"',
    r"^[^:]+$": "must not hold a colon",
    r"^[A-Za-z][A-Za-z0-9_]{0,127}$": "must be the name of a service: letters, digits and _",
    r"^urn:hl7-org:v3/[A-Za-z0-9]+_[A-Za-z0-9]+$": "must be urn:hl7-org:v3/<Service>_<Operation>",
    r"^[a-z][a-z0-9-]{0,31}$": "must be lower-case letters, digits and -, beginning with a letter",
    r"^(attention-line|query|token|payload:[\w./-]+)$": "must be attention-line, query, token or payload:<path>",
    r"^[A-Z]{2}$": "must be two capitals, such as NL",
    r"^\+?[0-9 ()-]{3,30}$": "must be a telephone number, in quotes",
    r"^[0-9]{2}(\.[0-9]{3})?$": 'must be a role code in quotes, such as "01.015", or its first two digits',
    r"^[0-9]{2,8}$": "must be two to eight digits, in quotes",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": 'must be a time of the day in quotes, such as "07:30"',
}
Text = Annotated[str, MinLen(1), MaxLen(256), AfterValidator(_plain_text)]
Name = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$"),
    AfterValidator(_plain_text),
]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), AfterValidator(_plain_text)]
HostName = Annotated[str, AfterValidator(_host_name), AfterValidator(_plain_text)]
IpAddress = Annotated[str, AfterValidator(_ip_address)]
WebAddress = Annotated[str, MaxLen(2048), AfterValidator(_web_address), AfterValidator(_plain_text)]
Port = Annotated[int, Ge(1), Le(65535)]
#: 0 lets the system choose, for tests and the demo; the ready line says which one it became.
ListenPort = Annotated[int, Ge(0), Le(65535)]
Seconds = Annotated[float, Gt(0), Le(10 * 366 * 86400)]
Count = Annotated[int, Ge(1), Le(1_000_000)]
Bytes = Annotated[int, Ge(1), Le(1 << 40)]
AbsolutePath = Annotated[Path, BeforeValidator(_path, json_schema_input_type=str)]
FileReference = Annotated[str, BeforeValidator(_reference, json_schema_input_type=str)]
KeyReference = Annotated[str, BeforeValidator(_key_reference, json_schema_input_type=str)]
UraText = Annotated[str, _identifier(Ura), AfterValidator(_plain_text)]
ApplicationIdText = Annotated[str, _identifier(ApplicationId), AfterValidator(_plain_text)]
InteractionIdText = Annotated[str, _identifier(InteractionId), AfterValidator(_plain_text)]
OidText = Annotated[str, _identifier(Oid), AfterValidator(_plain_text)]


def is_loopback(host: str) -> bool:
    """Whether this host can only be reached from the machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def file_path(reference: str, credentials: Path | None) -> Path:
    """Return where a reference points; `credentials` is $CREDENTIALS_DIRECTORY as systemd set it."""
    if not reference.startswith(CREDENTIAL):
        return Path(reference)
    if credentials is None:
        raise FileNotFoundError(f"{reference}: systemd gave no credentials ($CREDENTIALS_DIRECTORY is not set)")
    return credentials / reference.removeprefix(CREDENTIAL)


def existing_path(reference: str, credentials: Path | None) -> Path:
    """The same for what must be there; raises `OSError` where it is not."""
    path = file_path(reference, credentials)
    path.stat()
    return path


def not_found(error: OSError) -> str:
    """Say that nothing is where a reference points."""
    return f"its file cannot be found: {error.strerror or error}"
