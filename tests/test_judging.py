"""The judge of tokens: what it lets through, what it remembers, what it does while it does not know."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from edge_node.formats.names import SOAP
from edge_node.formats.token_header import cut_header, tree_of
from edge_node.judging import Uses
from edge_node.model.finding import Finding, Severity
from edge_node.model.message import TokenUse
from edge_node.sandbox.cards import EMPLOYEE, PROFESSIONALS
from edge_node.sandbox.pki_authority import Authority, root, rsa_key
from edge_node.sandbox.samples.tokens import organisation, saml_moment, signed, written
from edge_node.sandbox.signing import Card, reference_to
from tests.formats.token_bench import DS, NOW, Bench, Beside, register, trust


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def named_only(bench: Bench) -> bytes:
    """A token whose certificate is not in it."""
    sample = bench.sample()
    hand = replace(bench.hand, embeds=False)
    return bench.under(sample, signed(bench.said(sample), hand))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Card):
    """A card that is called something else than it is."""

    as_written: tuple[str, int]

    def sign(self, assertion: bytes) -> bytes:
        """Sign it, under that name."""
        root = etree.fromstring(Card.sign(self, assertion))
        info = root.find(f".//{{{DS}}}KeyInfo")
        assert info is not None
        info[:] = [reference_to(*self.as_written)[0]]
        return etree.tostring(root)


def older(bench: Bench) -> bytes:
    sample = bench.sample()
    block, signature = bench.older(sample)
    return bench.under(sample, signature, outside=block)


def enrolled(card: str, days_ago: float = 1 / 1440) -> bytes:
    begins = NOW - timedelta(days=days_ago)
    window = {"issued": saml_moment(begins), "ends": saml_moment(begins + timedelta(days=400))}
    return Bench().by_server(enrolment=Beside(card=card, changes=window))


def issued(bench: Bench, moment: str) -> bytes:
    """A message under a token that says of itself when it was signed."""
    sample = bench.sample()
    token = etree.fromstring(written(bench.said(sample)))
    token.set("IssueInstant", moment)
    return bench.under(sample, bench.hand.sign(etree.tostring(token)))


class Stranger(Bench):
    """Somebody with a certificate of his own making."""

    @property
    def hand(self) -> Card:
        """It stands in no register."""
        own = nobody()
        assert isinstance(own.key, RSAPrivateKey)
        return Card(certificate=own.certificate, key=own.key)


@cache
def nobody() -> Authority:
    return root("Nobody", "nobody", rsa_key(), NOW)


class TestAGoodToken:
    @pytest.mark.parametrize(
        ("bench", "told"),
        [
            (Bench, []),
            (partial(Bench, author=EMPLOYEE, card="employee"), ["EN-TOKEN-MANDATE-NONE"]),
            (partial(Bench, kind="chain-care-query"), []),
            (partial(Bench, card="zorg-id"), []),
            (partial(Bench, card="bad/guest"), ["EN-TOKEN-GUEST"]),
            (partial(Bench, card="bad/oid-ca"), ["EN-TOKEN-CARD-OID"]),
        ],
    )
    def test_passes_and_what_is_odd_is_told(self, bench: type[Bench], told: list[str]) -> None:
        """A guest, or a value of the register that is newer than this release, keeps no doctor from his patient."""
        found = bench().judge(bench().message())
        assert codes(found) == told
        assert all(finding.severity is Severity.WARN for finding in found)

    @pytest.mark.parametrize(
        "body", [older(Bench()), Bench().by_server(), enrolled("zorg-id"), enrolled("bad/revoked", days_ago=20)]
    )
    def test_of_another_kind_passes(self, body: bytes) -> None:
        """An enrolment stays good when its card is revoked afterwards (domain reference GBZ 5.4)."""
        # Of the servers' CA these tests have no revocation list: that is told, and stops nobody.
        assert set(codes(Bench().judge(body))) <= {"EN-TOKEN-UNCHECKED", "EN-TOKEN-MANDATE-RULE"}
        assert Bench().codes(body) == []

    @pytest.mark.parametrize(("days", "is_told"), [(29, True), (40, False)])
    def test_under_a_mandate_that_soon_ends_is_told(self, days: int, is_told: bool) -> None:
        """A professional has time to sign again before his staff can do nothing."""
        window = {"issued": saml_moment(NOW - timedelta(days=1)), "ends": saml_moment(NOW + timedelta(days=days))}
        body = Bench().by_server(mandate=Beside(card="gp-signature", changes=window))
        assert ("EN-TOKEN-MANDATE-ENDS" in codes(Bench().judge(body))) is is_told

    def test_of_a_guest_may_be_from_his_own_organisation(self) -> None:
        """Some signing software writes the organisation of the card, whoever the guest works for today."""
        bench = Bench(card="bad/guest")
        assert bench.codes(bench.message(issuer=organisation("90000909"))) == []


class TestACardThatEnded:
    def test_signs_nothing_more_under_an_older_date(self) -> None:
        """When it was signed a token says itself; only of an enrolment, which outlives its card, is that asked."""
        bench = Bench(card="bad/expired")
        assert bench.codes(issued(bench, saml_moment(NOW - timedelta(days=10)))) == ["EN-TOKEN-CARD-EXPIRED"]

    def test_leaves_the_enrolments_it_signed(self) -> None:
        """A patient stays enrolled when his doctor gets a new card (domain reference GBZ 5.4)."""
        assert Bench().codes(enrolled("bad/expired", days_ago=10)) == []


class TestACertificateOfNobody:
    @pytest.mark.parametrize("made", [Bench.message, older])
    def test_signs_for_no_doctor(self, made: Callable[[Bench], bytes]) -> None:
        """Anybody can make one; that it is of no register here is no reason to leave it to the switchboard."""
        bench = Stranger()
        assert bench.codes(made(bench)) == ["EN-TOKEN-CARD-CHAIN"]


class TestAMandate:
    @pytest.mark.parametrize(("overseer", "codes"), [("900000101", []), ("900000103", ["EN-TOKEN-OVERSEER"])])
    def test_is_of_who_is_responsible_for_the_message(self, overseer: str, codes: list[str]) -> None:
        """Else a server signs in the name of a doctor who let nobody do this (domain reference 6.6 item 8)."""
        bench = Bench(kind="conditions-query")
        before, start, behind = bench.by_server().partition(b"<overseer ")
        body = before + start + behind.replace(b"900000101", overseer.encode(), 1)
        assert bench.codes(body) == codes


class TestACertificateThatIsOnlyNamed:
    def test_and_not_known_is_told_and_never_passes_for_good(self) -> None:
        """The switchboard has the register's certificates; a site may not."""
        assert codes(Bench().judge(named_only(Bench()))) == ["EN-TOKEN-UNKNOWN"]

    @pytest.mark.parametrize(
        "issuer",
        ["CN=Nobody", "CN=Nobody, O=EDGE NODE TEST", f"CN={PROFESSIONALS}, O=Somebody else, C=NL", "no name at all"],
    )
    def test_by_a_ca_of_no_cards_is_refused(self, issuer: str) -> None:
        """A name proves nothing; but whoever names nobody's CA has nobody's card."""
        bench = Bench()
        hand = Named(
            certificate=bench.hand.certificate, key=register().card("pharmacist").key, as_written=(issuer, 1)
        )
        sample = bench.sample()
        body = bench.under(sample, signed(replace(bench.said(sample), confirms=None), hand))
        assert bench.codes(body) == ["EN-TOKEN-CARD-ISSUER"]

    @pytest.mark.parametrize(
        ("card", "code"),
        [
            ("bad/revoked", "EN-TOKEN-CARD-REVOKED"),
            ("bad/unnamed", "EN-TOKEN-CARD-UNNAMED"),
            ("gp", None),
        ],
    )
    def test_is_still_looked_up_by_its_number(self, card: str, code: str | None) -> None:
        """A stolen card is stolen too where its certificate is left out."""
        bench = Bench(card=card)
        assert bench.codes(named_only(bench)) == ([] if code is None else [code])

    def test_is_found_among_those_of_the_settings(self) -> None:
        """A practice that knows the cards of its people knows who signed."""
        known = replace(trust(), known=(register().card("gp").certificate,))
        bench = Bench(trust=lambda: known)
        assert codes(bench.judge(named_only(bench))) == []

    def test_is_found_where_it_was_seen_before(self) -> None:
        """One token of the day that holds it is enough."""
        bench = Bench()
        bench.judge(bench.message())
        assert codes(bench.judge(named_only(bench))) == []

    def test_is_still_held_against_the_message(self) -> None:
        """What nobody proved must not be for another message either."""
        bench = Bench(clock=NOW + timedelta(hours=1))
        assert "EN-TOKEN-EXPIRED" in bench.codes(named_only(Bench()))

    def test_proves_nothing_that_another_key_signed(self) -> None:
        """Naming a card is not having it."""
        known = replace(trust(), known=(register().card("gp").certificate,))
        bench = Bench(trust=lambda: known)
        thief = Card(certificate=bench.hand.certificate, key=register().card("pharmacist").key, embeds=False)
        sample = bench.sample()
        assert bench.codes(bench.under(sample, signed(bench.said(sample), thief))) == ["EN-TOKEN-SIGNATURE"]


class TestAQuestion:
    def test_asked_again_under_its_own_token_passes(self) -> None:
        """A local system repeats a question that had no answer."""
        bench = Bench(kind="chain-care-query")
        body = bench.message()
        assert [bench.codes(body), bench.codes(body)] == [[], []]

    def test_under_the_token_of_another_one_is_refused(self) -> None:
        """A token is for one use; its maker gave two of them one id."""
        bench = Bench(kind="chain-care-query")
        ids = {"id": "_the-same"}
        assert bench.codes(bench.message(**ids)) == []
        assert bench.codes(bench.message(**ids)) == ["EN-TOKEN-REUSED"]

    def test_that_was_refused_did_not_use_its_token(self) -> None:
        """Who mends his question asks it under the token he has."""
        bench = Bench(kind="chain-care-query")
        late = bench.message(id="_the-same", audience="somebody")
        assert bench.codes(late) == ["EN-TOKEN-AUDIENCE"]
        assert bench.codes(bench.message(id="_the-same")) == []

    def test_alone_uses_its_token_here(self) -> None:
        """Those of pushes are in the store: a copy must get its first answer."""
        bench = Bench()
        assert [bench.codes(bench.message(id="_the-same")), bench.codes(bench.message(id="_the-same"))] == [[], []]


class TestTheMemory:
    def test_ends_with_the_token(self) -> None:
        """It is bounded: a token that ended is refused for that."""
        uses = Uses()
        use = [TokenUse(b"t", 100.0)]
        assert [uses.is_reused(use, b"a", 1), uses.is_reused(use, b"b", 99), uses.is_reused(use, b"b", 100)] == [
            False,
            True,
            False,
        ]

    def test_is_not_kept_full_by_a_token_that_hardly_ends(self) -> None:
        """One with a far end is only odd; behind it thousands would lie until the memory is full."""
        uses = Uses()
        uses.is_reused([TokenUse(b"far", 1e12), *(TokenUse(b"%d" % n, 10.0) for n in range(1000))], b"a", 0)
        uses.is_reused([TokenUse(b"new", 2000.0)], b"b", 1000)
        assert len(uses) == 2

    def test_forgets_what_ends_first_when_it_is_full(self) -> None:
        """That token serves anybody for the shortest time."""
        uses = Uses(most=2)
        uses.is_reused([TokenUse(b"far", 300.0), TokenUse(b"near", 100.0), TokenUse(b"mid", 200.0)], b"a", 0)
        assert [uses.is_reused([TokenUse(name, 300.0)], b"b", 1) for name in (b"far", b"mid", b"near")] == [
            True,
            True,
            False,
        ]

    def test_of_a_question_asked_again_is_one(self) -> None:
        """A local system that repeats itself must not fill it."""
        uses = Uses()
        assert not any(uses.is_reused([TokenUse(b"t", 100.0)], b"a", 1) for _ in range(50))
        assert len(uses) == 1


class TestWhatNobodyProved:
    def test_is_counted_when_it_passes(self) -> None:
        """The status shows how many there are."""
        bench = Bench()
        bench.judge(bench.message())
        assert bench.judging.unproven == 0
        fresh = Bench()
        fresh.judge(named_only(fresh))
        assert fresh.judging.unproven == 1

    def test_is_not_counted_when_it_is_refused(self) -> None:
        """It did not pass."""
        bench = Bench(clock=NOW + timedelta(hours=1))
        bench.judge(named_only(Bench()))
        assert bench.judging.unproven == 0


class TestAClockInDoubt:
    def test_ends_no_token(self) -> None:
        """Nobody is refused for an hour that this machine only thinks it is."""
        bench = Bench(clock=NOW + timedelta(days=400), doubt="it jumped")
        assert bench.codes(Bench().message()) == []

    def test_still_sees_a_card_that_had_ended_when_it_signed(self) -> None:
        """What the token says itself needs no clock."""
        bench = Bench(card="bad/expired", doubt="it jumped")
        assert bench.codes(bench.message()) == ["EN-TOKEN-CARD-EXPIRED"]

    def test_still_counts_an_enrolment_from_when_it_was_signed(self) -> None:
        """Its card had not begun then, whatever the time is."""
        bench = Bench(doubt="it jumped")
        assert bench.codes(enrolled("gp", days_ago=20)) == ["EN-TOKEN-CARD-NOT-YET"]

    @pytest.mark.parametrize("moment", ["", "soon", "9999-12-31T23:59:59-14:00"])
    def test_refuses_a_token_that_does_not_say_when_it_was_signed(self, moment: str) -> None:
        """Then there is no moment at which its card could count."""
        bench = Bench(doubt="it jumped")
        assert bench.codes(issued(bench, moment)) == ["EN-TOKEN-WINDOW"]


class TestASiteWithoutAnchors:
    def test_judges_no_signature(self) -> None:
        """It says so when it starts and in its status; here it must not stop."""
        bench = Bench(trust=lambda: None)
        assert bench.judge(bench.message()) == ()


class TestTheHeaderThatIsCutOut:
    @pytest.mark.parametrize(
        "change",
        [
            (b"", b""),
            (b'<?xml version="1.0" encoding="UTF-8"?>\n', b"\xef\xbb\xbf"),
            (b"<soap:Envelope ", b'<soap:Envelope\n xmlns:x="urn:x" xmlns="urn:y" '),
            (b"<soap:Header>", b'<soap:Header xmlns:saml="urn:other">'),
            (b"<soap:Body>", b"<soap:Body \n>"),
        ],
    )
    def test_is_what_the_whole_document_has_there(self, change: tuple[bytes, bytes]) -> None:
        """A signature is over an element in its surroundings; cutting must change none of them."""
        body = Bench().message().replace(*change)
        whole = etree.fromstring(body).find(f"{{{SOAP}}}Header")
        cut = tree_of(cut_header(body)).find(f"{{{SOAP}}}Header")
        assert whole is not None
        assert cut is not None
        assert etree.tostring(cut, method="c14n") == etree.tostring(whole, method="c14n")

    def test_ends_before_ten_megabytes_of_body(self) -> None:
        """Nobody parses those for a signature."""
        body = Bench().message().replace(b"</soap:Body>", b"<!--" + b"x" * 10_000_000 + b"--></soap:Body>")
        assert len(cut_header(body)) < 20_000
