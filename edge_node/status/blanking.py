"""What a document may keep when it leaves the site: the last guard, over all that goes out.

Knows: how numbers of patients, tokens, keys and mail addresses look, under which keys people are named.
Must not know: what the documents are about, who gets them.

Nothing may depend on it: what is handed to it holds no patient data in the first place. It counts what it
blanks by its look, so that whoever opens what left can see whether it had anything to do.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

BLANK: Final = "[blank]"
#: Under these keys people who work here are named, or say something in words of their own.
_PEOPLE: Final = frozenset({"owner", "given_by", "made_by", "who", "why", "statement", "phone", "account"})
#: Ids that a local system gave its messages, which may hold anything; a digest keeps lines of one message together.
_IDS: Final = frozenset({"message_id", "initial_request_id", "request_id", "closed_by"})
#: Free text of a person stands under `reason` there; elsewhere that is a text of this program, in two languages.
_WAIVER: Final = "waiver"
_DIGEST: Final = 16
#: Stays: the name of a message (32 hexadecimal digits) and digests, such as the fingerprint of a certificate; and the
#: serialNumber in the name of a certificate of an organisation, which is the number of a server (UZI).
_KEPT: Final = (
    r"\b(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\b"
    r"|\b(?:2\.5\.4\.5|serialNumber)=[0-9]{9}(?![0-9])"
)
_UZI: Final = ("uzi", "number")
_NINE_DIGITS: Final = r"(?<![0-9])[0-9]{9}(?![0-9])"
#: No name before it is longer (RFC 5321); without that end a long run of letters takes a square of time.
_MAIL: Final = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_SIGNED: Final = r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*"
_ASSERTION: Final = r"<(?:[A-Za-z0-9]+:)?Assertion\b.*?(?:Assertion>|\Z)"
_KEY: Final = r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
_BEARER: Final = r"(?:[Bb]earer|[Bb]asic) [A-Za-z0-9._~+/=-]{8,}"
_BLANKED: Final = re.compile(f"({_KEPT})|{_ASSERTION}|{_KEY}|{_SIGNED}|{_BEARER}|{_MAIL}|{_NINE_DIGITS}", re.DOTALL)
#: Shorter ones would be found within other words.
_SHORTEST: Final = 4


class Blanking:
    """Blanks what may not leave, and counts it."""

    def __init__(self, people: Iterable[str] = ()) -> None:
        """`people`: names, numbers and addresses that the settings tell."""
        known = sorted((it for it in people if len(it) >= _SHORTEST), key=len, reverse=True)
        self._people = re.compile("|".join(map(re.escape, known)), re.IGNORECASE) if known else None
        self.count = 0

    def document(self, value: Any, key: str = "", within: str = "") -> Any:
        """Return the same with blanks in it."""
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.document(it, str(name), key) for name, it in value.items()}
        if isinstance(value, list | tuple):
            return [self.document(it, key, within) for it in value]
        if isinstance(value, str):
            return self._text_of(key, value, within)
        return value

    def text(self, text: str) -> str:
        """Return the same with blanks in it."""
        if self._people is not None:
            text = self._people.sub(BLANK, text)
        return _BLANKED.sub(self._kept_or_blank, text)

    def figures(self, text: str) -> str:
        """Return metrics with blanks in what is no figure: names, labels, meanings."""
        return "".join(map(self._figure, text.splitlines(keepends=True)))

    def _figure(self, line: str) -> str:
        if line.startswith("#"):
            return self.text(line)
        name, space, value = line.rpartition(" ")
        return f"{self.text(name)}{space}{value}"

    def _text_of(self, key: str, value: str, within: str) -> str:
        if value and (key in _PEOPLE or (key == "reason" and within == _WAIVER)):
            return BLANK
        if value and key in _IDS:
            return f"sha256:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:_DIGEST]}"
        return value if (within, key) == _UZI else self.text(value)

    def _kept_or_blank(self, found: re.Match[str]) -> str:
        return found[1] or self._blank(found)

    def _blank(self, found: re.Match[str]) -> str:
        self.count += 1
        return BLANK
