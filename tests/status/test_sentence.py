"""The first line of the status: one sentence that a practice manager understands and can act on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edge_node.errors import Side
from edge_node.model.backup import Report, Safety
from edge_node.model.check import Action, Maker, Origin, Outcome, Result, Verdict, Waiver
from edge_node.model.lifecycle import State
from edge_node.model.log_state import Bend, Found, LogFact
from edge_node.model.message import Direction
from edge_node.model.notice import Words
from edge_node.model.overview import Count, Overview
from edge_node.model.revocation import RevocationFact, StandingFact
from edge_node.model.sentence import Outage, Saying, Sentence
from edge_node.model.sentence_words import words
from edge_node.model.spoken import SpokenFact
from edge_node.policy import check_catalogue
from edge_node.status import sentence_checks
from edge_node.status.facts import CertificateFact, CertificateFilesFact, Facts, LinkFact, LocalFact, StoreFact
from edge_node.status.sentence import headline, seen, troubles
from edge_node.status.snapshot import snapshot

from .doubles import NOW, facts

UP = LinkFact(peer="switchboard", is_open=False, connections=1)
DOWN = LinkFact(peer="switchboard", is_open=True, since_s=600, code="EN-NOT-SENT")
HIS_UP = LocalFact(system="application 80000001", is_reachable=True)
HIS_DOWN = LocalFact(system="application 80000001", is_reachable=False, since_s=1200)
SPOKEN = SpokenFact(
    help_line="Servicedesk De Linde (020 1234567)",
    names={"application 80000001": "Medicom"},
    organisations={"practice": "Huisartsenpraktijk De Linde"},
    proven_at=NOW - timedelta(minutes=2),
)


def of(direction: Direction, state: State, messages: int) -> Overview:
    return Overview(counts=(Count(direction=direction, state=state, messages=messages, oldest_s=60),))


def node(spoken: dict[str, Any] | None = None, **changes: Any) -> Facts:
    """A node that works, told by a switchboard that answered two minutes ago."""
    well = facts(links=(UP,), local_systems=(HIS_UP,), spoken=replace(SPOKEN, **(spoken or {})))
    return replace(well, **changes)


def said(seen_now: Facts) -> Sentence:
    return headline(snapshot(seen_now))


def nl(seen_now: Facts) -> str:
    return words(said(seen_now)).nl


def ends_in(days: float, identity: str = "practice") -> CertificateFact:
    return CertificateFact(identity=identity, not_after=NOW + timedelta(days=days))


RESTORED = Report(
    site="node-1", backup="b", made_at="x", last_line_at="x", journal_seq=1, restored_at="y", held=3, was=(),
)  # fmt: skip
REVOKED = StandingFact(
    of="practice", is_own=True, subject="CN=x", issuer="CN=ca", verdict="revoked", why="", source="crl",
    until=None, is_borne=False,
)  # fmt: skip


class TestTheTen:
    """Word for word as the reference has them."""

    def test_all_works(self) -> None:
        """Who reads this goes on with the patient."""
        assert nl(node()) == (
            "Alles werkt: berichten gaan heen en weer (laatste controle 12:58). U hoeft niets te doen."
        )

    def test_the_lsp_is_down(self) -> None:
        """Its fault is not the practice's: nobody there needs to look for a cable."""
        refused = node(links=(DOWN,), queue=of(Direction.OUT, State.WAITING, 3))
        assert nl(refused) == (
            "Het LSP is niet bereikbaar sinds 12:50; de storing ligt bij het LSP. Opvragen lukt nu niet: bel bij "
            "spoed de huisarts of apotheek van de patiënt. 3 berichten staan veilig in de wachtrij en gaan vanzelf "
            "weg."
        )
        assert said(refused).side is Side.SWITCHBOARD

    def test_the_network_is_down(self) -> None:
        """Nothing at the other end gave any sign of life: somebody can look at the modem."""
        cut = node({"unreached": frozenset({"switchboard"})}, links=(DOWN,))
        assert nl(cut) == (
            "Er is geen verbinding met het zorgnetwerk sinds 12:50. Controleer of de internetkast (modem) aanstaat; "
            "is dat zo, bel dan Servicedesk De Linde (020 1234567). Bel bij spoed de andere zorgverlener."
        )
        assert said(cut).side is Side.NETWORK

    def test_the_local_system_is_down(self) -> None:
        """Others ask for a patient's data and get none: the practice can mend that itself."""
        down = node(local_systems=(HIS_DOWN,), queue=of(Direction.IN, State.WAITING, 2))
        assert nl(down) == (
            "Uw Medicom reageert niet sinds 12:40. Anderen kunnen uw gegevens nu niet opvragen; 2 binnengekomen "
            "berichten worden bewaard. Start Medicom opnieuw op of bel Servicedesk De Linde (020 1234567)."
        )
        assert said(down).side is Side.LOCAL

    def test_a_local_system_that_hangs_is_down_too(self) -> None:
        """It takes every connection and answers nobody."""
        hangs = node({"silent": {"application 80000001": NOW - timedelta(minutes=7)}})
        assert nl(hangs).startswith("Uw Medicom reageert niet sinds 12:53. ")

    def test_so_is_a_switchboard_that_answers_nothing(self) -> None:
        """Connections are no messages."""
        hangs = node({"silent": {"switchboard": NOW - timedelta(minutes=7)}})
        assert nl(hangs).startswith("Het LSP is niet bereikbaar sinds 12:53; de storing ligt bij het LSP.")

    def test_the_certificate_ends(self) -> None:
        """A new one takes weeks."""
        assert nl(node(certificates=(ends_in(12),))) == (
            "Alles werkt, maar uw UZI-servercertificaat verloopt over 12 dagen, op 14 maart. Vraag nu een nieuw "
            "certificaat aan of bel Servicedesk De Linde (020 1234567)."
        )

    @pytest.mark.parametrize(
        ("changes", "cause"),
        [
            ({"certificates": (ends_in(-0.25),)}, "sinds 07:00: uw UZI-servercertificaat is verlopen"),
            ({"revocation": RevocationFact(standings=(REVOKED,))}, "uw UZI-servercertificaat is ingetrokken"),
        ],
    )
    def test_the_certificate_is_over(self, changes: dict[str, Any], cause: str) -> None:
        """Nothing goes, and only a new certificate helps."""
        text = nl(node(**changes))
        assert text.startswith("Er gaan geen berichten heen en weer sinds ")
        assert cause in text
        assert text.endswith(". Bel nu Servicedesk De Linde (020 1234567). Bel bij spoed de andere zorgverlener.")

    def test_messages_wait_for_a_signature(self) -> None:
        """Only the doctor with the card can let them go."""
        assert nl(node(queue=of(Direction.OUT, State.NEEDS_TOKEN, 4))) == (
            "4 berichten zijn nog niet verstuurd en wachten op uw handtekening. Open Medicom, steek uw UZI-pas in en "
            "onderteken ze opnieuw."
        )

    def test_messages_were_not_delivered(self) -> None:
        """The receiver must be told another way when it is urgent."""
        cause = Words(nl="de ontvanger kent deze patiënt niet", en="the receiver does not know this patient")
        assert nl(node({"cause": cause}, queue=of(Direction.OUT, State.DEAD, 2))) == (
            "2 berichten zijn niet bezorgd. Bekijk de lijst hieronder en bel de ontvanger als het bericht haast "
            "heeft. Oorzaak: de ontvanger kent deze patiënt niet."
        )

    def test_the_disk_is_nearly_full(self) -> None:
        """Queries go on, and there is time until the evening."""
        low = StoreFact(is_recording=True, free_bytes=1, reserve_bytes=500_000_000)
        assert nl(node(store=low)) == (
            "De schijf van dit kastje is bijna vol. Opvragen werkt nog; nieuwe berichten versturen lukt nu niet. Bel "
            "vandaag Servicedesk De Linde (020 1234567)."
        )

    @pytest.mark.parametrize(
        ("left", "end"),
        [
            (0, "5 berichten zijn alsnog bezorgd, er is niets verloren gegaan. U hoeft niets te doen."),
            (2, "5 berichten zijn alsnog bezorgd, 2 niet: bekijk deze hieronder."),
        ],
    )
    def test_the_breakdown_is_over(self, left: int, end: str) -> None:
        """Nobody needs to telephone about what arrived after all."""
        began, ended = NOW - timedelta(minutes=50), NOW - timedelta(minutes=5)
        outage = Outage(saying=Saying.LSP_DOWN, since=began, until=ended, delivered=5, left=left)
        assert nl(node({"outage": outage})) == f"De storing van 12:10 tot 12:55 is voorbij: {end}"


class TestAnEndWithSomethingElseBeside:
    """The end of a breakdown is news for an hour; nobody is told to do nothing when there is something to do."""

    @pytest.mark.parametrize(
        ("delivered", "end"),
        [
            (5, ": 5 berichten zijn alsnog bezorgd, er is niets verloren gegaan. Bekijk nog wat hieronder staat."),
            (0, ". Er wachtten geen berichten. Bekijk nog wat hieronder staat."),
        ],
    )
    def test_sends_them_on_to_it(self, delivered: int, end: str) -> None:
        """A log that was tampered with, a certificate that ends."""
        outage = Outage(saying=Saying.LSP_DOWN, since=NOW, until=NOW, delivered=delivered)
        shown = nl(node({"outage": outage}, certificates=(ends_in(12),)))
        assert shown == f"De storing van 13:00 tot 13:00 is voorbij{end}"

    def test_says_so_of_messages_that_wait_for_a_signature(self) -> None:
        """Nobody else can sign them."""
        outage = Outage(saying=Saying.LSP_DOWN, since=NOW, until=NOW, delivered=0)
        unsigned = of(Direction.OUT, State.NEEDS_TOKEN, 2)
        assert nl(node({"outage": outage}, queue=unsigned)).endswith("Bekijk nog wat hieronder staat.")

    def test_leaves_what_is_for_the_administrator_to_him(self) -> None:
        """It makes nothing worse today."""
        outage = Outage(saying=Saying.LSP_DOWN, since=NOW, until=NOW, delivered=0)
        late = (verdict("restore-test-age"),)
        assert nl(node({"outage": outage, "standing": late})).endswith("U hoeft niets te doen.")


class TestHonesty:
    @pytest.mark.parametrize("proven_at", [None, NOW - timedelta(seconds=601), NOW - timedelta(days=1)])
    def test_all_works_is_never_said_without_a_proof_of_the_last_ten_minutes(self, proven_at: Any) -> None:
        """A light that stays green after the line was cut sends a doctor the wrong way."""
        assert said(node({"proven_at": proven_at})).saying is Saying.UNPROVEN

    def test_neither_is_that_all_works_but_the_certificate(self) -> None:
        """It begins with the same words."""
        old = NOW - timedelta(minutes=11)
        assert said(node({"proven_at": old}, certificates=(ends_in(12),))).saying is Saying.UNPROVEN

    def test_nor_before_every_local_system_was_reached(self) -> None:
        """Messages that go out and never come in are not back and forth."""
        untried = LocalFact(system="application 80000001", is_reachable=None)
        assert "Medicom is nog niet gecontroleerd" in nl(node(local_systems=(untried,)))

    def test_nor_that_a_breakdown_is_over_while_another_one_lasts(self) -> None:
        """The first line is the worst that is true."""
        outage = Outage(saying=Saying.LOCAL_DOWN, since=NOW, until=NOW, delivered=0)
        assert said(node({"outage": outage}, links=(DOWN,))).saying is Saying.LSP_DOWN

    def test_a_link_of_which_the_other_end_answers_is_not_the_modems_fault(self) -> None:
        """Whose side it is decides who is called at night."""
        broker = LinkFact(peer="broker", is_open=False, connections=1)
        cut = node({"unreached": frozenset({"switchboard"})}, links=(DOWN, broker))
        assert said(cut).saying is Saying.LSP_DOWN

    def test_a_broker_alone_is_not_the_lsp(self) -> None:
        """Queries in HL7v3 go on, and the doctor may make them."""
        broker = LinkFact(peer="broker", is_open=True, since_s=60, code="EN-NOT-SENT")
        assert "de FHIR-dienst van het LSP is niet bereikbaar" in nl(node(links=(UP, broker)))

    def test_a_node_that_starts_says_so(self) -> None:
        """It knows nothing yet."""
        assert said(node(is_serving=False)).saying is Saying.STARTING

    def test_what_was_seen_before_a_restart_still_counts_from_then(self) -> None:
        """A restart does not make a breakdown younger."""
        assert "sinds 09:00" in nl(node({"since": {"link": NOW - timedelta(hours=4)}}, links=(DOWN,)))

    def test_moments_of_another_day_carry_their_day(self) -> None:
        """Since eight o'clock, but of which day?"""
        assert "sinds 28 februari 13:00" in nl(node({"since": {"link": NOW - timedelta(days=2)}}, links=(DOWN,)))


class TestOrder:
    @pytest.mark.parametrize(
        ("changes", "first"),
        [
            ({"store": StoreFact(is_recording=False, code="EN-STORE-READONLY")}, Saying.NODE_DOWN),
            ({"certificates": (ends_in(-1),)}, Saying.CERTIFICATE_OVER),
            ({"local_systems": (HIS_DOWN,), "certificates": (ends_in(5),)}, Saying.LOCAL_DOWN),
            ({"queue": of(Direction.OUT, State.DEAD, 1), "certificates": (ends_in(5),)}, Saying.NOT_DELIVERED),
            ({"clock_doubt": "it jumped"}, Saying.ATTENTION),
        ],
    )
    def test_what_stops_most_work_is_said_first(self, changes: dict[str, Any], first: Saying) -> None:
        """One sentence: the one that people must act on."""
        assert said(node(**changes)).saying is first

    def test_two_troubles_of_one_link_are_one(self) -> None:
        """People are told once."""
        both = (DOWN, LinkFact(peer="broker", is_open=True, since_s=60, code="EN-NOT-SENT"))
        told = [one.saying for one in troubles(snapshot(node(links=both)))]
        assert told == [Saying.LSP_DOWN, Saying.ATTENTION]

    def test_soap_and_fhir_of_one_system_are_one(self) -> None:
        """It is one program that does not respond."""
        fhir = replace(HIS_DOWN, system="application 80000001 FHIR")
        assert len(troubles(snapshot(node(local_systems=(HIS_DOWN, fhir))))) == 1

    def test_with_several_organisations_the_sentence_says_whose_certificate(self) -> None:
        """The pharmacy in the same building goes on."""
        two = {"practice": "Huisartsenpraktijk De Linde", "pharmacy": "Apotheek De Linde"}
        text = nl(node({"organisations": two}, certificates=(ends_in(-1), ends_in(300, "pharmacy"))))
        assert "uw UZI-servercertificaat van Huisartsenpraktijk De Linde is verlopen" in text

    def test_what_a_restore_holds_is_not_called_undelivered(self) -> None:
        """It may have arrived: a person decides."""
        held = Safety(restored=RESTORED, held=3)
        text = nl(node(queue=of(Direction.OUT, State.HELD, 3), safety=held))
        assert "berichten uit een teruggezette reservekopie wachten op een besluit" in text


def verdict(name: str, **changes: Any) -> Verdict:
    """What stands of one check of the catalogue."""
    check = check_catalogue.load()[name]
    outcome = Outcome(result=changes.pop("result", Result.VIOLATED))
    origin = Origin(maker=Maker.PRODUCT)
    standing = Verdict(
        check=check, outcome=outcome, since=NOW - timedelta(hours=2), looked_at=NOW, actions=(Action.WARN,),
        actions_origin=origin,
    )  # fmt: skip
    return replace(standing, **changes)


_OPEN = "identities.0.key: key.pem: can be read or written by others (mode 0644); make it 0400"
OPEN_KEY = CertificateFilesFact(broken=(_OPEN,), exposed=frozenset({_OPEN}))
WAIVER = Waiver(check="key-permissions", owner="J. Jansen", reason="x", until=NOW + timedelta(days=9), given_at=NOW)


class TestChecks:
    def test_one_that_fails_is_said_with_whose_it_is_what_to_do_and_whom_to_call(self) -> None:
        """What is wrong, since when, whose side, what to do, whom to call: all five, in plain Dutch."""
        assert nl(node({"standing": (verdict("key-permissions"),)})) == (
            "Berichten gaan heen en weer, maar anderen op deze machine kunnen de geheime sleutel lezen (sinds 11:00; "
            "dit ligt bij uw beheerder). Zet de rechten op 0600 (chmod) en ga na wie de sleutel kan hebben gezien. "
            "Hulp nodig? Bel Servicedesk De Linde (020 1234567)."
        )

    def test_small_one_leaves_that_all_works(self) -> None:
        """A doctor who reads of a test of a backup is kept from a patient for nothing."""
        small = node({"standing": (verdict("restore-test-age"), verdict("user-review"))})
        assert nl(small).startswith("Alles werkt: ")
        assert [words(one).nl for one in troubles(snapshot(small))] == [
            "Voor uw beheerder: het terugzetten van een reservekopie is te lang niet beproefd (sinds 11:00; dit ligt "
            "bij uw beheerder). Doe een proef (edge-node restore --drill). Hulp nodig? Bel Servicedesk De Linde (020 "
            "1234567).",
            "Voor uw beheerder: volgens een verklaring is dit niet in orde: rechten van gebruikers zijn nagelopen "
            "(sinds 11:00; dit ligt bij uw beheerder). Loop de gebruikers en hun rechten na, en verklaar het. Hulp "
            "nodig? Bel Servicedesk De Linde (020 1234567).",
        ]

    def test_small_one_that_the_site_has_block_is_not_small(self) -> None:
        """What stops messages is said first, whatever it is about."""
        blocking = verdict("tls-version", actions=(Action.BLOCK_OUT,))
        assert said(node({"standing": (blocking,)})).saying is Saying.BLOCKED

    def test_one_that_blocks_stops_the_work(self) -> None:
        """Who cannot send must read why, before anything else."""
        blocking = verdict("cert-eku", actions=(Action.BLOCK_OUT,))
        assert nl(node({"standing": (blocking,)})).startswith(
            "Dit kastje houdt berichten tegen sinds 11:00: het UZI-servercertificaat is niet bedoeld voor deze "
            "verbinding (dit ligt bij uw beheerder). Bel nu Servicedesk De Linde (020 1234567). Bel bij spoed "
        )

    @pytest.mark.parametrize(
        "silent",
        [
            verdict("key-permissions", result=Result.WARNED),
            verdict("key-permissions", result=Result.UNKNOWN),
            verdict("key-permissions", waiver=WAIVER),
            verdict("availability-minor"),
            verdict("lsp-ping"),
            verdict("bsn-elfproef"),
        ],
    )
    def test_what_is_no_trouble_now_is_for_the_report(self, silent: Verdict) -> None:
        """A first line about what may come one day is not read when it matters."""
        assert said(node({"standing": (silent,)})).saying is Saying.WELL

    def test_what_another_sentence_says_is_said_once(self) -> None:
        """The line is down, so messages wait, and the check of their age fails: that is one thing."""
        down = node({"standing": (verdict("queue-age"),)}, links=(DOWN,))
        assert [one.saying for one in troubles(snapshot(down))] == [Saying.LSP_DOWN]

    def test_another_in_the_place_of_the_lsp_is_not_the_lsp_being_down(self) -> None:
        """Who waits for the LSP to mend its fault does not call anybody about the stranger."""
        stranger = verdict("peer-is-zim", actions=(Action.BLOCK_OUT, Action.BLOCK_IN))
        found = node({"standing": (stranger,)}, links=(DOWN,))
        assert [(one.saying, one.about) for one in troubles(snapshot(found))] == [(Saying.BLOCKED, "peer-is-zim")]

    def test_key_that_others_can_read_is_said_before_its_check_looks(self) -> None:
        """That a file is unusable says nothing of who may have copied it."""
        assert nl(node(certificate_files=OPEN_KEY)).startswith(
            "Berichten gaan heen en weer, maar anderen op deze machine kunnen de geheime sleutel lezen (sinds 13:00; "
            "dit ligt bij uw beheerder)."
        )

    @pytest.mark.parametrize("actions", [(Action.WARN,), (Action.BLOCK_OUT,)])
    def test_key_that_others_can_read_is_said_once(self, actions: tuple[Action, ...]) -> None:
        """The check says what to do, and the file gives way."""
        found = node({"standing": (verdict("key-permissions", actions=actions),)}, certificate_files=OPEN_KEY)
        assert [one.about for one in troubles(snapshot(found))] == ["key-permissions"]

    def test_another_file_is_said_beside_a_key_that_others_can_read(self) -> None:
        """The one hides nothing of the other."""
        both = replace(OPEN_KEY, broken=(*OPEN_KEY.broken, "identities.0.certificate: x.pem: is empty"))
        found = node({"standing": (verdict("key-permissions"),)}, certificate_files=both)
        assert {one.about for one in troubles(snapshot(found))} == {"key-permissions", "EN-CERTIFICATE-FILE"}

    def test_bent_log_that_stops_the_node_is_said_once(self) -> None:
        """What stops work says it; the check of the same log adds nothing."""
        log = LogFact(found=(Found(bend=Bend.CHANGED, first=2, last=2),), is_shut=True)
        told = troubles(snapshot(node({"standing": (verdict("accesslog-chain"),)}, log=log)))
        assert [one.saying for one in told] == [Saying.NODE_DOWN]

    def test_of_a_bent_log_the_sentence_is_one(self) -> None:
        """Two of them on the same line of the same log sound like two burglaries."""
        told = sentence_checks.sentences((verdict("accesslog-chain"),), {"EN-LOG-TAMPERED"}, NOW)
        assert list(told) == []

    @pytest.mark.parametrize(("name", "code"), [("clock-offset", "EN-CLOCK-DOUBT"), ("backup-age", "EN-BACKUP-OLD")])
    def test_one_that_blocks_is_said_though_another_asks_to_look_at_the_same(self, name: str, code: str) -> None:
        """ "Messages go back and forth, but the clock is off" is not so where the site has that stop them."""
        blocking = verdict(name, actions=(Action.BLOCK_OUT,))
        told = sentence_checks.sentences((blocking,), {code}, NOW)
        assert [one.saying for one in told] == [Saying.BLOCKED]

    def test_beside_a_breakdown_nothing_says_that_messages_go(self) -> None:
        """Both stand in one mail."""
        down = node({"standing": (verdict("key-permissions"),)}, links=(DOWN,), certificates=(ends_in(5),))
        texts = [words(one).nl for one in troubles(snapshot(down))]
        assert [text.split()[0] for text in texts] == ["Het", "Uw", "Let"]


class TestUnsure:
    def test_a_check_that_cannot_be_seen_is_not_over(self) -> None:
        """A probe that hangs has mended nothing."""
        blind = node({"standing": (verdict("key-permissions", result=Result.UNKNOWN),)})
        assert "attention key-permissions" in seen(snapshot(blind)).unsure

    def test_a_link_that_was_not_proven_is_not_over(self) -> None:
        """After a restart in the middle of a breakdown nobody is told that it ended."""
        restarted = node({"proven_at": None}, links=(replace(UP, is_open=None),))
        assert "link" in seen(snapshot(restarted)).unsure

    def test_a_store_that_does_not_say_leaves_the_queue_open(self) -> None:
        """A full disk must not make undelivered messages seem delivered."""
        assert {"not-delivered", "needs-signing"} <= seen(snapshot(node(queue=None))).unsure

    def test_a_node_that_works_is_sure(self) -> None:
        """Else nothing would ever be over."""
        assert seen(snapshot(node())).unsure == frozenset()


class TestWords:
    @pytest.mark.parametrize("saying", list(Saying))
    @pytest.mark.parametrize("messages", [0, 1, 2])
    def test_every_sentence_is_whole_in_both_languages(self, saying: Saying, messages: int) -> None:
        """A field that is not filled in is worse than none."""
        told = words(Sentence(saying=saying, said_at=NOW, since=NOW, until=NOW, messages=messages))
        assert "{" not in told.nl + told.en
        assert told.nl.endswith(".")
        assert told.en.endswith(".")

    def test_without_a_help_desk_it_says_who_else(self) -> None:
        """A sentence that ends in "call" helps nobody."""
        assert "bel dan uw systeembeheerder" in words(Sentence(saying=Saying.NETWORK_DOWN, said_at=NOW, since=NOW)).nl

    @pytest.mark.parametrize(
        ("saying", "end"),
        [
            (Saying.NOT_DELIVERED, "Oorzaak: niet bekend."),
            (
                Saying.UNPROVEN,
                "de laatste geslaagde controle is van 9 januari 13:00. Lukt opvragen of versturen niet, ",
            ),
            (Saying.CERTIFICATE_OVER, ": uw UZI-servercertificaat is niet bruikbaar. Bel nu "),
            (Saying.ATTENTION, "maar er is iets mis (sinds 9 januari 13:00; dit ligt bij het kastje zelf). Laat "),
        ],
    )
    def test_reads_well_where_little_is_known(self, saying: Saying, end: str) -> None:
        """Read aloud, on the telephone, by who has no time to read it twice."""
        at = NOW.replace(month=1, day=9, hour=12, minute=0)
        assert end in words(Sentence(saying=saying, said_at=NOW, since=at)).nl

    def test_one_message_is_singular(self) -> None:
        """It is read by people."""
        one = Sentence(saying=Saying.NEEDS_SIGNING, said_at=NOW, messages=1)
        assert words(one).nl == (
            "1 bericht is nog niet verstuurd en wacht op uw handtekening. Open uw systeem, steek uw UZI-pas in en "
            "onderteken het opnieuw."
        )

    def test_what_the_store_could_not_count_is_not_invented(self) -> None:
        """After a breakdown with a full disk."""
        over = Sentence(saying=Saying.OVER, said_at=NOW, since=NOW, until=NOW, messages=None)
        assert "is nu niet te zien" in words(over).nl

    def test_braces_in_a_name_are_only_a_name(self) -> None:
        """A name comes from the settings."""
        why = Words(nl="{x} is nog niet gecontroleerd", en="{x} has not been checked yet")
        assert "{x}" in words(Sentence(saying=Saying.UNPROVEN, said_at=NOW, cause=why)).nl
