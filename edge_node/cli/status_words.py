"""The words of `edge-node status`, in Dutch; in English they are those of the daemon.

Knows: what verdicts, parts, states and sides are called, the lines about certificates that nobody may miss.
Must not know: how the node is judged.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from edge_node.cli.show import of_interaction
from edge_node.model.notice import Words

Language = Literal["nl", "en"]

_DUTCH: Final = {
    # the whole
    "node down": "node ligt stil",
    "centre down": "LSP onbereikbaar",
    "local system down": "eigen systeem onbereikbaar",
    "degraded": "let op",
    "well": "in orde",
    # parts
    "part": "onderdeel",
    "name": "naam",
    "health": "toestand",
    "since": "sinds",
    "what": "wat",
    "node": "node",
    "store": "opslag",
    "link": "verbinding",
    "local system": "eigen systeem",
    "certificate": "certificaat",
    "certificate files": "certificaatbestanden",
    "anchors": "stamcertificaten",
    "backup": "reservekopie",
    "restored": "teruggezet",
    "clock": "klok",
    "queue": "wachtrij",
    "revocation": "intrekking",
    "telling": "berichtgeving",
    "up": "goed",
    "unknown": "niet bekend",
    "down": "STORING",
    # sides
    "edge node": "deze node",
    "switchboard": "LSP",
    "care network": "zorgnetwerk",
    "operator": "beheerder",
    # the queue
    "direction": "richting",
    "state": "stand",
    "messages": "berichten",
    "oldest": "oudste",
    "in": "in",
    "out": "uit",
    "interaction": "soort",
    "receiver": "ontvanger",
    "code": "code",
    "kept at": "ontvangen",
    "RECEIVED": "ontvangen",
    "KEPT": "bewaard",
    "IN_FLIGHT": "onderweg",
    "WAITING": "wacht",
    "NEEDS_TOKEN": "wacht op handtekening",
    "HELD": "aangehouden",
    "DELIVERED": "bezorgd",
    "REFUSED": "geweigerd",
    "EXPIRED": "te laat",
    "DEAD": "niet bezorgd",
    "DISCARDED": "weggelegd",
    # what is beside the parts of messages
    "access log": "toegangslog",
    "check": "controle",
    "FHIR addresses": "FHIR-adressen",
    "tls": "beveiliging",
    "tokens": "tokens",
}

_WAYS: Final = {
    "declared": "door deze praktijk toegevoegd; in geen tabel van deze versie",
    "replaced": "door deze praktijk vastgelegd, in plaats van de rij uit de tabel",
    "retired": "door deze praktijk afgeschaft, in gebruik volgens de tabel",
    "revived": "hier in gebruik, afgeschaft volgens de tabel",
}

#: What nobody may miss stands first.
CERTIFICATES: Final = {
    "EN-CERTIFICATE-ENDING": Words(
        nl="Certificaat van {name} eindigt binnenkort ({detail}): vraag nu een nieuw aan met `edge-node cert csr`.",
        en="The certificate of {name} ends soon ({detail}): ask for a new one now with `edge-node cert csr`.",
    ),
    "EN-CERTIFICATE-ENDED": Words(
        nl="Certificaat van {name} is GEËINDIGD ({detail}): via het LSP werkt niets. Zie `edge-node cert show`.",
        en="The certificate of {name} has ENDED ({detail}): nothing works through the switchboard. See "
        "`edge-node cert show`.",
    ),
    "EN-CERTIFICATE-REVOKED": Words(
        nl="Certificaat van {name} is INGETROKKEN: via het LSP werkt niets. Vraag een nieuw: `edge-node cert csr`.",
        en="The certificate of {name} was REVOKED: nothing works through the switchboard. Ask for a new one with "
        "`edge-node cert csr`.",
    ),
    "EN-CERTIFICATE-REFUSED": Words(
        nl="Het LSP weigert het nieuwe certificaat van {name}; het vorige wordt getoond ({detail}). Bel de "
        "netwerkleverancier.",
        en="The switchboard refuses the new certificate of {name}; the one before it is shown ({detail}). Call the "
        "network provider.",
    ),
    "EN-CERTIFICATE-FILE": Words(
        nl="Een bestand van een certificaat, sleutel of stamcertificaat is op schijf onbruikbaar; na een herstart "
        "kan een ander certificaat worden getoond, of start de node niet.",
        en="A file of a certificate, key or anchors is unusable on disk; after a restart another "
        "certificate may be shown, or the node does not start.",
    ),
    "EN-KEY-EXPOSED": Words(
        nl="Anderen op deze machine kunnen een geheime sleutel lezen: zet de rechten op 0400 en ga na wie hem kan "
        "hebben gezien. Na een herstart kan een ander certificaat worden getoond, of start de node niet.",
        en="Others on this machine can read a private key: set its mode to 0400, and find out who may have seen it. "
        "After a restart another certificate may be shown, or the node does not start.",
    ),
}


def about_interaction(otherwise: Mapping[str, Any], language: Language | None) -> str:
    """Say how an interaction is otherwise at this site than in the table."""
    way = _WAYS.get(otherwise["way"]) if language == "nl" else None
    if way is None:
        return of_interaction(otherwise)
    columns = f" ({', '.join(otherwise['columns'])})" if otherwise["columns"] else ""
    return f"interactie {otherwise['id']}: {way}{columns}"


def called(word: str, language: Language | None) -> str:
    """Say a word of the daemon; what has no Dutch is said as it is."""
    return _DUTCH.get(word, word) if language == "nl" else word


def about_certificate(code: str, language: Language | None) -> tuple[str, ...]:
    """The lines about one code: in the language chosen, else in both, as not everybody who looks reads English."""
    words = CERTIFICATES.get(code)
    if words is None:
        return ()
    return {"nl": (words.nl,), "en": (words.en,)}.get(language or "", (words.nl, words.en))
