"""Who bends the access log is found out, and where he did it, by whoever has the node's public key."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from edge_node.model.log_state import Proof
from edge_node.store.log_proof import BadHead, wanted_head
from edge_node.store.node_key import NodeKey, NodePublic
from tests.store import bent as bending
from tests.store.bent import a_log, bent, cut, proof_of

RECORDS = 400
#: Between two heads, and at their edges: a head is signed at each 64th record after the first.
PLACES = [2, 64, 65, 66, 150, 193, 194]
Where = tuple[str, int, int]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NodePublic, str]:
    path = tmp_path_factory.mktemp("log") / "store.db"
    return (path, *a_log(path, RECORDS))


def where(proof: Proof) -> list[Where]:
    return [(each.bend.value, each.first, each.last) for each in proof.found]


class TestAWholeLog:
    def test_is_sound(self, log: tuple[Path, NodePublic, str]) -> None:
        """An alarm without a cause is not read the next time."""
        path, key, head = log
        proof = proof_of(path, key, head)
        assert (where(proof), proof.records, proof.unsigned) == ([], RECORDS, 0)

    def test_names_its_last_head(self, log: tuple[Path, NodePublic, str]) -> None:
        """That is what an auditor writes down for the next time."""
        path, key, head = log
        signed = proof_of(path, key).head
        assert signed is not None
        assert signed.name == head

    def test_of_another_node_proves_nothing(self, log: tuple[Path, NodePublic, str]) -> None:
        """Whoever makes up a log can sign it with a key of his own."""
        path, _, _ = log
        proof = proof_of(path, NodeKey.of(bytes(32)).public)
        assert {each.bend.value for each in proof.found} == {"signed by another key", "heads removed"}


class TestOneRecord:
    @pytest.mark.parametrize("seq", PLACES)
    @pytest.mark.parametrize(
        ("bend", "told"),
        [
            (bending.change, "changed"),
            (bending.delete, "deleted"),
            (bending.delete_and_close_up, "deleted"),
            (bending.insert, "inserted"),
        ],
    )
    def test_is_located(
        self,
        log: tuple[Path, NodePublic, str],
        bend: Callable[[sqlite3.Connection, int], None],
        told: str,
        seq: int,
    ) -> None:
        """Which record it was tells the privacy officer whose data somebody wanted to hide."""
        path, key, head = log
        proof = proof_of(bent(path, partial(bend, seq=seq)), key, head)
        assert where(proof) == [(told, seq, seq)]

    @pytest.mark.parametrize("by", [1, 2, 100])
    @pytest.mark.parametrize("seq", PLACES)
    def test_that_changed_places_is_located(self, log: tuple[Path, NodePublic, str], seq: int, by: int) -> None:
        """What was first and what came of it must not be turned round."""
        path, key, head = log
        proof = proof_of(bent(path, partial(bending.swap, seq=seq, by=by)), key, head)
        moved = {seq + step for step in range(by + 1)}
        assert {each.bend.value for each in proof.found} == {"moved"}
        assert {each.first for each in proof.found} <= moved

    @pytest.mark.parametrize("seq", [2, 64, 66, 150])
    def test_with_a_hash_that_fits_is_located(self, log: tuple[Path, NodePublic, str], seq: int) -> None:
        """How a hash is made is no secret: the record after it still names the old one."""
        path, key, head = log
        assert where(proof_of(bent(path, partial(bending.change_with_hash, seq=seq)), key, head)) == [
            ("changed", seq, seq)
        ]

    def test_with_all_hashes_after_it_is_bracketed(self, log: tuple[Path, NodePublic, str]) -> None:
        """Nobody without the key can sign again: from the last head before it on nothing is proven."""
        path, key, head = log
        assert where(proof_of(bent(path, partial(bending.rewrite, seq=100)), key, head)) == [
            ("rewritten", 66, RECORDS)
        ]

    def test_of_garbage_is_located(self, log: tuple[Path, NodePublic, str]) -> None:
        """What cannot be read must not keep the rest from being looked at."""
        path, key, head = log
        sql = "UPDATE log_records SET record = 'x' WHERE seq = 150"
        assert where(proof_of(bent(path, lambda copy: copy.execute(sql)), key, head)) == [("changed", 150, 150)]


class TestACut:
    def test_is_found_with_a_head(self, log: tuple[Path, NodePublic, str]) -> None:
        """Somebody wrote down where the log was: less than that is too little."""
        path, key, head = log
        proof = proof_of(bent(path, partial(cut, after=350)), key, head)
        assert where(proof) == [("end cut off", 351, RECORDS)]

    def test_behind_a_head_cannot_be_seen_without_one(self, log: tuple[Path, NodePublic, str]) -> None:
        """It looks like a log that ended there; so much is said."""
        path, key, _ = log
        proof = proof_of(bent(path, partial(cut, after=350)), key)
        assert (where(proof), proof.wanted, proof.last) == ([], "", 350)

    def test_of_the_heads_is_found(self, log: tuple[Path, NodePublic, str]) -> None:
        """A head says how often one is signed: more records without any are too many."""
        path, key, _ = log
        sql = "DELETE FROM log_heads WHERE seq > 100"
        assert where(proof_of(bent(path, lambda copy: copy.execute(sql)), key)) == [("heads removed", 66, RECORDS)]

    def test_of_all_heads_is_found(self, log: tuple[Path, NodePublic, str]) -> None:
        """A chain begins with a head: where there is none, nothing is vouched for."""
        path, key, _ = log
        sql = "DELETE FROM log_heads"
        assert where(proof_of(bent(path, lambda copy: copy.execute(sql)), key)) == [("heads removed", 1, RECORDS)]

    def test_of_the_start_is_found(self, log: tuple[Path, NodePublic, str]) -> None:
        """What is pruned after its time is told by a record; this is not."""
        path, key, _ = log
        sql = "DELETE FROM log_records WHERE seq <= 100"
        found = where(proof_of(bent(path, lambda copy: copy.execute(sql)), key))
        assert ("start cut off", 1, 100) in found

    def test_that_is_another_log_is_found(self, log: tuple[Path, NodePublic, str]) -> None:
        """A head of another node, or of before a restore."""
        path, key, _ = log
        assert where(proof_of(path, key, f"100:{'ab' * 32}")) == [("not the log of that head", 100, 100)]


class TestAHead:
    def test_that_was_changed_is_found(self, log: tuple[Path, NodePublic, str]) -> None:
        """It says where the log was at which moment."""
        path, key, _ = log
        sql = 'UPDATE log_heads SET statement = replace(statement, \'"at":"2\', \'"at":"1\') WHERE seq = 129'
        found = where(proof_of(bent(path, lambda copy: copy.execute(sql)), key))
        assert found == [("head forged", 129, 129)]

    @pytest.mark.parametrize("text", ["", "12", "12:zz", "12:abcd", "x:" + "ab" * 32, "0:" + "ab" * 32])
    def test_that_is_none_is_refused(self, text: str) -> None:
        """A typing error must not pass for a log that is whole."""
        with pytest.raises(BadHead):
            wanted_head(text)
