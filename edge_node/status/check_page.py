"""The report on the checks as a page to print, in Dutch or English.

Knows: the words around what stands in a report, which result is shown how.
Must not know: how a report is made or signed, what a check means.

What people wrote is shown letter by letter: nothing of it runs in a browser.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from edge_node.model.moment import DUTCH_TIME
from edge_node.status.check_terms import evidence_in, source_in, value_in

if TYPE_CHECKING:
    from jinja2 import Template

_CONNECTING: Final = "G"
#: What somebody should do something about, the worst first.
_FIRST: Final = ("violated", "warned")
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "nl": {
        "title": "Goed beheerd zorgsysteem: controles", "connecting": "Voorwaarden om aangesloten te zijn",
        "node": "kastje", "organisation": "organisatie", "environment": "omgeving", "at": "stand van",
        "release": "versie", "settings": "instellingen", "head": "laatste getekende stand van de toegangslog",
        "none": "geen", "production": "productie", "test": "TEST", "check": "controle", "result": "uitkomst",
        "value": "gemeten", "threshold": "grens", "since": "sinds", "evidence": "bewijs", "do": "wat te doen",
        "side": "bij wie", "source": "herkomst", "action": "gevolg bij overtreding", "blocks": "HOUDT NU TEGEN",
        "waived": "aanvaard door {owner} tot {until}: {reason}", "never": "nog niet bekeken",
        "attested": "verklaard door {owner} op {made_at}, tot {until}: {statement}",
        "good": "goed", "warned": "let op", "violated": "niet goed", "unknown": "onbekend",
        "not used": "niet van toepassing",
        "A": "A. Tijd, beschikbaarheid, snelheid", "B": "B. Certificaten, sleutels, applicatie-id",
        "C": "C. Verbinding en netwerk", "D": "D. Gebruikers, passen, autorisatie",
        "E": "E. Patiënt, toestemming, verwijsindex", "F": "F. Logging, opslag, beheer",
        "G": "G. Voorwaarden om aangesloten te zijn",
        "local system": "uw systeem", "edge node": "dit kastje", "switchboard": "het LSP",
        "care network": "het zorgnetwerk", "operator": "de praktijk of haar beheerder",
        "honest": "Onbekend is geen goedkeuring: het kon niet worden gezien. Grenzen met 'standaard van dit product' "
        "zijn niet door het stelsel voorgeschreven. Dit rapport bevat geen patiëntgegevens.",
        "signed": "Getekend met sleutel {key} van dit kastje. Na te gaan met: edge-node gbz verify BESTAND. Wie "
        "volledige rechten op de machine heeft, kan zelf tekenen.",
        "unsigned": "NIET GETEKEND: dit kastje heeft nog geen eigen sleutel.",
        "ours": "van dit product", "first": "Eerst te doen",
    },
    "en": {
        "title": "Well-managed care system: checks", "connecting": "Conditions to be connected",
        "node": "node", "organisation": "organisation", "environment": "environment", "at": "as of",
        "release": "release", "settings": "settings", "head": "last signed head of the access log",
        "none": "none", "production": "production", "test": "TEST", "check": "check", "result": "result",
        "value": "measured", "threshold": "threshold", "since": "since", "evidence": "evidence", "do": "what to do",
        "side": "whose side", "source": "source", "action": "what a violation does", "blocks": "STOPS NOW",
        "waived": "accepted by {owner} until {until}: {reason}", "never": "not looked at yet",
        "attested": "attested by {owner} on {made_at}, until {until}: {statement}",
        "A": "A. Time, availability, performance", "B": "B. Certificates, keys, application id",
        "C": "C. Transport and network", "D": "D. Users, cards, authorisation",
        "E": "E. Patient, consent, index", "F": "F. Logging, storage, operations",
        "G": "G. Conditions to be connected",
        "honest": "Unknown is no pass: it could not be seen. Thresholds with 'default of this product' are not "
        "prescribed by the scheme. This report holds no patient data.",
        "signed": "Signed with key {key} of this node. To be verified with: edge-node gbz verify FILE. Whoever has "
        "full rights on the machine can sign by himself.",
        "unsigned": "NOT SIGNED: this node has no key of its own yet.",
        "ours": "of this product", "first": "To be done first",
    },
}  # fmt: skip


class _Words:
    """The words of one language; what it does not name is said as it is."""

    def __init__(self, language: str) -> None:
        self._words = WORDS[language]

    def __getitem__(self, name: str) -> str:
        return self._words.get(name, name)


def page(document: Mapping[str, Any], language: str) -> str:
    """Return the page."""
    words, checks = _Words(language), document["checks"]
    is_connecting = all(one["topic"] == _CONNECTING for one in checks)
    topics = [(topic, [one for one in checks if one["topic"] == topic]) for topic in "GABCDEF"]
    return _template().render(
        report=document,
        words=words,
        language=language,
        topics=[(words[topic], found) for topic, found in topics if found],
        title=words["connecting" if is_connecting else "title"],
        first=[one for result in _FIRST for one in checks if one["result"] == result and not one["waiver"]],
        when=lambda text: _when(text, language),
        value=lambda text: value_in(text, language),
        source=lambda text: source_in(text, language),
        evidence=lambda found: [evidence_in(each["name"], each["text"], language) for each in found],
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    source = files(__package__).joinpath("check_page.html").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)


def _when(text: str | None, language: str) -> str:
    """A moment as people there read it."""
    if text is None:
        return WORDS[language]["never"]
    at = datetime.fromisoformat(text).astimezone(DUTCH_TIME)
    return f"{at:%d-%m-%Y %H:%M}" if language == "nl" else f"{at:%Y-%m-%d %H:%M} (Dutch time)"
