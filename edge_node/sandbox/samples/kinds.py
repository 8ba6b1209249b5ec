# ruff: noqa: E501  one line a kind reads as a table
"""The kinds of sample message: one for each interaction that an exchange of the programme uses.

Knows: of each kind its Dutch name, its domain, its service, and how large it is.
Must not know: patients, senders, XML.

Service paths and operations are public for a few interactions only (domain reference 2.3); the others here follow
the same form and are ours.
"""

from collections.abc import Iterator
from typing import Any, Final

from edge_node.sandbox.samples.kind import Kind, Role, kind_of

__all__ = ["ANSWERS", "BY_INTERACTION", "CONTEXT_DATA", "CONTEXT_LEGS", "DOMAINS", "KINDS", "LEGS", "Kind", "Role"]

_CARE, _LIST, _ORGANIZER = "care_provision", "medication_list", "organizer"
_SEND = "Versturen"
_PS, _DISPENSES, _PRESCRIPTIONS, _CONDITIONS = "460320", "272353", "722933", "288432"
_LAB, _DOCUMENTS, _CHAIN = "834295", "118400", "902200"

_Row = tuple[str, str, str, str, dict[str, Any]]  # name, title, interaction, service, the rest


def _query(name: str, title: str, interaction: str, service: str, data: str = "", **more: Any) -> _Row:
    return name, title, interaction, service, {"data": data or None, **more}


def _push(name: str, title: str, interaction: str, service: str, template: str, entries: int, **more: Any) -> _Row:
    return name, title, interaction, service, {"operation": _SEND, "template": template, "entries": entries, **more}


def _register(
    name: str, title: str, interaction: str, service: str, operation: str, template: str, **more: Any
) -> _Row:
    return name, title, interaction, service, {"operation": operation, "template": template, "register": True, **more}


_REQUESTS: Final[dict[str, tuple[_Row, ...]]] = {
    "connectivity": (
        _register("tick", "tick", "COMT_IN113113NL", "Ping", "TickTock", "bare", patid=False),
        _register("ping", "ping", "COMT_IN118118", "Ping", "PingPong", "bare"),
    ),
    "index": (
        _register("index-update", "bijwerken index", "MFMT_IN002302NL", "VerwijsindexBijwerken", "Bijwerken", "index", data=_PS),
        _register("index-renewal", "heraanmelden index", "MFMT_IN002202NL", "VerwijsindexHeraanmelden", "Heraanmelden", "index", data=_PS),
        _register("index-removal", "verwijderen uit index", "MFMT_IN002303NL", "VerwijsindexVerwijderen", "Verwijderen", "index", data=_PS),
        _register("index-registration", "aanmelden (verwijsindex)", "MFMT_IN002101", "GegevensAanmelden", "Aanmelden", "index", data=_DISPENSES),
        _register("index-reregistration", "heraanmelden (verwijsindex)", "MFMT_IN002102", "GegevensHeraanmelden", "Heraanmelden", "index", data=_DISPENSES),
        _register("index-deregistration", "afmelden (verwijsindex)", "MFMT_IN002103", "GegevensAfmelden", "Afmelden", "index", data=_DISPENSES),
        _query("index-query", "verwijsindex", "QUMT_IN020010", "VerwijsindexQuery"),
        _query("index-steward-query", "verwijsindex, dossierhouder", "QUMT_IN020011NL", "VerwijsindexDossierhouderQuery"),
        _query("index-steward-query-2", "verwijsindex, dossierhouder 02", "QUMT_IN020011NL02", "VerwijsindexDossierhouder02Query"),
        _query("freshness-query", "actualiteit index", "QUMT_IN020031NL", "ActualiteitQuery"),
    ),
    "professional summary": (
        _query("summary-query", "prof. samenvatting", "QUPC_IN990001NL", "ProfessioneleSamenvattingQueryBatch", _PS),
        _query("care-profile-query", "zorgdossierprofiel", "QUPC_IN043100UV", "ZorgprofielQueryBatch", _PS),
    ),
    "medication": (
        _query("dispense-query", "verstrekkingen", "QURX_IN990111NL", "VerstrekkingsLijstqueryBatch", _DISPENSES),
        _query("dispense-query-2", "verstrekkingenlijst 02", "QURX_IN990111NL02", "VerstrekkingsLijst02queryBatch", _DISPENSES),
        _query("dispense-details-query", "verstrekkingen, los", "QURX_IN990011NL", "VerstrekkingenQueryBatch", _DISPENSES),
        _query("prescription-query", "voorschriften", "QURX_IN990101NL", "VoorschriftenLijstqueryBatch", _PRESCRIPTIONS),
        _query("prescription-query-2", "voorschriftenlijst 02", "QURX_IN990101NL02", "VoorschriftenLijst02queryBatch", _PRESCRIPTIONS),
        _query("prescription-details-query", "voorschriften, los", "QURX_IN990001NL", "VoorschriftenQueryBatch", _PRESCRIPTIONS),
        _query("medication-use-query", "medicatiegebruik", "PORX_IN040050NL", "MedicatiegebruikQueryBatch", _PRESCRIPTIONS),
        _push("prescription", "voorschrift", "PORX_IN932000NL", "VoorschriftVersturen", "prescription", 2),
        _push("prescription-2", "voorschrift 02", "PORX_IN932000NL02", "Voorschrift02Versturen", "prescription", 2),
        _push("signed-prescription", "voorschrift, getekend", "PORX_IN932100NL", "VoorschriftHandtekeningVersturen", "prescription", 3),
        _push("prescription-stop", "stopvoorschrift", "PORX_IN932000NL", "VoorschriftVersturen", "prescription", 2, state="aborted"),
        _push("prescription-change", "wijziging voorschrift", "PORX_IN932000NL", "VoorschriftVersturen", "prescription", 2, replaces=True),
        _push("dispense-message", "verstrekking", "PORX_IN924000NL", "VerstrekkingVersturen", _LIST, 4),
        _push("dispense-message-2", "verstrekking 02", "PORX_IN924000NL02", "Verstrekking02Versturen", _LIST, 4),
        _push("medication-use-message", "medicatiegebruik, sturen", "PORX_IN040010NL", "GebruikVersturen", _LIST, 4),
    ),
    "medication process 9": (
        _query("medication-context-query", "medicatiegegevens MP9", "GQZG_IN000001NL", "GeneriekeQueryBatch", _PRESCRIPTIONS, context="SITEMP"),
        _push("mp9-prescription", "voorschrift MP9", "PVMV_IN932000NL03", "MedicatievoorschriftVersturen", _ORGANIZER, 8),
        _push("mp9-prescription-1", "voorschrift MP9 01", "PVMV_IN932000NL01", "Medicatievoorschrift01Versturen", _ORGANIZER, 8),
        _push("mp9-prescription-2", "voorschrift MP9 02", "PVMV_IN932000NL02", "Medicatievoorschrift02Versturen", _ORGANIZER, 8),
        _push("dispense-report", "afhandeling voorschrift", "PAMV_IN924000NL02", "AfhandelingVoorschriftVersturen", _ORGANIZER, 8),
        _push("dispense-report-1", "afhandeling voorschrift 01", "PAMV_IN924000NL01", "AfhandelingVoorschrift01Versturen", _ORGANIZER, 8),
        _push("medication-use", "medicatiegebruik MP9", "PMMG_IN040010NL02", "MedicatiegebruikVersturen", _ORGANIZER, 10),
        _push("medication-use-1", "medicatiegebruik MP9 01", "PMMG_IN040010NL01", "Medicatiegebruik01Versturen", _ORGANIZER, 10),
        _push("medication-data", "medicatiegegevens, sturen", "PVMG_IN000001NL01", "MedicatiegegevensVersturen", _ORGANIZER, 20),
        _push("dispense-proposal", "voorstel verstrekking", "PVVV_IN000001NL01", "VoorstelVerstrekkingVersturen", _ORGANIZER, 5),
        _push("dispense-proposal-answer", "antwoord op voorstel", "PAVV_IN000001NL01", "AntwoordVoorstelVersturen", _ORGANIZER, 5),
        _push("agreement-proposal", "voorstel medicatieafspraak", "PVVM_IN000001NL01", "VoorstelMedicatieafspraakVersturen", _ORGANIZER, 5),
        _push("agreement-proposal-answer", "antwoord voorstel afspraak", "PAVM_IN000001NL01", "AntwoordMedicatieafspraakVersturen", _ORGANIZER, 5),
    ),
    "intolerances": (
        _query("conditions-query", "condities (ICA)", "REPC_IN000023NL", "ConditiesQueryBatch", _CONDITIONS),
        _query("surveillance-query", "medicatiebewaking (ICA)", "RCMR_IN917000NL", "MedicatiebewakingQueryBatch", _CONDITIONS),
        _query("cio-query", "CiO", "SITE_IN000004NL", "CiOQueryBatch", "800310"),
    ),
    "locum care": (
        _push("locum-report", "waarneembericht", "REPC_IN990003NL", "WaarneemverslagVersturen", _CARE, 6),
        _push("out-of-hours-care-report", "zorgverslag HAP", "REPC_IN990004NL", "DienstzorgverslagVersturen", _CARE, 7),
        _push("out-of-hours-report", "dienstverslag", "REPC_IN990005NL", "DienstverslagVersturen", _CARE, 7),
        _push("advance-notice", "vooraankondiging", "SITE_IN000001NL", "VooraankondigingVersturen", _ORGANIZER, 6),
        _query("treatment-limits-query", "behandelgrenzen", "SITE_IN000002NL", "BehandelgrenzenQueryBatch", _PS),
    ),
    "acute care": (
        _query("summary-query-dispatch", "samenvatting meldkamer", "QUPC_IN443130NL", "SamenvattingMeldkamerQueryBatch", _PS),
        _query("summary-query-ambulance", "samenvatting ambulance", "QUPC_IN443131NL", "SamenvattingAmbulanceQueryBatch", _PS),
        _query("summary-query-emergency", "samenvatting SEH", "QUPC_IN443132NL", "SamenvattingSEHQueryBatch", _PS),
        _push("urgent-referral", "spoedverwijzing SEH", "ZTAZ_IN000001NL01", "SpoedverwijzingVersturen", _ORGANIZER, 8),
        _push("urgent-dispatch", "spoedmelding meldkamer", "ZTAZ_IN000002NL01", "SpoedmeldingVersturen", _ORGANIZER, 6),
        _push("dispatch-referral", "verwijzing meldkamer", "ZTAZ_IN000003NL01", "MeldkamerverwijzingVersturen", _ORGANIZER, 6),
        _push("ambulance-handover", "ambulanceoverdracht", "ZTAZ_IN000004NL01", "AmbulanceoverdrachtVersturen", _ORGANIZER, 7),
        _push("ambulance-handover-1", "ambulanceoverdracht, oud", "PRPA_IN405010NL", "OverdrachtSEHVersturen", _CARE, 7),
        _push("dispatch-report", "verslag meldkamer", "REPC_IN404440NL", "MeldkamerVerslagVersturen", _CARE, 9),
        _push("ambulance-report", "verslag ambulance", "REPC_IN404441NL", "AmbulanceVerslagVersturen", _CARE, 9),
        _push("emergency-report", "SEH-verslag", "REPC_IN404442NL", "SEHVerslagVersturen", _CARE, 9),
    ),
    "chain care": (
        _query("chain-care-query", "ketenzorggegevens", "GQZG_IN000001NL", "GeneriekeQueryBatch", _CHAIN, context="KZDI"),
        _query("correspondence-query", "correspondentie en afspraken", "GQZG_IN000001NL", "GeneriekeQueryBatch", _CHAIN, context="SITEGP"),
        _push("chain-care-referral", "verwijzing ketenzorg", "ZTKZ_IN000001NL", "KetenzorgVerwijzingVersturen", _ORGANIZER, 14),
        _push("chain-care-referral-2", "verwijzing ketenzorg 02", "ZTKZ_IN000001NL02", "KetenzorgVerwijzing02Versturen", _ORGANIZER, 14),
        _push("chain-care-transfer", "ketenzorgdossier", "ZTKZ_IN000004NL", "KetenzorgDossierVersturen", _ORGANIZER, 70),
        _push("chain-care-transfer-2", "ketenzorgdossier 02", "ZTKZ_IN000004NL02", "KetenzorgDossier02Versturen", _ORGANIZER, 70),
        _push("chain-care-stop", "stop ketenzorg", "ZTKZ_IN000005NL", "KetenzorgVerwijzingStoppen", _ORGANIZER, 5),
        _push("self-measurements", "zelfmetingen", "ZTZM_IN000004NL01", "ZelfmetingenVersturen", _ORGANIZER, 20),
    ),
    "referral and transfer": (
        _push("referral", "verwijzing", "ZTVW_IN000001NL01", "VerwijzingVersturen", _ORGANIZER, 10),
        _push("referral-report", "verslag op verwijzing", "ZTVW_IN000004NL01", "VerwijzingRapporteren", _ORGANIZER, 12),
        _push("referral-stop", "stop verwijzing", "ZTVW_IN000005NL01", "VerwijzingStoppen", _ORGANIZER, 5),
        _push("record-transfer", "dossieroverdracht", "REPC_IN004410NL", "DossieroverdrachtVersturen", _CARE, 120),
        _push("record-transfer-uv", "dossieroverdracht UV", "REPC_IN004410UV", "DossieroverdrachtUVVersturen", _CARE, 120),
        _push("record-transfer-uv1", "dossieroverdracht UV01", "REPC_IN004410UV01", "DossieroverdrachtUV01Versturen", _CARE, 120),
        _push("stewardship-refusal", "weigering dossierhouderschap", "COMT_IN800120", "DossierhouderschapWeigeren", _CARE, 5),
    ),
    "laboratory and documents": (
        _query("lab-query", "labuitslagen", "POLB_IN354000NL", "LabresultatenQueryBatch", _LAB),
        _query("lab-sampling-query", "labafnameaanvragen", "POOR_IN900500NL", "LabafnameaanvragenQueryBatch", "909909"),
        _query("lab-order-query", "labuitslagaanvragen", "POOR_IN990500NL", "LabuitslagaanvragenQueryBatch", "908809"),
        _query("lab-order-documents-query", "labaanvraagdocumenten", "RCMR_IN918000NL", "LabaanvraagdocumentQueryBatch", "872304"),
        _query("lab-sampling-documents-query", "labafnamedocumenten", "RCMR_IN919000NL", "LabafnamedocumentQueryBatch", "504871"),
        _query("lab-result-documents-query", "labuitslagdocumenten", "RCMR_IN920000NL", "LabuitslagdocumentQueryBatch", "703406"),
        _push("lab-order", "labaanvraag", "POOR_IN900090NL", "LabaanvraagVersturen", _ORGANIZER, 6),
        _push("lab-order-promise", "labaanvraag aangenomen", "POOR_IN900190NL", "LabaanvraagAannemen", _ORGANIZER, 5),
        _push("lab-order-refusal", "labaanvraag geweigerd", "POOR_IN900195NL", "LabaanvraagWeigeren", _ORGANIZER, 5),
        _push("lab-result", "labuitslag", "POLB_IN234000NL", "LabuitslagVersturen", _ORGANIZER, 12),
        _push("document", "CDA-document", "POCD_IN000040NL", "DocumentVersturen", _ORGANIZER, 8),
        _push("file-ready", "bestand gereed", "RCMR_IN000101NL", "BestandMelden", "file", 0, patid=False),
        _push("file-taken", "bestand opgehaald", "RCMR_IN000102NL", "BestandBevestigen", "file", 0, patid=False),
    ),
    "youth health": (
        _push("youth-health-transfer", "dossieroverdracht JGZ", "REPC_IN902120NL", "JGZDossierVersturen", _CARE, 150, act="careProvisionEvent"),
        _push("youth-health-transfer-3", "dossieroverdracht JGZ 03", "REPC_IN902120NL03", "JGZDossier03Versturen", _CARE, 150, act="careProvisionEvent"),
        _push("youth-health-transfer-4", "dossieroverdracht JGZ 04", "REPC_IN902120NL04", "JGZDossier04Versturen", _CARE, 150, act="careProvisionEvent"),
        _push("care-transfer", "zorgoverdracht", "REPC_IN002120NL", "ZorgoverdrachtVersturen", _CARE, 30, act="careProvisionEvent"),
        _push("perinatal-report", "perinatale rapportage", "REPC_IN004014NL", "ZorgRapportage", _CARE, 30, act="CareProvisionEvent", operation="ZorgRapportage"),
        _push("birth-notice", "geboortebericht", "PRPA_IN101301NL", "RegistreerPersoon", "birth", 0, operation="RegistreerPersoon"),
        _query("vaccination-query", "vaccinatiestatus", "REPC_IN002170NL", "VaccinatiestatusQuery"),
        _push("vaccinations", "vaccinaties", "REPC_IN002140NL", "VaccinatiesVersturen", _CARE, 8),
        _push("vaccinations-anonymous", "vaccinaties, anoniem", "REPC_IN002145NL", "VaccinatiesAnoniemVersturen", "lots", 9),
        _push("vaccination-invitations", "oproepen vaccinatie", "REPC_IN002160NL", "OproepenVersturen", "lots", 9),
        _push("vaccine-lots", "vaccinpartijen", "PRMM_IN010043NL", "VaccinpartijenVersturen", "lots", 12),
        _push("vaccine-lots-zt", "vaccinpartijen ZT", "ZTVA_IN000003NL01", "VaccinpartijenZTVersturen", "lots", 12, patid=False),
        _push("immunisation", "immunisatiebericht", "ZTVA_IN000002NL01", "ImmunisatieVersturen", _ORGANIZER, 8),
        _push("immunisation-process", "immunisatieproces", "ZTVA_IN000001NL01", "ImmunisatieprocesVersturen", _ORGANIZER, 8),
        _push("heel-prick", "hielprik", "POOR_IN002150NL", "HielprikAanvragen", _CARE, 5),
    ),
    "registers": (
        _query("access-log-query", "toegangslog", "COMT_IN999998NL", "ToegangslogQuery"),
        _query("consent-query", "inzage toestemming", "RCMR_IN010017NL", "AutorisatieprofielQuery"),
        _register("consent-change", "wijziging toestemming", "RCMR_IN010014NL", "AutorisatieprofielWijzigen", "Wijzigen", "consent", entries=4),
        _push("consent-report", "melding toestemming", "PXAC_IN990001NL01", "ToestemmingMelden", "consent", 4),
        _query("subscription", "abonnement", "QUMT_IN900008NL", "AbonnementRegistreren", operation="Registreren"),
        _query("subscriptions-query", "abonnementen", "QUMT_IN900013NL", "AbonnementenQuery"),
        _query("subscriber-query", "geabonneerde zorgverlener", "QUMT_IN900018NL", "AbonneeQuery"),
        _query("organisation-search", "zorgadresboek, organisaties", "PRPM_IN405010NL", "OrganisatiesQuery", template="provider_query"),
        _query("provider-query", "zorgadresboek, zorgaanbieder", "PRPM_IN406010NL", "ZorgaanbiederQuery", template="provider_query"),
        _query("practitioner-query", "zorgadresboek, zorgverlener", "PRPM_IN906010NL", "ZorgverlenerQuery", template="provider_query"),
        _query("application-query", "applicatiegegevens", "PRPM_IN907010NL02", "ApplicatieQuery", template="provider_query"),
        _query("applications-query", "applicaties", "PRPM_IN907020NL02", "ApplicatiesQuery", template="provider_query"),
        _query("version-query", "ondersteunde versies", "PRPM_IN907030NL", "VersieQuery", template="provider_query"),
        _register("role-addition", "systeemrol toevoegen", "PRPM_IN908100NL02", "SysteemrolToevoegen", "Toevoegen", "application"),
        _register("role-change", "systeemrol wijzigen", "PRPM_IN908200NL02", "SysteemrolWijzigen", "Wijzigen", "application"),
        _register("application-change", "applicatie wijzigen", "PRPM_IN908400NL", "ApplicatieWijzigen", "Wijzigen", "application"),
        _register("tkid-change", "TKID wijzigen", "PRPM_IN908500NL", "TKIDWijzigen", "Wijzigen", "application"),
        _query("person-query", "persoonsgegevens bij BSN", "QUPA_IN101101", "PersoonQuery"),
        _query("bsn-query", "BSN bij persoonsgegevens", "QUPA_IN101103", "BSNQuery", template="person_query"),
        _query("identity-document-query", "status WID", "PRPA_IN900111NL", "WIDQuery", template="document_query"),
    ),
    "signals": (
        _push("subscription-signal", "signaal op abonnement", "QUMT_IN900010NL", "Signaleren", "notification", 0, operation="Signaal"),
        _push("signal", "signaal zonder abonnement", "COMT_IN900010NL", "Signaleren", "notification", 0, operation="SignaalZonderAbonnement"),
        _push("patient-notification", "patiëntnotificatie", "QUMT_IN900011NL", "Signaleren", "notification", 0, operation="Melding"),
    ),
    "patient": (
        _query("portal-summary", "patiëntinzage PS", "QUPC_IN990001NL", "ProfessioneleSamenvattingQueryBatch", _PS, by_patient=True, patid=True),
        _query("portal-dispenses", "patiëntinzage verstrekkingen", "QURX_IN990111NL", "VerstrekkingsLijstqueryBatch", _DISPENSES, by_patient=True, patid=True),
        _query("portal-prescriptions", "patiëntinzage voorschriften", "QURX_IN990101NL", "VoorschriftenLijstqueryBatch", _PRESCRIPTIONS, by_patient=True, patid=True),
        _query("portal-medication-use", "patiëntinzage gebruik", "PORX_IN040050NL", "MedicatiegebruikQueryBatch", _PRESCRIPTIONS, by_patient=True, patid=True),
    ),
}  # fmt: skip

_CHAIN_LEGS: Final = {
    "REPC_IN990100NL": "ContactverslagenQuery", "REPC_IN990110NL": "EpisodesQuery", "REPC_IN990120NL": "AlertsQuery",
    "REPC_IN990130NL": "AllergieIntolerantiesQuery", "POLB_IN354001NL03": "LabbepalingenQuery",
    "POOB_IN990001NL": "AlgemeneBepalingenQuery", "PRPA_IN900300NL": "ContactmomentenQuery",
}  # fmt: skip
_GP_LEGS: Final = {
    "QUCO_IN990001NL01": "CorrespondentieQuery", "QUAF_IN990001NL01": "AfsprakenQuery", "POLB_IN354001NL02": "LabuitslagenQuery",
}  # fmt: skip
_MEDICATION_LEGS: Final = {
    "QURX_IN990201NL01": "VoorschriftenQuery", "QUMA_IN991201NL04": "MedicatieafsprakenQuery", "QUDS_IN000001NL01": "DoseerschemaQuery",
    "QUVV_IN992201NL03": "VerstrekkingsverzoekenQuery", "QUTA_IN991211NL02": "ToedieningsafsprakenQuery",
    "QUTD_IN000001NL01": "ToedieningenQuery", "QUMV_IN992211NL02": "MedicatieverstrekkingenQuery",
    "QUMG_IN991221NL02": "MedicatiegebruikQuery", "QUMO_IN991321NL02": "MedicatieoverzichtQuery",
}  # fmt: skip
#: Older versions, which a source that is late still answers; no context of this sandbox asks them.
_OLDER_LEGS: Final = {
    "QUMA_IN991201NL02": "Medicatieafspraken02Query", "QUMA_IN991201NL03": "Medicatieafspraken03Query",
    "QUVV_IN992201NL01": "Verstrekkingsverzoeken01Query", "QUVV_IN992201NL02": "Verstrekkingsverzoeken02Query",
    "QUTA_IN991211NL01": "Toedieningsafspraken01Query", "QUMV_IN992211NL01": "Medicatieverstrekkingen01Query",
    "QUMG_IN991221NL01": "Medicatiegebruik01Query", "QUMO_IN991321NL01": "Medicatieoverzicht01Query",
}  # fmt: skip

#: What a source answers: template and size, where it is not a cluster of 12 observations.
_ANSWERED: Final = {
    "QUPC_IN990002NL": (_CARE, 60), "QUPC_IN043200UV": (_CARE, 40), "QUPC_IN443230NL": (_CARE, 25), "QUPC_IN443231NL": (_CARE, 40),
    "QUPC_IN443232NL": (_CARE, 60), "QURX_IN990113NL": (_LIST, 40), "QURX_IN990113NL02": (_LIST, 40), "QURX_IN990013NL": (_LIST, 20),
    "QURX_IN990103NL": (_LIST, 12), "QURX_IN990103NL02": (_LIST, 12), "QURX_IN990003NL": (_LIST, 12), "PORX_IN040052NL": (_LIST, 9),
    "POLB_IN364000NL": (_ORGANIZER, 45), "POLB_IN364001NL03": (_ORGANIZER, 60), "COMT_IN999999NL": ("access_log", 40),
    "RCMR_IN010027NL": ("consent", 6), "QUPA_IN101102": ("person", 0), "QUPA_IN101104": ("person", 0), "PRPA_IN900112NL": ("person", 0),
    "PRPM_IN405110NL": ("providers", 0), "PRPM_IN406110NL": ("providers", 0), "PRPM_IN906110NL": ("providers", 0),
    "PRPM_IN907110NL02": ("providers", 0), "PRPM_IN907120NL02": ("providers", 0), "PRPM_IN907130NL": ("providers", 0),
    "COMT_IN229229": ("bare", 0), "PXAC_IN990003NL01": ("bare", 0), "QUMT_IN900009NL": ("bare", 0), "QUMT_IN020020": ("index_entries", 0),
    "QUMT_IN020021NL": ("index_entries", 0), "QUMT_IN020021NL02": ("index_entries", 0), "QUMT_IN020041NL": ("index_entries", 0),
    "QUMT_IN900014NL": ("index_entries", 0),
}  # fmt: skip


def _kinds(domain: str, rows: tuple[_Row, ...]) -> Iterator[Kind]:
    for name, title, interaction, service, more in rows:
        yield kind_of(interaction, name=name, title=title, domain=domain, service=service, **more)


def _legs(domain: str, legs: dict[str, str]) -> tuple[Kind, ...]:
    # Table row QUAF_IN990001NL01 has no context line, but it is asked like the others (domain reference 4.2).
    return tuple(
        kind_of(name, name=f"leg {name}", domain=domain, service=service, role=Role.LEG)
        for name, service in legs.items()
    )


def _answer(asked: Kind) -> Kind:
    name = asked.answer or ""
    template, entries = _ANSWERED.get(name, ("bare", 0) if asked.role is Role.PUSH else (_ORGANIZER, 12))
    return kind_of(
        name, name=f"answer {name}", domain=asked.domain, template=template, entries=entries, role=Role.ANSWER,
        accept_ack="NE",
    )  # fmt: skip


KINDS: Final = {kind.name: kind for domain, rows in _REQUESTS.items() for kind in _kinds(domain, rows)}
DOMAINS: Final = tuple(_REQUESTS)
_IN_CONTEXT: Final = {
    "chain care": _legs("chain care", _CHAIN_LEGS), "gp": _legs("chain care", _GP_LEGS),
    "medication": _legs("medication process 9", _MEDICATION_LEGS),
}  # fmt: skip
LEGS: Final = tuple(leg for legs in _IN_CONTEXT.values() for leg in legs) + _legs("medication process 9", _OLDER_LEGS)
ANSWERS: Final = tuple({kind.answer: _answer(kind) for kind in (*KINDS.values(), *LEGS) if kind.answer}.values())
#: Of an interaction that several kinds use, the first one.
BY_INTERACTION: Final = {kind.interaction: kind for kind in reversed((*KINDS.values(), *LEGS, *ANSWERS))}

#: What the switchboard asks each source for a context. Public are those of chain care only; SITE… is invented.
CONTEXT_LEGS: Final = dict.fromkeys(("KZDI", "KZCO", "KZCV", "KZNI", "KZOB"), _IN_CONTEXT["chain care"]) | {
    "SITEGP": _IN_CONTEXT["gp"], "SITEMP": _IN_CONTEXT["medication"],
}  # fmt: skip
#: The kind of data in the index by which the sources of a context are found.
CONTEXT_DATA: Final = {kind.context: kind.data for kind in KINDS.values() if kind.context} | dict.fromkeys(
    ("KZCO", "KZCV", "KZNI", "KZOB"), _CHAIN
)
