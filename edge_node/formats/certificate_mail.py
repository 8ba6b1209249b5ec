"""What people read about the certificates of their site, in Dutch or English.

Knows: the texts of `certificate_notices.toml`, how subject and text of a mail are built up.
Must not know: who gets it, when something is told, how mail is carried.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from edge_node.formats.notice_mail import Language, Letterhead, Mail
from edge_node.model.certificate import CertificateNotice, Part, Telling
from edge_node.model.notice import Words
from edge_node.model.sentence import Saying, Sentence
from edge_node.model.sentence_words import CERTIFICATE_ENDED, CERTIFICATE_REVOKED, in_language, words

_DUTCH_TIME: Final = "Europe/Amsterdam"
_ENDS: Final = Words(nl="Certificaat eindigt over {} dag(en)", en="Certificate ends in {} day(s)")
_ENDED: Final = Words(nl="CERTIFICAAT GEËINDIGD", en="CERTIFICATE ENDED")
_REFUSED: Final = Words(nl="Nieuw certificaat geweigerd", en="New certificate refused")
_REVOKED: Final = Words(nl="CERTIFICAAT INGETROKKEN", en="CERTIFICATE REVOKED")
_SOURCE: Final = Words(nl="Geen intrekkingslijst van", en="No revocation list from")
_MORE: Final = Words(nl="en nog {}", en="and {} more")
_NOW: Final = Words(nl="Doe nu", en="Do now")
_STOPS: Final = Words(nl="Gevolg", en="What it stops")
_WHICH: Final = Words(nl="Certificaat", en="Certificate")
_WHY: Final = Words(nl="Oorzaak", en="Cause")
_PLAIN: Final = Words(nl="Deze mail bevat geen patiëntgegevens.", en="This mail holds no patient data.")
_HELP: Final = Words(nl="Komt u er niet uit, bel", en="If you need help, call")
#: Of what is not about an end. Of several, the mail begins with the first of these.
_SUBJECTS: Final = {Telling.REVOKED: _REVOKED, Telling.REFUSED: _REFUSED, Telling.SOURCE: _SOURCE}
_ORDER: Final = (Telling.REVOKED, Telling.REFUSED, Telling.ENDS, Telling.SOURCE)

Texts = Mapping[str, Mapping[str, Words]]


@cache
def load() -> Texts:
    """Read the texts that come with the product; they never change, so once."""
    tables = tomllib.loads(files(__package__).joinpath("certificate_notices.toml").read_text("utf-8"))
    return {part: {name: Words(**row) for name, row in rows.items()} for part, rows in tables.items()}


def write(notices: Sequence[CertificateNotice], head: Letterhead) -> Mail:
    """Write one mail about these notices: what stops work first, first."""
    ordered = sorted(notices, key=lambda one: (_ORDER.index(one.telling), one.days, one.certificate.ends_at))
    intro = f"edge node {head.node} ({head.environment})"
    first = [in_language(words(one), head.language) for one in _sentence(ordered[0], head)]
    blocks = [*first, intro, *(_block(n, one, head.language) for n, one in enumerate(ordered, start=1)), _end(head)]
    return Mail(subject=_subject(ordered, head), text="\n\n".join(blocks) + "\n")


def _subject(ordered: Sequence[CertificateNotice], head: Letterhead) -> str:
    first = ordered[0]
    if first.telling in _SUBJECTS:
        text = _in(_SUBJECTS[first.telling], head.language)
    else:
        text = _in(_ENDS, head.language).format(first.days) if first.days else _in(_ENDED, head.language)
    more = f", {_in(_MORE, head.language).format(len(ordered) - 1)}" if len(ordered) > 1 else ""
    test = "" if head.environment == "production" else f"[{head.environment.upper()}] "
    return f"{test}{text}: {first.certificate.name}{more}"


def _sentence(notice: CertificateNotice, head: Letterhead) -> Iterator[Sentence]:
    """The first line, where it is about the certificate by which the LSP knows this site."""
    certificate = notice.certificate
    if certificate.part is not Part.OWN or notice.telling not in {Telling.ENDS, Telling.REVOKED}:
        return
    ending = Sentence(
        saying=Saying.CERTIFICATE_ENDING,
        said_at=notice.at,
        name=certificate.name,
        until=certificate.ends_at,
        help_line=head.help_line,
        is_beside=True,  # whether all else works is not known here
    )
    if notice.telling is Telling.REVOKED:
        yield replace(ending, saying=Saying.CERTIFICATE_OVER, since=notice.at, cause=CERTIFICATE_REVOKED)
    elif notice.days:
        yield ending
    else:
        yield replace(ending, saying=Saying.CERTIFICATE_OVER, since=certificate.ends_at, cause=CERTIFICATE_ENDED)


def _block(number: int, notice: CertificateNotice, language: Language) -> str:
    certificate, (what, stops, do) = notice.certificate, _texts(notice)
    filled = {"name": certificate.name, "when": _when(notice, language), "days": notice.days}
    lines = [
        f"{number}. {_in(what, language).format(**filled)}",
        f"   {_in(_STOPS, language)}: {_in(stops, language).format(**filled)}",
        f"   {_in(_NOW, language)}: {_in(do, language).format(**filled)}",
        f"   {_in(_WHY if notice.telling is Telling.SOURCE else _WHICH, language)}: {certificate.subject}",
    ]
    return "\n".join(lines)


def _texts(notice: CertificateNotice) -> tuple[Words, Words, Words]:
    if notice.telling is not Telling.ENDS:
        of = load()[notice.telling.value]
        return of["what"], of["stops"], of["do"]
    of = load()[notice.certificate.part.value]
    return (of["ends"], of["stops"], of["do"]) if notice.days else (of["ended"], of["stopped"], of["do"])


def _when(notice: CertificateNotice, language: Language) -> str:
    at = notice.certificate.ends_at.astimezone(ZoneInfo(_DUTCH_TIME))
    return f"{at:%d-%m-%Y %H:%M}" if language == "nl" else f"{at:%Y-%m-%d %H:%M} (Dutch time)"


def _end(head: Letterhead) -> str:
    lines = [f"{_in(_HELP, head.language)}: {head.help_line}"] if head.help_line else []
    return "\n".join([*lines, _in(_PLAIN, head.language)])


def _in(words: Words, language: Language) -> str:
    return words.nl if language == "nl" else words.en
