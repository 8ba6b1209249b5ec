"""A token signs one message: which one it was used for is remembered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_node.errors import Refused
from edge_node.model.identifiers import ApplicationId
from edge_node.model.keeping import Admitted, IdReused, Known, Push, Renewal, TokenReused
from edge_node.model.lifecycle import Event
from edge_node.model.message import TokenUse
from edge_node.store import admission, interventions
from tests.store.shelf import ANSWER, Shelf, push

END_S = 1_790_000_300.0


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


def signed(number: int, token: bytes, ends_at: float | None = END_S, **other: object) -> Push:
    """A push with one token made for it."""
    return push(number, token=token, token_uses=(TokenUse(token, ends_at),), **other)


def answer(shelf: Shelf, begun: Push) -> None:
    shelf.do(lambda session: admission.finish(session, begun, ANSWER, shelf.at))


class TestAToken:
    @pytest.mark.parametrize("other", [{}, {"digest": b"other"}, {"sender": ApplicationId("301")}])
    def test_is_for_one_message(self, shelf: Shelf, other: dict[str, object]) -> None:
        """The switchboard takes a second use for theft: the signer must hear it before, and at once."""
        shelf.kept(signed(1, b"t1"))
        assert shelf.keep(signed(2, b"t1", **other)) == TokenReused()

    def test_is_for_one_message_that_is_passed_on_too(self, shelf: Shelf) -> None:
        """What is kept and what is passed on go to the same switchboard."""
        shelf.begin(signed(1, b"t1"))
        answer(shelf, signed(1, b"t1"))
        assert (shelf.begin(signed(2, b"t1")), shelf.keep(signed(2, b"t1"))) == (TokenReused(), TokenReused())

    def test_of_a_copy_is_no_second_use(self, shelf: Shelf) -> None:
        """The duplicate check comes first: a sender that asks again gets the first answer."""
        shelf.begin(signed(1, b"t1"))
        answer(shelf, signed(1, b"t1"))
        assert shelf.begin(signed(1, b"t1")) == Known(uid=None, answer=ANSWER)

    def test_under_an_id_that_has_other_content_is_told_by_the_id(self, shelf: Shelf) -> None:
        """The duplicate check comes first: the id is what is wrong."""
        shelf.kept(signed(1, b"t1"))
        assert shelf.keep(signed(1, b"t1", digest=b"other")) == IdReused()

    def test_goes_again_with_its_own_message(self, shelf: Shelf) -> None:
        """A message that failed is processed anew, also with the token it has: the switchboard decides."""
        entry = shelf.leased(signed(1, b"t1"))
        shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")
        assert isinstance(shelf.keep(signed(1, b"t1")), Admitted)

    def test_of_the_nodes_own_tries_is_no_second_use(self, shelf: Shelf) -> None:
        """No byte left: the token waits with its message until the line is back."""
        entry = shelf.leased(signed(1, b"t1"))
        shelf.put_back(entry)
        shelf.clock.advance(60)
        (again,) = shelf.lease()
        assert (again.uid, again.has_token) == (entry.uid, True)

    def test_is_remembered_after_a_restart(self, shelf: Shelf) -> None:
        """The switchboard remembers it as well."""
        shelf.kept(signed(1, b"t1"))
        shelf.restart()
        assert shelf.keep(signed(2, b"t1")) == TokenReused()

    def test_is_forgotten_when_it_has_ended(self, shelf: Shelf) -> None:
        """Nobody can use it any more, and the table stays small."""
        shelf.kept(signed(1, b"t1"))
        shelf.clock.advance(301)
        shelf.prune()
        assert shelf.count("used_tokens") == 0

    def test_without_an_end_is_remembered_as_long_as_a_message_id(self, shelf: Shelf) -> None:
        """A token that does not say when it ends may be good for long."""
        shelf.kept(signed(1, b"t1", ends_at=None))
        shelf.clock.advance(30 * 86_400 - 1)
        shelf.prune()
        assert shelf.count("used_tokens") == 1

    def test_of_a_push_that_was_not_taken_stays_good(self, shelf: Shelf) -> None:
        """Behind a closed lane nothing leaves: the signer may try again with it, under whatever id."""
        first = shelf.leased(signed(1, b"t1"))
        shelf.settle(first, Event.TOKEN_SPENT, "EN-OUTCOME-UNKNOWN")
        shelf.keep(signed(2, b"t2"))
        assert shelf.count("used_tokens") == 1


class TestATokenThatEnds:
    def test_leaves_its_message_to_be_signed(self, shelf: Shelf) -> None:
        """The line is down and the signature was for five minutes: the signer must hear it now, not tomorrow."""
        uid = shelf.kept(signed(1, b"t1"))
        shelf.clock.advance(301)
        shelf.end_tokens()
        assert (shelf.state(uid), shelf.events(uid)[-1], shelf.lease()) == ("NEEDS_TOKEN", "TOKEN_SPENT", [])

    def test_says_nothing_of_the_outcome(self, shelf: Shelf) -> None:
        """Nothing was sent: called unknown, somebody would start to search."""
        shelf.kept(signed(1, b"t1"))
        shelf.clock.advance(301)
        shelf.end_tokens()
        admitted = shelf.keep(signed(1, b"t2", END_S + 600), lease=True)
        assert isinstance(admitted, Admitted)
        assert admitted.entry is not None
        assert not admitted.entry.unknown

    def test_is_no_matter_before_its_end(self, shelf: Shelf) -> None:
        """It waits for the line with its message."""
        uid = shelf.kept(signed(1, b"t1"))
        shelf.clock.advance(299)
        shelf.end_tokens()
        assert shelf.state(uid) == "KEPT"

    def test_is_no_matter_while_it_is_on_its_way(self, shelf: Shelf) -> None:
        """Only the owner of a lease ends it; the switchboard says what it thinks of the token."""
        entry = shelf.leased(signed(1, b"t1"))
        shelf.clock.advance(301)
        shelf.end_tokens()
        on_its_way = shelf.state(entry.uid)
        shelf.put_back(entry)
        shelf.end_tokens()
        assert (on_its_way, shelf.state(entry.uid)) == ("IN_FLIGHT", "NEEDS_TOKEN")

    def test_counts_from_the_new_one_after_a_renewal(self, shelf: Shelf) -> None:
        """A new signature has its own five minutes."""
        entry = shelf.leased(signed(1, b"t1"))
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-OUTCOME-UNKNOWN")
        shelf.clock.advance(200)
        uid = shelf.kept(signed(1, b"t2", END_S + 200))
        shelf.clock.advance(150)
        shelf.end_tokens()
        assert shelf.state(uid) in {"KEPT", "WAITING"}


class TestARenewal:
    def needs_token(self, shelf: Shelf) -> str:
        entry = shelf.leased(signed(1, b"t1"))
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-OUTCOME-UNKNOWN")
        shelf.kept(signed(3, b"t3", order="medication"))
        return entry.uid

    def test_uses_its_token_for_this_message(self, shelf: Shelf) -> None:
        """The new token is for one message as well."""
        self.needs_token(shelf)
        shelf.keep(signed(1, b"t2"))
        assert shelf.keep(signed(4, b"t2", order="referral")) == TokenReused()

    def test_with_the_token_of_another_message_is_refused(self, shelf: Shelf) -> None:
        """It would be taken for theft, and the message would wait for a signature again."""
        self.needs_token(shelf)
        assert shelf.keep(signed(1, b"t3")) == TokenReused()

    def test_at_the_address_of_a_message_is_held_to_the_same(self, shelf: Shelf) -> None:
        """Whichever way a token comes in."""
        uid = self.needs_token(shelf)
        renewal = Renewal(digest=push(1).digest, token=b"t3", body=b"<new/>", token_uses=(TokenUse(b"t3", END_S),))
        with pytest.raises(Refused) as refused:
            shelf.do(lambda session: interventions.renew(session, uid, renewal, shelf.at))
        assert refused.value.code == "EN-TOKEN-REUSED"
