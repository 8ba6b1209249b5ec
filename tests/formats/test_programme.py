"""The exchanges of the programme, as the product has them."""

import pytest

from edge_node.formats import interactions, programme
from edge_node.model.message import Direction
from edge_node.model.programme import ProgrammeExchange

PROGRAMME = programme.load()
EXCHANGES = PROGRAMME.exchanges.values()
TABLE = interactions.load()

#: Every row of the programme's own list, by its Dutch name, with the exchanges that are it.
NAMED = {
    "professionele samenvatting": ("professional-summary",),
    "medicatiegegevens: verstrekkingen": ("dispenses", "medication-process"),
    "ICA, later CiO": ("intolerances", "contra-indications"),
    "waarneembericht": ("locum-report",),
    "vooraankondiging": ("advance-notice",),
    "medicatievoorschrift, stop en wijziging": ("prescription", "prescriptions", "medication-process-prescription"),
    "eRecept zonder en met handtekening": ("prescription", "signed-prescription"),
    "medicatiegebruik": ("medication-use", "medication-process-use"),
    "lab-uitslagen": ("lab-results", "lab-orders"),
    "signalering": ("signals", "subscription"),
    "eSpoed": ("acute-summary", "urgent-referral", "ambulance-handover", "acute-report"),
    "verbreding waarneming, dienstwaarneming": ("widened-locum-care",),
    "ketenzorg": ("chain-care", "chain-care-referral", "chain-care-transfer"),
    "dossieroverdracht": ("record-transfer",),
    "verwijsproces": ("referral",),
    "behandelgrenzen": ("treatment-limits",),
    "dossieroverdracht JGZ": ("youth-health-transfer",),
    "rijksvaccinatie, hielprik": ("vaccination", "heel-prick"),
    "patiëntinzage in toestemming": ("consent",),
    "patiëntnotificatie": ("patient-notification",),
    "patiëntinzage medicatie, PS": ("portal-medication", "portal-summary", "medmij"),
    "POC generalistische zorg": ("widened-locum-care",),
    "verwijsindex": ("index-registration", "index-removal", "index-query"),
    "toegangslog": ("access-log",),
    "zorgadresboek": ("address-book",),
    "BSN- en WID-controle": ("identity",),
    "ping en tick": ("ping", "tick"),
}


def named(exchange: ProgrammeExchange) -> str:
    return exchange.name


class TestProgramme:
    @pytest.mark.parametrize(("dutch", "names"), NAMED.items(), ids=list(NAMED))
    def test_has_every_row_of_the_programmes_list(self, dutch: str, names: tuple[str, ...]) -> None:
        """A site that connects expects everything the programme names, not what was easy."""
        assert set(names) <= PROGRAMME.exchanges.keys(), dutch

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_says_everything_of_an_exchange(self, exchange: ProgrammeExchange) -> None:
        """An empty cell hides that nobody knew."""
        texts = (exchange.what, exchange.dutch, exchange.domain, exchange.asks, exchange.demo, exchange.story)
        assert all(text.strip() for text in texts)
        assert exchange.ways
        assert exchange.interactions

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_names_interactions_that_are_in_use(self, exchange: ProgrammeExchange) -> None:
        """What is refused by name cannot be exchanged."""
        rows = [TABLE[str(name)] for name in (*exchange.hl7v3, *exchange.fhir)]
        assert all(row.active and row.is_request for row in rows)
        assert {row.fhir for row in rows[: len(exchange.hl7v3)]} <= {False}
        assert {row.fhir for row in rows[len(exchange.hl7v3) :]} <= {True}

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_says_why_there_is_no_public_interaction(self, exchange: ProgrammeExchange) -> None:
        """A site must know that it needs the specification of its own region, and not look for it here."""
        assert bool(exchange.because) == (not exchange.hl7v3)

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_leaves_to_the_site_what_the_table_does_not_have_in_use(self, exchange: ProgrammeExchange) -> None:
        """Declared by a site and in use by the table as well, it would be declared for nothing."""
        assert not any(str(name) in TABLE and TABLE[str(name)].active for name in exchange.declared)

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_comes_in_only_where_something_of_it_may(self, exchange: ProgrammeExchange) -> None:
        """A way that no interaction can take would be shown and never work."""
        rows = [TABLE[str(name)] for name in exchange.interactions if str(name) in TABLE]
        may_come_in = any(row.inbound != "never" for row in rows) or bool(exchange.declared)
        assert Direction.IN not in exchange.ways or may_come_in

    def test_leaves_nothing_out(self) -> None:
        """Every request of the table is in an exchange, or it is said why it is in none."""
        requests = {str(row.id) for row in TABLE.values() if row.active and row.is_request}
        exchanged = {str(name) for exchange in EXCHANGES for name in exchange.interactions}
        rest = {str(name) for each in PROGRAMME.rest for name in each.interactions}
        assert requests - exchanged == rest
        assert all(each.reason for each in PROGRAMME.rest)

    def test_refuses_a_column_it_does_not_know(self) -> None:
        """A misspelt column would silently be an empty one."""
        row = 'what = "a", dutch = "b", domain = "c", asks = "d", ways = [], demo = "e", story = "f", fihr = []'
        with pytest.raises(ValueError, match="fihr"):
            programme.parse(f"[rest]\n[exchanges]\none = {{ {row} }}\n")
