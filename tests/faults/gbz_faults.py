"""What is broken from outside on a running node, and what must come of it: one row a fault."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import gbz_breaking as breaking
from tests.faults import gbz_words as words
from tests.faults.gbz_site import Site

_ANSWERED = "AA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row."""

    name: str  # what happened
    make: Callable[[Site], None]
    mend: Callable[[Site], None]
    check: str
    side: str  # of the check
    nl: str  # the first line of the status
    en: str
    result: str = "violated"
    blocks: tuple[str, ...] = ()
    query: str = _ANSWERED  # what becomes of a person's question meanwhile
    told_nl: str = ""  # what people are told, where that is not the first line
    told_en: str = ""


FAULTS = (
    Fault(
        name="the key can be read by others",
        make=breaking.key_readable,
        mend=breaking.key_shut,
        check="key-permissions",
        side="operator",
        blocks=("BLOCK_OUT",),
        **words.stops(
            ("anderen op deze machine kunnen de geheime sleutel lezen", words.ADMIN[0]),
            ("others on this machine can read the private key", words.ADMIN[1]),
        ),
    ),
    Fault(
        name="the key lies beside the backups",
        make=breaking.key_in_backups,
        mend=breaking.key_out_of_backups,
        check="key-in-backup",
        side="operator",
        **words.goes_on(
            (
                "er ligt een geheime sleutel in de map van de reservekopieën",
                words.ADMIN[0],
                "Haal sleutelbestanden uit de map van de back-ups.",
            ),
            (
                "there is a private key in the folder of the backups",
                words.ADMIN[1],
                "Take key files out of the folder of the backups.",
            ),
        ),
    ),
    Fault(
        name="the store can be read by others",
        make=breaking.store_readable,
        mend=breaking.store_shut,
        check="db-permissions",
        side="operator",
        **words.goes_on(
            (
                "anderen op deze machine kunnen bij de opgeslagen berichten",
                words.ADMIN[0],
                "Zet de rechten van de bestanden terug op alleen de eigenaar.",
            ),
            (
                "others on this machine can get at the messages that are stored",
                words.ADMIN[1],
                "Set the mode of the files back to the owner only.",
            ),
        ),
    ),
    Fault(
        name="4 % of the disk is free",
        make=breaking.disk_nearly_full,
        mend=breaking.disk_with_room,
        check="disk-space",
        side="operator",
        blocks=("BLOCK_IN",),
        **words.stops(
            ("de schijf van dit kastje raakt vol", words.ADMIN[0]),
            ("the disk of this box is getting full", words.ADMIN[1]),
        ),
    ),
    Fault(
        name="the way to the LSP is over the internet",
        make=breaking.way_over_internet,
        mend=breaking.way_over_care_network,
        check="route-via-gzn",
        side="care network",
        blocks=("BLOCK_OUT",),
        **words.stops(
            ("de weg naar het LSP loopt niet over het zorgnetwerk", words.PROVIDER[0]),
            ("the way to the LSP is not over the care network", words.PROVIDER[1]),
        ),
    ),
    Fault(
        name="no name server answers",
        make=breaking.names_gone,
        mend=breaking.names_back,
        check="dns-via-gzn",
        side="care network",
        **words.goes_on(
            (
                "de naam van het LSP wordt niet in het zorgnetwerk gevonden",
                words.PROVIDER[0],
                "Bel de netwerkleverancier: de DNS-instelling klopt niet.",
            ),
            (
                "the name of the LSP is not found within the care network",
                words.PROVIDER[1],
                "Call the network provider: the DNS setting is wrong.",
            ),
        ),
    ),
    Fault(
        name="the own name leads elsewhere",
        make=breaking.own_name_astray,
        mend=breaking.own_name_right,
        check="dns-self",
        side="care network",
        **words.goes_on(
            (
                "de naam van dit kastje wijst naar een ander adres",
                words.PROVIDER[0],
                "Bel de netwerkleverancier: de naam wijst naar een ander adres.",
            ),
            (
                "the name of this box leads to another address",
                words.PROVIDER[1],
                "Call the network provider: the name leads to another address.",
            ),
        ),
    ),
    Fault(
        name="the firewall is open",
        make=breaking.firewall_open,
        mend=breaking.firewall_shut,
        check="firewall-default-deny",
        side="operator",
        **words.goes_on(
            (
                "de firewall van deze machine staat open",
                words.ADMIN[0],
                "Laat de beheerder de firewall op standaard weigeren zetten.",
            ),
            (
                "the firewall of this machine is open",
                words.ADMIN[1],
                "Have the administrator set the firewall to deny by default.",
            ),
        ),
    ),
    Fault(
        name="the machine passes packets on",
        make=breaking.forwarding_on,
        mend=breaking.forwarding_off,
        check="ip-forwarding",
        side="operator",
        **words.goes_on(
            (
                "deze machine kan verkeer doorgeven tussen het zorgnetwerk en uw eigen netwerk",
                words.ADMIN[0],
                "Zet IP-forwarding uit (sysctl net.ipv4.ip_forward=0).",
            ),
            (
                "this machine can pass traffic on between the care network and your own network",
                words.ADMIN[1],
                "Turn IP forwarding off (sysctl net.ipv4.ip_forward=0).",
            ),
        ),
    ),
    Fault(
        name="the second link is gone",
        make=breaking.second_link_gone,
        mend=breaking.second_link_back,
        check="link-redundancy",
        side="care network",
        **words.goes_on(
            (
                "een van de verbindingen met het LSP is weg",
                words.PROVIDER[0],
                "Bel de netwerkleverancier: een van de verbindingen is weg.",
            ),
            (
                "one of the connections with the LSP is gone",
                words.PROVIDER[1],
                "Call the network provider: one of the links is down.",
            ),
        ),
    ),
    Fault(
        name="the settings were changed on the disk",
        make=breaking.settings_changed,
        mend=breaking.settings_put_back,
        check="config-drift",
        side="operator",
        **words.goes_on(
            (
                "de instellingen op schijf zijn anders dan die in gebruik",
                words.ADMIN[0],
                "Laat de beheerder de wijziging overnemen (systemctl reload edge-node) of terugdraaien.",
            ),
            (
                "the settings on disk are not those in use",
                words.ADMIN[1],
                "Have the administrator take up the change (systemctl reload edge-node) or take it back.",
            ),
        ),
    ),
    Fault(
        name="the signatures against malware are 5 days old",
        make=breaking.malware_signatures_old,
        mend=breaking.malware_signatures_new,
        check="antimalware-state",
        side="operator",
        **words.MALWARE,
    ),
    Fault(
        name="the last backup is of two days ago",
        make=breaking.backup_old,
        mend=breaking.backup_made,
        check="backup-age",
        side="operator",
        **words.have_a_look(
            ("de laatste reservekopie is te oud", words.ADMIN[0]),
            ("the last backup is too old", words.ADMIN[1]),
        ),
    ),
    Fault(
        name="the recovery key is gone",
        make=breaking.recovery_key_gone,
        mend=breaking.recovery_key_back,
        check="backup-age",
        side="operator",
        result="warned",
        **words.have_a_look(
            ("er kan geen reservekopie worden gemaakt: de sleutel ervoor ontbreekt", words.ADMIN[0]),
            ("no backup can be made: the key for it is missing", words.ADMIN[1]),
        ),
    ),
    Fault(
        name="a site with test certificates is called production",
        make=breaking.test_site_called_production,
        mend=breaking.settings_put_back,
        check="config-drift",
        side="operator",
        **words.goes_on(
            (
                "de instellingen op schijf zijn anders dan die in gebruik",
                words.ADMIN[0],
                "Laat de beheerder de wijziging overnemen (systemctl reload edge-node) of terugdraaien.",
            ),
            (
                "the settings on disk are not those in use",
                words.ADMIN[1],
                "Have the administrator take up the change (systemctl reload edge-node) or take it back.",
            ),
        ),
    ),
    Fault(
        name="a line of the access log was changed",
        make=breaking.log_bent,
        mend=breaking.log_right,
        check="accesslog-chain",
        side="operator",
        **words.have_a_look(
            (
                "het toegangslog is buiten dit kastje om veranderd: waarschuw de functionaris gegevensbescherming",
                words.ADMIN[0],
            ),
            (
                "the access log was changed behind the back of this box: tell the privacy officer",
                words.ADMIN[1],
            ),
        ),
    ),
    Fault(
        name="the revocation lists ended",
        make=breaking.lists_end,
        mend=breaking.lists_come,
        check="crl-freshness",
        side="care network",
        blocks=("BLOCK_IN", "BLOCK_OUT"),
        **words.stops(
            ("een lijst van ingetrokken certificaten is verouderd", words.PROVIDER[0]),
            ("a list of revoked certificates is out of date", words.PROVIDER[1]),
        ),
    ),
    Fault(
        name="the own certificate was revoked",
        make=breaking.own_revoked,
        mend=breaking.own_not_revoked,
        check="cert-revoked",
        side="operator",
        blocks=("BLOCK_IN", "BLOCK_OUT"),
        query="EN-CHECK-STOPPED",
        **words.REVOKED,
    ),
    Fault(
        name="the own certificate ends in 20 days",
        make=breaking.certificate_ends_soon,
        mend=breaking.certificate_renewed,
        check="cert-expiry",
        side="operator",
        **words.ENDS_SOON,
    ),
    Fault(
        name="the LSP does not answer",
        make=breaking.switchboard_gone,
        mend=breaking.switchboard_back,
        check="lsp-ping-stage",
        side="switchboard",
        query="EN-SWITCHBOARD-UNREACHABLE",
        **words.LSP_DOWN,
    ),
    Fault(
        name="the interface of the care network is down",
        make=breaking.interface_down,
        mend=breaking.interface_up,
        check="lsp-ping-stage",
        side="care network",
        query="EN-SWITCHBOARD-UNREACHABLE",
        **words.NETWORK_DOWN,
    ),
    Fault(
        name="another answers as the LSP",
        make=breaking.switchboard_expired,
        mend=breaking.switchboard_good,
        check="peer-is-zim",
        side="switchboard",
        blocks=("BLOCK_IN", "BLOCK_OUT"),
        query="EN-TLS-EXPIRED",
        **words.stops(
            ("wie zich meldt als het LSP, toont niet het certificaat van het LSP", "het LSP"),
            ("who answers as the LSP does not show the certificate of the LSP", "the LSP"),
        ),
    ),
    Fault(
        name="the local system is down",
        make=breaking.local_system_gone,
        mend=breaking.local_system_back,
        check="answer-timeout-rate",
        side="local system",
        **words.LOCAL_DOWN,
    ),
    Fault(
        name="the local system hangs",
        make=breaking.local_system_hangs,
        mend=breaking.local_system_goes_on,
        check="answer-timeout-rate",
        side="local system",
        **words.LOCAL_DOWN,
    ),
    Fault(
        name="the clock is 3 s off",
        make=breaking.clock_off,
        mend=breaking.clock_right,
        check="clock-offset",
        side="operator",
        blocks=("BLOCK_OUT",),
        **words.stops(
            ("de klok van dit kastje loopt niet gelijk", words.ADMIN[0]),
            ("the clock of this box is off", words.ADMIN[1]),
        ),
    ),
    Fault(
        name="the clock was set by hand",
        make=breaking.clock_set_by_hand,
        mend=breaking.clock_set_back,
        check="clock-step",
        side="operator",
        **words.goes_on(
            (
                "de klok van dit kastje is versprongen",
                words.ADMIN[0],
                "Zet de klok nooit met de hand; laat chrony hem langzaam bijstellen.",
            ),
            ("the clock of this box has jumped", words.ADMIN[1], "Never set the clock by hand; let chrony slew it."),
        ),
    ),
)
