"""Where revocation lists and single answers (OCSP) come from, and how they are got.

Knows: the keys for sources, under `revocation`.
Must not know: what a list or an answer is, how one is judged.
"""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from annotated_types import Ge, Le
from pydantic import AfterValidator, BeforeValidator

from edge_node.settings.values import Seconds, Section, WebAddress, setting

_HOUR_S = 3600.0


def _plain(text: Any) -> Any:
    # Asked before what an address of any kind must be: that one would send people to https.
    if isinstance(text, str) and not text.startswith("http://"):
        raise ValueError(
            "must be http://host:port/path, not https: lists and answers are signed themselves, and come without TLS"
        )
    return text


def _no_path(text: str) -> str:
    if urlsplit(text).path:
        raise ValueError("must be http://host:port, without a path")
    return text


HttpAddress = Annotated[WebAddress, BeforeValidator(_plain)]
ProxyAddress = Annotated[HttpAddress, AfterValidator(_no_path)]


class FetchSettings(Section):
    """When revocation lists are fetched, and what one fetch may take."""

    from_certificates: bool = setting(
        "Whether lists are fetched from the addresses in certificates; false where somebody else keeps them all in "
        "revocation.crl_files, or revocation.sources names them all. The lists must be there either way.",
        True,
    )
    interval_s: Seconds = setting(
        "Seconds between two looks at a source, a tenth more or less at random; sooner for a list that is missing or "
        "ends before that.",
        _HOUR_S,
    )
    first_pause_s: Seconds = setting(
        "Longest first pause after a failure, in seconds; doubled each time, with full jitter.", 60.0
    )
    longest_pause_s: Seconds = setting("Longest pause of all, in seconds.", 900.0)
    connect_s: Seconds = setting("Seconds to connect to a source.", 10.0)
    idle_s: Seconds = setting("Seconds within which the next piece of a list must come.", 15.0)
    total_s: Seconds = setting("Seconds for one list, redirects included.", 120.0)
    redirects: Annotated[int, Ge(0), Le(10)] = setting("Redirects that are followed, to http addresses only.", 3)


class OcspSettings(Section):
    """Answers about single certificates. Without one the revocation list decides."""

    use: Literal["prefer", "lists-only"] = setting(
        "prefer: responders named in certificates are asked too, and the newer word counts; lists-only: nobody is "
        "asked, and the lists alone decide.",
        "prefer",
    )
    nonce: bool = setting(
        "Whether each question holds a random value, so that an older answer shows as one; false for a responder "
        "that answers from a cache.",
        True,
    )
    max_age_s: Seconds = setting("Seconds for which one answer is used at most.", _HOUR_S)
    timeout_s: Seconds = setting("Seconds for one question; no handshake waits for it.", 10.0)
