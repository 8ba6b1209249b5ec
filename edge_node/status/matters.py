"""What staff read of the things that need somebody while messages go on: half a sentence for each code.

Knows: the words for each code that a part of the status may have.
Must not know: when they are said.
"""

from typing import Final

from edge_node.model.notice import Words

_OF_CODE: Final = {
    "EN-CERTIFICATE-FILE": Words(
        nl="een bestand van een certificaat of sleutel is op schijf onbruikbaar",
        en="a file of a certificate or key is unusable on disk",
    ),
    "EN-KEY-EXPOSED": Words(
        nl="anderen op deze machine kunnen de geheime sleutel lezen",
        en="others on this machine can read the private key",
    ),
    "EN-CERTIFICATE-CHANGED": Words(
        nl="er staat een ander certificaat op schijf dan er in gebruik is",
        en="there is another certificate on disk than the one in use",
    ),
    "EN-CERTIFICATE-REFUSED": Words(
        nl="het LSP weigert uw nieuwe certificaat en het vorige wordt nog gebruikt",
        en="the LSP refuses your new certificate and the one before it is still used",
    ),
    "EN-CERTIFICATE-CHAIN": Words(
        nl="een certificaat boven het uwe verloopt eerder", en="a certificate above yours ends sooner"
    ),
    "EN-ANCHORS-REFUSED": Words(
        nl="de nieuwe lijst van vertrouwde uitgevers past niet bij het LSP",
        en="the new list of trusted issuers does not fit the LSP",
    ),
    "EN-ANCHORS-WAITING": Words(
        nl="een nieuwe lijst van vertrouwde uitgevers is nog niet in gebruik",
        en="a new list of trusted issuers is not in use yet",
    ),
    "EN-RESTORED": Words(
        nl="berichten uit een teruggezette reservekopie wachten op een besluit",
        en="messages from a restored backup wait for a decision",
    ),
    "EN-BACKUP-FAILED": Words(nl="de reservekopie is mislukt", en="the backup failed"),
    "EN-BACKUP-NO-ROOM": Words(
        nl="voor de reservekopie is geen ruimte op de schijf", en="there is no room on the disk for the backup"
    ),
    "EN-BACKUP-NO-KEY": Words(
        nl="er kan geen reservekopie worden gemaakt: de sleutel ervoor ontbreekt",
        en="no backup can be made: the key for it is missing",
    ),
    "EN-BACKUP-OLD": Words(nl="de laatste reservekopie is te oud", en="the last backup is too old"),
    "EN-CLOCK-DOUBT": Words(
        nl="de klok van dit kastje is niet te vertrouwen", en="the clock of this box cannot be trusted"
    ),
    "EN-SET-ASIDE": Words(
        nl="een bericht kon niet meer worden gelezen en is apart gelegd",
        en="a message could not be read any more and was set aside",
    ),
    "EN-STORE-DAMAGED": Words(
        nl="van afgegeven berichten kan de afloop niet worden vastgelegd",
        en="what came of messages that were handed over cannot be recorded",
    ),
    "EN-LOG-TAMPERED": Words(
        nl="het toegangslog is buiten dit kastje om veranderd: waarschuw de functionaris gegevensbescherming",
        en="the access log was changed behind the back of this box: tell the privacy officer",
    ),
    "EN-LOG-UNREADABLE": Words(
        nl="een bestand van het toegangslog is niet te lezen", en="a file of the access log cannot be read"
    ),
    "EN-DESTINATION-DOWN": Words(
        nl="een of meer ontvangers nemen nu geen berichten aan", en="one or more receivers take no messages now"
    ),
    "EN-QUEUE-OLD": Words(
        nl="ontvangen berichten wachten te lang op uw systeem",
        en="messages that came in wait too long for your system",
    ),
    "EN-QUEUE-ATTENTION": Words(
        nl="uw systeem heeft ontvangen berichten niet aangenomen",
        en="your system did not take messages that came in",
    ),
    "EN-REVOCATION-SOURCE": Words(
        nl="een lijst van ingetrokken certificaten is niet op te halen",
        en="a list of revoked certificates cannot be fetched",
    ),
    "EN-REVOCATION-OLD": Words(
        nl="een lijst van ingetrokken certificaten is verouderd", en="a list of revoked certificates is out of date"
    ),
    "EN-REVOCATION-GRACE": Words(
        nl="of een certificaat is ingetrokken, is tijdelijk niet te zien",
        en="whether a certificate was revoked cannot be seen for now",
    ),
    "EN-REVOCATION-UNKNOWN": Words(
        nl="of een certificaat is ingetrokken, is niet te zien",
        en="whether a certificate was revoked cannot be seen",
    ),
    "EN-TLS-REVOKED": Words(
        nl="een certificaat van de andere kant is ingetrokken", en="a certificate of the other side was revoked"
    ),
    "EN-WEBHOOK-FAILED": Words(
        nl="meldingen van dit kastje komen niet aan op het ingestelde webadres",
        en="what this box tells does not arrive at the web address that was set",
    ),
    "EN-MAIL-FAILED": Words(
        nl="de mailserver neemt mail van dit kastje niet aan", en="the mail server does not take the mail of this box"
    ),
    "EN-SYSLOG-FAILED": Words(
        nl="het systeemlogboek neemt meldingen van dit kastje niet aan",
        en="the system log does not take what this box tells",
    ),
}
_OF_KIND: Final = {
    "FHIR addresses": Words(
        nl="het adresboek voor FHIR is verouderd", en="the list of FHIR addresses is out of date"
    ),
    "link": Words(
        nl="de FHIR-dienst van het LSP is niet bereikbaar", en="the FHIR service of the LSP cannot be reached"
    ),
    "telling": Words(nl="meldingen van dit kastje komen niet aan", en="what this box tells does not arrive"),
    "certificate": Words(
        nl="er is iets met een certificaat van uw organisatie",
        en="something is the matter with a certificate of yours",
    ),
}
_OTHERWISE: Final = Words(nl="er is iets dat aandacht vraagt ({})", en="there is something to look at ({})")


def matter(kind: str, code: str) -> Words:
    """Say what is the matter with a part."""
    known = _OF_CODE.get(code) or _OF_KIND.get(kind)
    if known is not None:
        return known
    what = code or kind
    return Words(nl=_OTHERWISE.nl.format(what), en=_OTHERWISE.en.format(what))
