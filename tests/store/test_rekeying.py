"""Digests of content are written with the store's own key under them."""

from pathlib import Path

import pytest

from edge_node.model.keeping import Admitted, IdReused, Known, Renewal, TokenReused
from edge_node.model.lifecycle import Event
from edge_node.model.message import TokenUse
from edge_node.store import admission, interventions, used_tokens
from tests.store.shelf import OTHER_PATIENT, Shelf, push

SIGNED = push(1, token=b"t1", token_uses=(TokenUse(b"t1", 2e9),))


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def digests(shelf: Shelf) -> set[bytes]:
    rows = shelf.session.execute("SELECT digest FROM messages UNION SELECT digest FROM duplicates")
    return {row[0] for row in rows}


def make_old(shelf: Shelf) -> None:
    """What a release before the key left behind."""
    of = ("out", "300", push(1).message_id.root, "1")
    shelf.session.execute("DELETE FROM meta WHERE key = 'content keyed'")
    shelf.session.execute("UPDATE used_tokens SET message = ?", (used_tokens.message_of_old(of, push(1).digest),))
    shelf.session.execute("UPDATE messages SET digest = ?", (push(1).digest,))
    shelf.session.execute("UPDATE duplicates SET digest = ?", (push(1).digest,))


class TestKeyed:
    def test_what_is_written_is_not_the_digest_of_the_content(self, shelf: Shelf) -> None:
        """Whoever has only the file could try all patient numbers in an address, and see which one fits."""
        shelf.kept(push(1))
        shelf.begin(push(2, patient=OTHER_PATIENT))
        assert len(digests(shelf)) == 2
        assert not digests(shelf) & {push(1).digest, push(2).digest}

    def test_a_copy_is_recognised_after_a_restart(self, shelf: Shelf) -> None:
        """The key is the same in every run, so that nothing is sent twice."""
        uid = shelf.kept(push(1))
        shelf.restart()
        assert shelf.keep(push(1)) == Known(uid=uid, answer=None)
        assert shelf.keep(push(1, digest=b"other")) == IdReused()

    def test_a_push_begun_is_recognised_after_a_restart(self, shelf: Shelf) -> None:
        """One with an unknown outcome may come again, with its own content only."""
        shelf.begin(push(1))
        shelf.do(lambda session: admission.abandon(session, push(1), "EN-OUTCOME-UNKNOWN", (True, shelf.at)))
        shelf.restart()
        assert shelf.begin(push(1, digest=b"other")) == IdReused()
        assert isinstance(shelf.begin(push(1)), Admitted)

    def test_a_renewal_handed_in_again_is_recognised_after_a_restart(self, shelf: Shelf) -> None:
        """The same message with a new token goes on as the message it is."""
        entry = shelf.leased(SIGNED)
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-TOKEN-SPENT")
        shelf.restart()
        again = shelf.keep(push(1, token=b"t2", token_uses=(TokenUse(b"t2", 2e9),)))
        assert isinstance(again, Admitted)
        assert again.uid == entry.uid


class TestRekey:
    def test_an_older_store_is_keyed_when_it_is_opened(self, shelf: Shelf) -> None:
        """The numbers that are in it already must not be guessed either."""
        uid = shelf.kept(push(1))
        make_old(shelf)
        shelf.restart()
        assert push(1).digest not in digests(shelf)
        assert shelf.keep(push(1)) == Known(uid=uid, answer=None)

    def test_it_is_done_once(self, shelf: Shelf) -> None:
        """A second time would make every message a stranger."""
        shelf.kept(push(1))
        before = digests(shelf)
        shelf.restart()
        assert digests(shelf) == before

    def test_what_a_token_was_used_for_stays_known(self, shelf: Shelf) -> None:
        """After an upgrade a token still signs its own message, and no other."""
        entry = shelf.leased(SIGNED)
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-TOKEN-SPENT")
        make_old(shelf)
        shelf.restart()
        other = push(2, token=b"t1", token_uses=SIGNED.token_uses)
        assert shelf.keep(other) == TokenReused()
        same = Renewal(digest=push(1).digest, token=b"t2", body=b"<new/>", token_uses=SIGNED.token_uses)
        shelf.do(lambda session: interventions.renew(session, entry.uid, same, shelf.at))
