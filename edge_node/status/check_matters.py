"""What staff read of a check that fails: half a sentence that says what is wrong, not what should be right.

Knows: the words for each check that looks at the node, its machine or its network; which of them are small.
Must not know: when a check fails, when it is said.

Small is what makes nothing worse or less safe today: papers, plans, what must be better one day. It is told to who
manages the node, and never stands in the way of the line that says that everything works.
"""

from typing import Final

from edge_node.model.check import Check, Kind
from edge_node.model.notice import Words

_SMALL: Final = frozenset({
    "accesslog-retention", "break-glass-review", "cert-generation", "cert-purpose-separation", "change-recorded",
    "data-residency", "decommission-complete", "disk-encryption", "hardening-baseline", "key-storage",
    "maintenance-window", "message-id-retention", "node-version-supported", "patch-age", "payload-retention",
    "restore-test-age", "throughput-selftest", "timeout-config", "tls-cipher", "tls-group", "tls-peer-sigalg",
    "tls-version", "truststore-current",
})  # fmt: skip
#: What people declare, and what the local system tells of its users and patients: no breakdown of today.
_SMALL_KINDS: Final = frozenset({Kind.ATTESTED, Kind.SUPPLIED})

_OF_CHECK: Final = {
    # Declared at some sites, measured at others: what is wrong is the same.
    "antimalware-state": Words(
        nl="de bescherming tegen malware draait niet of is niet bij",
        en="the protection against malware does not run or is not up to date",
    ),
    "ups-state": Words(
        nl="de noodstroom werkt niet of is niet geladen", en="the emergency power does not work or is not charged"
    ),
    # A. Time, availability, performance
    "clock-offset": Words(nl="de klok van dit kastje loopt niet gelijk", en="the clock of this box is off"),
    "clock-sync-age": Words(
        nl="de klok van dit kastje wordt niet meer gelijkgezet", en="the clock of this box is not kept right any more"
    ),
    "clock-step": Words(nl="de klok van dit kastje is versprongen", en="the clock of this box has jumped"),
    "maintenance-window": Words(
        nl="er is onderhoud dat niet op tijd is aangekondigd",
        en="there is maintenance that was not announced in time",
    ),
    "queue-integrity": Words(
        nl="een deel van de bewaarde berichten is niet meer leesbaar",
        en="some of the messages that are kept cannot be read any more",
    ),
    "timeout-config": Words(
        nl="de wachttijden staan langer dan afgesproken", en="waiting times are set longer than was agreed"
    ),
    "queue-age": Words(nl="er wachten berichten te lang in de wachtrij", en="messages wait too long in the queue"),
    "throughput-selftest": Words(
        nl="de schijf van dit kastje is te traag", en="the disk of this box is too slow"
    ),
    "heartbeat": Words(nl="de bewaking ziet dit kastje niet meer", en="monitoring does not see this box any more"),
    # B. Identity
    "cert-validity": Words(
        nl="het UZI-servercertificaat is niet geldig", en="the UZI server certificate is not within its dates"
    ),
    "cert-chain": Words(
        nl="het UZI-servercertificaat hoort niet bij een vertrouwde uitgever",
        en="the UZI server certificate does not lead to a trusted issuer",
    ),
    "cert-eku": Words(
        nl="het UZI-servercertificaat is niet bedoeld voor deze verbinding",
        en="the UZI server certificate is not meant for this connection",
    ),
    "cert-fqdn": Words(
        nl="de naam van dit systeem staat niet in het UZI-servercertificaat",
        en="the name of this system is not in the UZI server certificate",
    ),
    "cert-ura": Words(
        nl="het UZI-servercertificaat is niet van uw organisatie",
        en="the UZI server certificate is not of your organisation",
    ),
    "cert-expiry": Words(
        nl="het UZI-servercertificaat verloopt binnenkort", en="the UZI server certificate ends soon"
    ),
    "cert-revoked": Words(
        nl="het UZI-servercertificaat, of een certificaat erboven, is ingetrokken",
        en="the UZI server certificate, or one above it, was revoked",
    ),
    "truststore-current": Words(
        nl="er ontbreekt een generatie stamcertificaten", en="a generation of root certificates is missing"
    ),
    "cert-generation": Words(
        nl="het UZI-servercertificaat is nog van de oude generatie",
        en="the UZI server certificate is still of the old generation",
    ),
    "crl-freshness": Words(
        nl="een lijst van ingetrokken certificaten is verouderd", en="a list of revoked certificates is out of date"
    ),
    "ocsp-reachable": Words(
        nl="een bron die zegt welke certificaten zijn ingetrokken, is niet bereikbaar",
        en="a source that says which certificates were revoked cannot be reached",
    ),
    "key-storage": Words(
        nl="de geheime sleutel ligt minder veilig dan mogelijk is",
        en="the private key is kept less safely than it can be",
    ),
    "key-permissions": Words(
        nl="anderen op deze machine kunnen de geheime sleutel lezen",
        en="others on this machine can read the private key",
    ),
    "key-in-backup": Words(
        nl="er ligt een geheime sleutel in de map van de reservekopieën",
        en="there is a private key in the folder of the backups",
    ),
    "cert-purpose-separation": Words(
        nl="één sleutel wordt voor verschillende doelen gebruikt", en="one key is used for different purposes"
    ),
    "peer-is-zim": Words(
        nl="wie zich meldt als het LSP, toont niet het certificaat van het LSP",
        en="who answers as the LSP does not show the certificate of the LSP",
    ),
    "config-drift": Words(
        nl="de instellingen op schijf zijn anders dan die in gebruik", en="the settings on disk are not those in use"
    ),
    "config-signature": Words(
        nl="de instellingen zijn niet goed getekend", en="the settings are not properly signed"
    ),
    "certificate-and-cards": Words(
        nl="er is geen geldig UZI-servercertificaat in gebruik", en="no valid UZI server certificate is in use"
    ),
    # C. Network
    "tls-version": Words(
        nl="een verbinding gebruikt een verouderde versie van TLS", en="a connection uses an outdated version of TLS"
    ),
    "tls-cipher": Words(
        nl="een verbinding gebruikt verouderde versleuteling", en="a connection uses outdated encryption"
    ),
    "tls-group": Words(
        nl="een verbinding wisselt sleutels uit op een verouderde manier",
        en="a connection exchanges keys in an outdated way",
    ),
    "tls-peer-sigalg": Words(
        nl="een certificaat van de andere kant is te zwak", en="a certificate of the other side is too weak"
    ),
    "route-via-gzn": Words(
        nl="de weg naar het LSP loopt niet over het zorgnetwerk", en="the way to the LSP is not over the care network"
    ),
    "dns-via-gzn": Words(
        nl="de naam van het LSP wordt niet in het zorgnetwerk gevonden",
        en="the name of the LSP is not found within the care network",
    ),
    "listener-binding": Words(
        nl="een ingang van dit kastje staat aan de verkeerde kant van het netwerk",
        en="an entrance of this box is on the wrong side of the network",
    ),
    "ip-forwarding": Words(
        nl="deze machine kan verkeer doorgeven tussen het zorgnetwerk en uw eigen netwerk",
        en="this machine can pass traffic on between the care network and your own network",
    ),
    "firewall-default-deny": Words(
        nl="de firewall van deze machine staat open", en="the firewall of this machine is open"
    ),
    "dns-self": Words(
        nl="de naam van dit kastje wijst naar een ander adres", en="the name of this box leads to another address"
    ),
    "link-redundancy": Words(
        nl="een van de verbindingen met het LSP is weg", en="one of the connections with the LSP is gone"
    ),
    "data-residency": Words(
        nl="een systeem waar gegevens heen gaan staat buiten de EER", en="a system that data go to is outside the EEA"
    ),
    "environment-mix": Words(
        nl="test en productie lopen door elkaar", en="test and production are mixed up"
    ),
    # D. Users
    "break-glass-review": Words(
        nl="er is noodtoegang gebruikt die nog niemand heeft nagekeken",
        en="there was emergency access that nobody has reviewed yet",
    ),
    "token-at-rest": Words(
        nl="er staat een inlogbewijs (token) open op de schijf", en="a token lies open on the disk"
    ),
    # E. Patients
    "withdrawal-latency": Words(
        nl="een afmelding van een patiënt wacht te lang", en="the deregistration of a patient waits too long"
    ),
    # F. Operations
    "accesslog-complete": Words(
        nl="in het toegangslog ontbreken gegevens", en="there is data missing in the access log"
    ),
    "accesslog-writable": Words(
        nl="het toegangslog kan niet worden geschreven", en="the access log cannot be written"
    ),
    "accesslog-retention": Words(
        nl="het toegangslog wordt niet lang genoeg bewaard", en="the access log is not kept long enough"
    ),
    "accesslog-chain": Words(nl="het toegangslog is veranderd", en="the access log was changed"),
    "disk-space": Words(
        nl="de schijf van dit kastje raakt vol", en="the disk of this box is getting full"
    ),
    "backup-age": Words(nl="de laatste reservekopie is te oud", en="the last backup is too old"),
    "restore-test-age": Words(
        nl="het terugzetten van een reservekopie is te lang niet beproefd",
        en="putting a backup back was not tried for too long",
    ),
    "disk-encryption": Words(
        nl="de schijf van dit kastje is niet versleuteld", en="the disk of this box is not encrypted"
    ),
    "db-permissions": Words(
        nl="anderen op deze machine kunnen bij de opgeslagen berichten",
        en="others on this machine can get at the messages that are stored",
    ),
    "payload-retention": Words(
        nl="bezorgde berichten worden te lang bewaard", en="delivered messages are kept too long"
    ),
    "message-id-retention": Words(
        nl="dubbele berichten worden te kort herkend", en="messages that come twice are not known for long enough"
    ),
    "patch-age": Words(
        nl="updates van deze machine zijn te lang niet geïnstalleerd",
        en="updates of this machine were not installed for too long",
    ),
    "node-version-supported": Words(
        nl="deze versie van het programma wordt niet meer onderhouden",
        en="this version of the program is not maintained any more",
    ),
    "hardening-baseline": Words(
        nl="het programma draait met meer rechten dan nodig", en="the program runs with more rights than it needs"
    ),
    "incident-timer": Words(
        nl="een incident is niet op tijd gemeld", en="an incident was not reported in time"
    ),
    "change-recorded": Words(
        nl="een wijziging is door niemand goedgekeurd", en="a change was approved by nobody"
    ),
    "decommission-complete": Words(
        nl="het buiten gebruik stellen is niet afgerond", en="the decommissioning is not complete"
    ),
    "telemetry-no-phi": Words(
        nl="in de cijfers voor de bewaking staan gegevens van patiënten",
        en="there is data of patients in the figures for monitoring",
    ),
}  # fmt: skip
_DECLARED: Final = Words(
    nl="volgens een verklaring is dit niet in orde: {}", en="it was declared that this is not so: {}"
)
_SUPPLIED: Final = Words(
    nl="volgens uw eigen systeem is dit niet in orde: {}", en="your own system says that this is not so: {}"
)
_OTHERWISE: Final = Words(nl="de controle “{}” faalt", en="the check “{}” fails")
_FRAMES: Final = {Kind.ATTESTED: _DECLARED, Kind.SUPPLIED: _SUPPLIED}


def is_small(check: Check) -> bool:
    """Whether nothing is worse or less safe today because it fails."""
    return check.name in _SMALL or check.kind in _SMALL_KINDS


def what_is_wrong(check: Check) -> Words:
    """Say it within a sentence."""
    known = _OF_CHECK.get(check.name)
    if known is not None:
        return known
    frame = _FRAMES.get(check.kind, _OTHERWISE)
    return Words(nl=frame.nl.format(_lower(check.title.nl)), en=frame.en.format(_lower(check.title.en)))


def _lower(title: str) -> str:
    """As it stands within a sentence; abbreviations stay."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
