"""Every row of the tables of bad tokens, handed to a whole node over its socket; and a good one beside each."""

from collections.abc import Iterable
from typing import ClassVar

from edge_node.sandbox.cards import PROFESSIONALS, card_issuers
from edge_node.sandbox.samples.kinds import KINDS
from tests.formats.bad_cards import BESIDE, CARDS, OLDER, REPLAYED
from tests.formats.bad_tokens import BINDINGS, SIGNATURES, Row
from tests.formats.bad_wrappings import WRAPPINGS
from tests.formats.token_bench import Bench, trust
from tests.stories.token_door import DoorStory, Judged

_USUAL = Bench()


def is_usual(bench: Bench) -> bool:
    """Whether it is judged under the usual settings of a site."""
    return bench.trust is trust and bench.limits == _USUAL.limits


def refused(rows: Iterable[Row]) -> list[Judged]:
    """Each by the code of its row, at once."""
    return [Judged(row.name, 500, row.code, is_quick=True) for row in rows]


def taken(rows: Iterable[Row]) -> list[Judged]:
    """Each answered."""
    return [Judged(row.name, 200, "", is_quick=True) for row in rows]


def usual(*rows: Row) -> list[Row]:
    """The rows for which a site needs no other settings."""
    return [row for row in rows if is_usual(row.bench())]


class TestABadToken(DoorStory):
    async def _is_refused(self, *rows: Row) -> None:
        assert await self.judged(rows) == refused(rows)
        assert self.switch.heard == []
        assert await self.kept_messages() == []
        assert self.told_of_people() == []

    async def test_whose_signature_is_bad_never_leaves(self) -> None:
        """Whoever can reach the local door could write one."""
        await self._is_refused(*usual(*SIGNATURES))

    async def test_that_wraps_another_never_leaves(self) -> None:
        """What was signed is there, and something else is to be used."""
        await self._is_refused(*usual(*WRAPPINGS))

    async def test_for_something_else_never_leaves(self) -> None:
        """Each binding, broken alone."""
        await self._is_refused(*usual(*BINDINGS))

    async def test_of_a_bad_card_never_leaves(self) -> None:
        """Who signed is not who may."""
        await self._is_refused(*usual(*CARDS, *OLDER))

    async def test_with_a_bad_one_beside_it_never_leaves(self) -> None:
        """A mandate and an enrolment open as much as the token itself."""
        await self._is_refused(*usual(*BESIDE))

    async def test_that_was_used_before_is_refused_the_second_time(self) -> None:
        """One token is for one question."""
        assert await self.judged(REPLAYED) == refused(REPLAYED)
        assert len(self.switch.heard) == len(REPLAYED)


class TestAGoodToken(DoorStory):
    async def test_beside_each_bad_one_is_taken(self) -> None:
        """A door that refuses everybody would refuse every row: a doctor who stands still."""
        rows = [row for row in (*SIGNATURES, *WRAPPINGS, *BINDINGS, *CARDS, *OLDER) if is_usual(row.beside)]
        assert await self.good(rows) == taken(rows)

    async def test_beside_each_bad_one_of_three_or_used_before_is_taken(self) -> None:
        """What a server signed, and a question that is asked again."""
        rows = (*BESIDE, *REPLAYED)
        assert await self.good(rows) == taken(rows)


class TestASiteThatKnowsNoProfessionals(DoorStory):
    tokens: ClassVar = {"issuers": [one for one in card_issuers() if one["name"] != PROFESSIONALS]}

    async def test_refuses_their_cards_and_takes_those_of_employees(self) -> None:
        """What kind of card it is, the CA says that issued it."""
        rows = [row for row in CARDS if row.code == "EN-TOKEN-CARD-ISSUER"]
        assert (await self.judged(rows), await self.good(rows)) == (refused(rows), taken(rows))


class TestASiteThatRefusesTheUnknown(DoorStory):
    tokens: ClassVar = {"unknown": "refuse"}

    async def test_takes_a_card_that_is_there_and_not_one_that_is_only_named(self) -> None:
        """Whoever leaves the certificate out is not proven."""
        rows = [row for row in CARDS if row.code == "EN-TOKEN-UNKNOWN"]
        assert (await self.judged(rows), await self.good(rows)) == (refused(rows), taken(rows))


class TestASiteThatRefusesTheUnchecked(DoorStory):
    tokens: ClassVar = {"unchecked": "refuse"}
    unlisted = frozenset({"uzi-register-zorgverlener-ca-g3"})

    async def test_takes_no_card_whose_list_is_missing(self) -> None:
        """It may have been stolen this morning."""
        rows = [row for row in CARDS if row.code == "EN-TOKEN-UNCHECKED"]
        assert await self.judged(rows) == refused(rows)


class TestTheTables:
    def test_are_handed_in_as_a_whole(self) -> None:
        """Each row is of one of the kinds of site above."""
        rows = (*SIGNATURES, *WRAPPINGS, *BINDINGS, *CARDS, *BESIDE, *OLDER, *REPLAYED)
        others = {"EN-TOKEN-CARD-ISSUER", "EN-TOKEN-UNKNOWN", "EN-TOKEN-UNCHECKED"}
        assert {row.code for row in rows if not is_usual(row.bench())} == others
        assert {row.bench().kind for row in rows} <= KINDS.keys()
