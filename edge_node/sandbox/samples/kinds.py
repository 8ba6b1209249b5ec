# ruff: noqa: E501  one line a kind reads as a table
"""The kinds of sample message, one for each that the programme names and that has a public interaction.

Knows: of each kind the interaction, its domain, how it is addressed and how large it is.
Must not know: patients, senders, XML.

Service paths and operations are public for a few interactions only (domain reference 2.3); the others here follow
the same form and are ours.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_TRIGGERS: Final = {
    "QURX_IN990111NL": "QURX_TE990011NL", "QURX_IN990113NL": "QURX_TE990012NL", "QURX_IN990101NL": "QURX_TE990001NL",
    "QURX_IN990103NL": "QURX_TE990002NL", "REPC_IN000023NL": "REPC_TE000012NL", "REPC_IN000024NL": "REPC_TE000013NL",
    "POLB_IN354000NL": "POLB_TE304000UV01", "POLB_IN364000NL": "POLB_TE304001UV01", "PRPA_IN900300NL": "PRPA_TE900300UV02",
    "PRPA_IN900350NL": "PRPA_TE900350UV02", "PORX_IN932000NL": "PORX_TE990001NL", "PORX_IN932100NL": "PORX_TE990001NL",
    "PVMV_IN932000NL03": "PORX_TE990001NL", "PMMG_IN040010NL02": "PORX_TE990021", "REPC_IN902120NL": "REPC_TE902100NL",
    "REPC_IN004014NL": "REPC_TE004014UV", "QUMT_IN900011NL": "QUMT_TE000003NL", "QUMT_IN900010NL": "QUMT_TE000003NL",
    "QUPC_IN443130NL": "QUPC_TE043100UV", "QUPC_IN443131NL": "QUPC_TE043100UV", "QUPC_IN443132NL": "QUPC_TE043100UV",
    "QUPC_IN443230NL": "QUPC_TE043200UV", "QUPC_IN443231NL": "QUPC_TE043200UV", "QUPC_IN443232NL": "QUPC_TE043200UV",
    "RCMR_IN917000NL": "RCMR_TE000903UV01", "RCMR_IN000032NL": "RCMR_TE000904UV01", "RCMR_IN010017NL": "RCMR_TE101305NL",
    "RCMR_IN010027NL": "RCMR_TE101308NL", "REPC_IN990005NL": "REPC_TE990004NL", "REPC_IN404442NL": "REPC_TE004410UV",
    "REPC_IN004410NL": "REPC_TE004410UV", "PAMV_IN924000NL02": "PORX_TE990011NL", "QUMT_IN900008NL": "QUMT_TE000001NL",
    "QUMT_IN900009NL": "QUMT_TE000002NL",
}  # fmt: skip


class Role(StrEnum):
    """The part a kind plays in an exchange."""

    QUERY = "query"
    PUSH = "push"
    SIGNAL = "signal"  # made by the switchboard itself
    LEG = "leg"  # a query the switchboard makes to a source
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of sample message."""

    name: str
    interaction: str
    domain: str
    role: Role
    service: str = ""
    operation: str = "QueryResponse"
    token: bool = False  # level midden: a person signs
    accept_ack: str = "NE"
    patid: bool = False  # carries the PATID attention line
    template: str = "query"
    entries: int = 0
    answer: str | None = None  # interaction of the source's answer
    register: bool = False  # the switchboard itself answers or keeps it
    direct: bool = False  # a query to one known application, not to the switchboard
    data: str | None = None  # kind of data in the index (code system 2.16.840.1.113883.2.4.15.4)
    context: str | None = None
    act: str = "PrimaryCareProvision"  # name of the act that holds the patient, where the template takes one

    @property
    def trigger_event(self) -> str:
        """The trigger event of the control act: the interaction's own, where the national table gives no other."""
        return _TRIGGERS.get(self.interaction, self.interaction.replace("_IN", "_TE", 1))

    @property
    def soap_action(self) -> str:
        """The SOAPAction, without quotes."""
        return f"urn:hl7-org:v3/{self.service}_{self.operation}"


def _query(name: str, interaction: str, domain: str, service: str, answer: str, data: str) -> Kind:
    return Kind(
        name=name, interaction=interaction, domain=domain, role=Role.QUERY, service=service, token=True, answer=answer,
        data=data,
    )  # fmt: skip


def _push(name: str, interaction: str, domain: str, service: str, template: str, entries: int) -> Kind:
    return Kind(
        name=name, interaction=interaction, domain=domain, role=Role.PUSH, service=service, operation="Versturen",
        token=True, accept_ack="AL", patid=True, template=template, entries=entries,
    )  # fmt: skip


def _laag(name: str, interaction: str, domain: str, service: str, template: str, entries: int) -> Kind:
    return Kind(
        name=name, interaction=interaction, domain=domain, role=Role.PUSH, service=service, operation="Versturen",
        accept_ack="AL", patid=True, template=template, entries=entries,
    )  # fmt: skip


def _leg(interaction: str, answer: str, service: str) -> Kind:
    return Kind(
        name=f"leg {interaction}", interaction=interaction, domain="chain care", role=Role.LEG, service=service,
        answer=answer,
    )  # fmt: skip


def _answer(interaction: str, domain: str, template: str, entries: int) -> Kind:
    return Kind(
        name=f"answer {interaction}", interaction=interaction, domain=domain, role=Role.ANSWER, template=template,
        entries=entries,
    )  # fmt: skip


_CARE, _LIST, _ORGANIZER = "care_provision", "medication_list", "organizer"

QUERIES: Final = (
    _query("summary-query", "QUPC_IN990001NL", "professional summary", "ProfessioneleSamenvattingQueryBatch", "QUPC_IN990002NL", "460320"),
    _query("dispense-query", "QURX_IN990111NL", "medication", "VerstrekkingsLijstqueryBatch", "QURX_IN990113NL", "272353"),
    _query("prescription-query", "QURX_IN990101NL", "medication", "VoorschriftenLijstqueryBatch", "QURX_IN990103NL", "722933"),
    _query("conditions-query", "REPC_IN000023NL", "intolerances", "ConditiesQueryBatch", "REPC_IN000024NL", "288432"),
    _query("lab-query", "POLB_IN354000NL", "laboratory", "LabresultatenQueryBatch", "POLB_IN364000NL", "834295"),
    Kind(name="chain-care-query", interaction="GQZG_IN000001NL", domain="chain care", role=Role.QUERY,
         service="GeneriekeQueryBatch", token=True, context="KZDI", data="902200"),
    _query("medication-use-query", "PORX_IN040050NL", "medication use", "MedicatiegebruikQueryBatch", "PORX_IN040052NL", "722933"),
    _query("surveillance-query", "RCMR_IN917000NL", "intolerances", "MedicatiebewakingQueryBatch", "RCMR_IN000032NL", "288432"),
    _query("summary-query-dispatch", "QUPC_IN443130NL", "acute care", "SamenvattingMeldkamerQueryBatch", "QUPC_IN443230NL", "460320"),
    _query("summary-query-ambulance", "QUPC_IN443131NL", "acute care", "SamenvattingAmbulanceQueryBatch", "QUPC_IN443231NL", "460320"),
    _query("summary-query-emergency", "QUPC_IN443132NL", "acute care", "SamenvattingSEHQueryBatch", "QUPC_IN443232NL", "460320"),
    Kind(name="vaccination-query", interaction="REPC_IN002170NL", domain="vaccination", role=Role.QUERY,
         service="VaccinatiestatusQuery", patid=True, answer="REPC_IN002171NL", direct=True),
    Kind(name="consent-query", interaction="RCMR_IN010017NL", domain="consent", role=Role.QUERY,
         service="AutorisatieprofielQuery", token=True, patid=True, answer="RCMR_IN010027NL", register=True),
    Kind(name="subscription", interaction="QUMT_IN900008NL", domain="signalling", role=Role.QUERY,
         service="AbonnementRegistreren", operation="Registreren", token=True, answer="QUMT_IN900009NL", register=True),
    Kind(name="access-log-query", interaction="COMT_IN999998NL", domain="access log", role=Role.QUERY,
         service="ToegangslogQuery", token=True, patid=True, answer="COMT_IN999999NL", register=True),
    Kind(name="ping", interaction="COMT_IN118118", domain="connectivity", role=Role.QUERY, service="Ping",
         operation="PingPong", template="bare", answer="COMT_IN229229", register=True),
)  # fmt: skip

LEGS: Final = (
    _leg("REPC_IN990100NL", "REPC_IN990101NL", "ContactverslagenQuery"),
    _leg("REPC_IN990110NL", "REPC_IN990111NL", "EpisodesQuery"),
    _leg("REPC_IN990120NL", "REPC_IN990121NL", "AlertsQuery"),
    _leg("REPC_IN990130NL", "REPC_IN990131NL", "AllergieIntolerantiesQuery"),
    _leg("POLB_IN354001NL03", "POLB_IN364001NL03", "LabbepalingenQuery"),
    _leg("POOB_IN990001NL", "POOB_IN990003NL", "AlgemeneBepalingenQuery"),
    _leg("PRPA_IN900300NL", "PRPA_IN900350NL", "ContactmomentenQuery"),
)

ANSWERS: Final = (
    _answer("QUPC_IN990002NL", "professional summary", _CARE, 60),
    _answer("QURX_IN990113NL", "medication", _LIST, 40),
    _answer("QURX_IN990103NL", "medication", _LIST, 12),
    _answer("REPC_IN000024NL", "intolerances", _ORGANIZER, 14),
    _answer("POLB_IN364000NL", "laboratory", _ORGANIZER, 45),
    _answer("REPC_IN990101NL", "chain care", _ORGANIZER, 25),
    _answer("REPC_IN990111NL", "chain care", _ORGANIZER, 9),
    _answer("REPC_IN990121NL", "chain care", _ORGANIZER, 8),
    _answer("REPC_IN990131NL", "intolerances", _ORGANIZER, 8),
    _answer("POLB_IN364001NL03", "laboratory", _ORGANIZER, 60),
    _answer("POOB_IN990003NL", "chain care", _ORGANIZER, 30),
    _answer("PRPA_IN900350NL", "chain care", _ORGANIZER, 20),
    _answer("PORX_IN040052NL", "medication use", _LIST, 9),
    _answer("RCMR_IN000032NL", "intolerances", _ORGANIZER, 11),
    _answer("QUPC_IN443230NL", "acute care", _CARE, 25),
    _answer("QUPC_IN443231NL", "acute care", _CARE, 40),
    _answer("QUPC_IN443232NL", "acute care", _CARE, 60),
    _answer("REPC_IN002171NL", "vaccination", _ORGANIZER, 14),
    _answer("RCMR_IN010027NL", "consent", "consent", 6),
    _answer("QUMT_IN900009NL", "signalling", "bare", 0),
    _answer("COMT_IN999999NL", "access log", "access_log", 40),
    _answer("COMT_IN229229", "connectivity", "bare", 0),
)

PUSHES: Final = (
    _push("locum-report", "REPC_IN990003NL", "locum report", "WaarneemverslagVersturen", _CARE, 6),
    _laag("prescription", "PORX_IN932000NL", "prescription", "VoorschriftVersturen", "prescription", 2),
    _push("signed-prescription", "PORX_IN932100NL", "prescription", "VoorschriftHandtekeningVersturen", "prescription", 3),
    _laag("mp9-prescription", "PVMV_IN932000NL03", "medication process 9", "MedicatievoorschriftVersturen", _ORGANIZER, 8),
    _laag("medication-use", "PMMG_IN040010NL02", "medication process 9", "MedicatiegebruikVersturen", _ORGANIZER, 10),
    _push("chain-care-referral", "ZTKZ_IN000001NL", "chain care", "KetenzorgVerwijzingVersturen", _ORGANIZER, 14),
    _push("referral", "ZTVW_IN000001NL01", "referral", "VerwijzingVersturen", _ORGANIZER, 10),
    _push("urgent-referral", "ZTAZ_IN000001NL01", "acute care", "SpoedverwijzingVersturen", _ORGANIZER, 8),
    _push("urgent-dispatch", "ZTAZ_IN000002NL01", "acute care", "SpoedmeldingVersturen", _ORGANIZER, 6),
    _push("ambulance-handover", "ZTAZ_IN000004NL01", "acute care", "AmbulanceoverdrachtVersturen", _ORGANIZER, 7),
    _push("out-of-hours-report", "REPC_IN990005NL", "locum report", "DienstverslagVersturen", _CARE, 7),
    _push("emergency-report", "REPC_IN404442NL", "acute care", "SEHVerslagVersturen", _CARE, 9),
    _push("dispatch-referral", "ZTAZ_IN000003NL01", "acute care", "MeldkamerverwijzingVersturen", _ORGANIZER, 6),
    _push("referral-report", "ZTVW_IN000004NL01", "referral", "VerwijzingRapporteren", _ORGANIZER, 12),
    _push("referral-stop", "ZTVW_IN000005NL01", "referral", "VerwijzingStoppen", _ORGANIZER, 5),
    _push("chain-care-transfer", "ZTKZ_IN000004NL", "chain care", "KetenzorgDossierVersturen", _ORGANIZER, 70),
    _push("chain-care-stop", "ZTKZ_IN000005NL", "chain care", "KetenzorgVerwijzingStoppen", _ORGANIZER, 5),
    _push("record-transfer", "REPC_IN004410NL", "record transfer", "DossieroverdrachtVersturen", _CARE, 120),
    _laag("dispense-report", "PAMV_IN924000NL02", "medication process 9", "AfhandelingVoorschriftVersturen", _ORGANIZER, 8),
    _laag("dispense-proposal", "PVVV_IN000001NL01", "medication process 9", "VoorstelVerstrekkingVersturen", _ORGANIZER, 5),
    _laag("dispense-proposal-answer", "PAVV_IN000001NL01", "medication process 9", "AntwoordVoorstelVersturen", _ORGANIZER, 5),
    _laag("vaccinations", "REPC_IN002140NL", "vaccination", "VaccinatiesVersturen", _CARE, 8),
    _laag("heel-prick", "POOR_IN002150NL", "vaccination", "HielprikAanvragen", _CARE, 5),
    Kind(name="youth-health-transfer", interaction="REPC_IN902120NL", domain="youth health", role=Role.PUSH,
         service="JGZDossierVersturen", operation="Versturen", accept_ack="AL", patid=True, template=_CARE, entries=150,
         act="careProvisionEvent"),
    Kind(name="perinatal-report", interaction="REPC_IN004014NL", domain="perinatal", role=Role.PUSH,
         service="ZorgRapportage", operation="ZorgRapportage", token=True, accept_ack="AL", patid=True, template=_CARE,
         entries=30, act="CareProvisionEvent"),
)  # fmt: skip

REGISTER: Final = (
    Kind(name="index-update", interaction="MFMT_IN002302NL", domain="index", role=Role.PUSH, service="VerwijsindexBijwerken",
         operation="Bijwerken", template="index", data="460320", answer="MFMT_IN002320NL", register=True),
    Kind(name="index-removal", interaction="MFMT_IN002303NL", domain="index", role=Role.PUSH, service="VerwijsindexVerwijderen",
         operation="Verwijderen", template="index", data="460320", answer="MFMT_IN002320NL", register=True),
    Kind(name="index-registration", interaction="MFMT_IN002101", domain="index", role=Role.PUSH, service="GegevensAanmelden",
         operation="Aanmelden", token=True, accept_ack="AL", template="index", data="272353", register=True),
    Kind(name="index-deregistration", interaction="MFMT_IN002103", domain="index", role=Role.PUSH, service="GegevensAfmelden",
         operation="Afmelden", token=True, accept_ack="AL", template="index", data="272353", register=True),
    Kind(name="tick", interaction="COMT_IN113113NL", domain="connectivity", role=Role.PUSH, service="Ping",
         operation="TickTock", accept_ack="AL", template="bare", register=True),
)  # fmt: skip

SIGNALS: Final = (
    Kind(name="subscription-signal", interaction="QUMT_IN900010NL", domain="signalling", role=Role.SIGNAL,
         service="Signaleren", operation="Signaal", accept_ack="AL", template="notification"),
    Kind(name="patient-notification", interaction="QUMT_IN900011NL", domain="notification", role=Role.SIGNAL,
         service="Signaleren", operation="Melding", accept_ack="AL", template="notification"),
)  # fmt: skip

KINDS: Final = {kind.name: kind for kind in (*QUERIES, *PUSHES, *REGISTER, *SIGNALS)}
BY_INTERACTION: Final = {kind.interaction: kind for kind in (*KINDS.values(), *LEGS, *ANSWERS)}

#: What the switchboard asks each source for a context of chain care.
CONTEXT_LEGS: Final = dict.fromkeys(("KZDI", "KZCO", "KZCV", "KZNI", "KZOB"), LEGS)
