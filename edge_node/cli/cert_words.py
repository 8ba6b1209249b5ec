"""What the verbs on certificates say, in Dutch and in English.

Knows: the sentences of each verb, the option that chooses the language.
Must not know: what is asked, what came of it.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import rich_click as click

from edge_node.errors import PAGES
from edge_node.model.notice import Words

Language = Literal["nl", "en"]

language_option = click.option(
    "--lang",
    "language",
    type=click.Choice(["nl", "en"]),
    default="nl",
    show_default=True,
    envvar="EDGE_NODE_LANG",
    show_envvar=True,
    help="Language of the text.",
)

_SAID: Final = {
    "csr.busy": Words(
        nl="De sleutel wordt gemaakt; dat duurt enkele seconden …",
        en="The key is being made; it takes some seconds …",
    ),
    "csr.made": Words(
        nl="Aanvraag {number} van {identity}: {subject}, voor {fqdn}, {key}.",
        en="Request {number} of {identity}: {subject}, for {fqdn}, {key}.",
    ),
    "csr.1": Words(
        nl="1. Dien hem in bij het register: plak hem in het formulier, van -----BEGIN tot en met END-----.",
        en="1. Hand it in at the register: paste it into the form, from -----BEGIN to END-----.",
    ),
    "csr.2": Words(
        nl="2. Als het certificaat er is: edge-node cert install --identity {identity} --certificate BESTAND",
        en="2. When the certificate is there: edge-node cert install --identity {identity} --certificate FILE",
    ),
    "csr.key": Words(
        nl="De sleutel staat alleen op deze machine, en in geen reservekopie; is de machine weg, vraag dan een ander "
        "certificaat aan.",
        en="Its key is on this machine only, and in no backup; if the machine is gone, ask for another certificate.",
    ),
    "csr.again": Words(
        nl="De tekst van die aanvraag is opnieuw te krijgen: edge-node cert csr --list --identity {identity} --out "
        "BESTAND",
        en="To get the text of that request again: edge-node cert csr --list --identity {identity} --out FILE",
    ),
    "csr.unwritten": Words(
        nl="De aanvraag is gemaakt en wacht. De tekst is weer te krijgen: edge-node cert csr --list --out BESTAND",
        en="The request is made, and waits. To get its text again: edge-node cert csr --list --out FILE",
    ),
    "csr.none": Words(nl="geen aanvragen", en="no requests"),
    "column.identity": Words(nl="organisatie", en="identity"),
    "column.number": Words(nl="nummer", en="number"),
    "column.fqdn": Words(nl="voor", en="fqdn"),
    "column.key": Words(nl="sleutel", en="key"),
    "column.at": Words(nl="gevraagd", en="at"),
    "column.subject": Words(nl="onderwerp", en="subject"),
    "csr.text": Words(
        nl="De tekst ervan: met --out BESTAND, of --json.", en="To get the text of them: add --out FILE, or --json."
    ),
    "csr.tokens": Words(
        nl="2. Als het certificaat er is: zet het met zijn keten in een bestand, en noem beide in de instellingen:",
        en="2. When the certificate is there, put it in a file with its chain, and name both in the settings:",
    ),
    "csr.file": Words(nl="BESTAND", en="FILE"),
    "csr.yaml": Words(
        nl="   (YAML op één regel; op eigen regels: certificate: BESTAND\n"
        "   en key: {key}), daarna: edge-node reload",
        en="   (in YAML of one line; on lines of their own: certificate: FILE\n"
        "   and key: {key}), then: edge-node reload",
    ),
    "install.busy": Words(
        nl="Het certificaat wordt bekeken en met het LSP geprobeerd; dat kan een minuut duren …",
        en="The certificate is looked at and tried with the switchboard; it may take a minute …",
    ),
    "back.busy": Words(
        nl="Het vorige certificaat wordt bekeken en in gebruik genomen …",
        en="The certificate from before is looked at and put in use …",
    ),
    "install.note": Words(nl="let op: {code}: {detail}", en="note: {code}: {detail}"),
    "install.in use": Words(
        nl="In gebruik voor {identity}: {subject}, tot {until}.",
        en="In use for {identity}: {subject}, until {until}.",
    ),
    "install.before": Words(
        nl="Het vorige, tot {until}, blijft bij de hand: edge-node cert install --back.",
        en="The one before it, until {until}, stays at hand: edge-node cert install --back.",
    ),
    "install.settings": Words(
        nl="Voortaan mag dit in de instellingen staan:", en="The settings may name it from now on:"
    ),
    "install.waits": Words(
        nl="Het wacht voor {identity}, en wordt vanzelf getoond zodra zijn moment er is.",
        en="It waits for {identity}, and is shown by itself once its moment has come.",
    ),
    "test.busy": Words(
        nl="Er wordt met elke partij verbinding gemaakt; dat kan een minuut duren …",
        en="Every peer is being called; it may take a minute …",
    ),
    "test.in use": Words(nl="in gebruik", en="in use"),
    "test.waiting": Words(nl="wacht", en="waiting"),
    "test.refused": Words(nl="geweigerd", en="refused"),
    "trial.taken": Words(nl="aangenomen", en="taken"),
    "trial.refused": Words(nl="GEWEIGERD", en="REFUSED"),
    "trial.unknown": Words(nl="niet bekend", en="not known"),
    "trial.good": Words(nl="goed", en="good"),
    "stage.name": Words(nl="naam", en="name"),
    "stage.connection": Words(nl="verbinding", en="connection"),
    "stage.handshake": Words(nl="handdruk", en="handshake"),
    "stage.peer": Words(nl="partij", en="peer"),
    "stage.answer": Words(nl="antwoord", en="answer"),
    "anchors.peer": Words(nl="partij", en="peer"),
    "anchors.counts": Words(nl="telt", en="counts"),
    "anchors.without": Words(nl="{peer}: voortaan zonder {names}", en="{peer}: without {names} from now on"),
    "anchors.judged": Words(
        nl="Wie verbonden is, is opnieuw beoordeeld. Kijk met edge-node status of de partij nog te bereiken is.",
        en="Who is connected was judged anew. See with edge-node status whether the peer can still be reached.",
    ),
    "anchors.change": Words(
        nl="{peer}: {phase} sinds {since}: erbij {added}, eruit {removed}; {reason}",
        en="{peer}: {phase} since {since}: adds {added}, leaves out {removed}; {reason}",
    ),
    "anchors.nothing": Words(nl="niets", en="nothing"),
    "anchors.waiting": Words(nl="wacht", en="waiting"),
    "anchors.refused": Words(nl="GEWEIGERD", en="refused"),
    "verify.accepted": Words(
        nl="aangenomen als {purpose} op {at}; intrekking {revocation}",
        en="accepted for {purpose} at {at}; revocation {revocation}",
    ),
    "verify.refused": Words(nl="geweigerd: {code}: {detail}", en="refused: {code}: {detail}"),
    "verify.looked at": Words(nl="nagekeken", en="looked at"),
    "verify.not looked at": Words(nl="niet nagekeken", en="not looked at"),
    "verify.certificate": Words(nl="certificaat", en="certificate"),
    "verify.ends": Words(nl="tot", en="ends"),
    "verify.unlooked": Words(nl="niet bekeken: {detail}", en="not looked at: {detail}"),
    "verify.no lists": Words(
        nl="Of er een is ingetrokken is niet nagekeken: geef de lijsten mee met --crl.",
        en="Whether one of them was revoked was not looked at: give the lists with --crl.",
    ),
    "do": Words(nl="Wat te doen: {do}", en="What to do: {do}"),
    "busy": Words(nl="nog bezig, {seconds} s …", en="still busy, {seconds} s …"),
    "here": Words(
        nl="De daemon antwoordt niet ({detail}); hier gedaan.", en="The daemon does not answer ({detail}); done here."
    ),
}


@cache
def _dutch() -> dict[str, dict[str, str]]:
    """The pages of the codes that these verbs may end with."""
    return tomllib.loads(files(__package__).joinpath("cert_pages.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Teller:
    """The words of one language."""

    language: Language

    def __call__(self, name: str, /, **values: Any) -> str:
        """Say a sentence; what has none is said by the last part of its name, as the node names it."""
        words = _SAID.get(name)
        if words is None:
            return name.rpartition(".")[2]
        return (words.nl if self.language == "nl" else words.en).format(**values)

    def page(self, code: str) -> tuple[str, str]:
        """What happened and what to do, of one code: in English where there is no Dutch."""
        dutch = _dutch().get(code) if self.language == "nl" else None
        if dutch is not None:
            return dutch["what"], dutch["do"]
        page = PAGES.get(code)
        return (page.what, page.do) if page else ("", "")
