"""Every bad token is refused with the code of its row, at once, and a good one beside it is not."""

import time

import pytest

from edge_node.errors import PAGES
from tests.formats.bad_cards import BESIDE, CARDS, OLDER, REPLAYED
from tests.formats.bad_tokens import BINDINGS, SIGNATURES, Row
from tests.formats.bad_wrappings import WRAPPINGS
from tests.formats.token_opinions import by_the_node, by_xmlsec

ROWS = (*SIGNATURES, *WRAPPINGS, *BINDINGS, *CARDS, *BESIDE, *OLDER, *REPLAYED)


def named(row: Row) -> str:
    return row.name


class TestTheTable:
    def test_is_long_and_tells_many_things_apart(self) -> None:
        """A code that stands for everything helps nobody at night."""
        assert len({row.name for row in ROWS}) == len(ROWS) >= 100
        assert len({row.code for row in ROWS}) >= 40
        assert len(WRAPPINGS) >= 25

    def test_has_a_page_for_each_code(self) -> None:
        """Who is refused reads what to do."""
        assert {row.code for row in ROWS} <= PAGES.keys()


class TestABadToken:
    @pytest.mark.parametrize("row", ROWS, ids=named)
    def test_is_refused_by_name_at_once(self, row: Row) -> None:
        """One that passes is a stranger at a patient's record; who is refused late waits with his patient."""
        bench = row.bench()
        body = row.make(bench)
        before = time.process_time()  # how busy the machine is beside it says nothing of a token
        codes = bench.codes(body)
        assert time.process_time() - before < 1
        assert codes[:1] == [row.code], bench.judge(body)

    @pytest.mark.parametrize("row", ROWS, ids=named)
    def test_has_a_good_one_of_its_kind_beside_it_that_passes(self, row: Row) -> None:
        """A rule that refuses all of a kind would keep every row of it: a doctor who stands still."""
        bench = row.beside
        assert bench.codes(row.good(bench)) == []

    @pytest.mark.parametrize("row", ROWS, ids=named)
    def test_has_the_signature_that_another_library_sees_in_it(self, row: Row) -> None:
        """The table says itself what holds, so that neither library is believed for its own sake."""
        bench = row.bench()
        assert next(iter(by_xmlsec(row.make(bench), bench.hand)), None) is row.holds


class TestEachSignature:
    @pytest.mark.parametrize("row", [row for row in ROWS if not row.stricter], ids=named)
    def test_is_judged_alike_by_two_libraries(self, row: Row) -> None:
        """Two that agree are less likely to be wrong in the same way; also of a mandate and an enrolment."""
        bench = row.bench()
        body = row.make(bench)
        assert by_the_node(body, bench.hand) == by_xmlsec(body, bench.hand)

    @pytest.mark.parametrize("row", [row for row in ROWS if row.stricter], ids=named)
    def test_that_holds_is_refused_for_a_reason_alone(self, row: Row) -> None:
        """One that holds over something else is what an attacker has; a reason that is none is an error of ours."""
        bench = row.bench()
        body = row.make(bench)
        assert by_xmlsec(body, bench.hand)[0] is row.holds
        assert row.holds is not False
        assert set(by_the_node(body, bench.hand)) == {False}

    @pytest.mark.parametrize("row", ROWS, ids=named)
    def test_beside_it_holds_for_both(self, row: Row) -> None:
        """Whoever never said yes would agree with every no."""
        bench = row.beside
        body = row.good(bench)
        assert set(by_the_node(body, bench.hand)) == set(by_xmlsec(body, bench.hand)) == {True}
