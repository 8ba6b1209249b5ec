"""The disk is full to its last block: nothing is lost, queries are logged, deliveries end, it goes on by itself."""

from pathlib import Path

import pytest

from tests.faults.machine import fill, process, tmpfs

SIZE_MB = 160


class TestAFullDisk:
    def test_queries_are_logged_from_the_reserve(self, tmp_path: Path) -> None:
        """A doctor's question goes on, and who asked is known: ten thousand of them."""
        with tmpfs(tmp_path / "disk", SIZE_MB) as disk, process(disk / "store.db") as store:
            store.ask("tend")
            fill(disk)
            assert store.ask("record", n=10_000) == {"recorded": 10_000}

    def test_what_waits_is_delivered(self, tmp_path: Path) -> None:
        """A message that arrived at the other side must be settled, or it would be sent again."""
        with tmpfs(tmp_path / "disk", SIZE_MB) as disk, process(disk / "store.db") as store:
            store.ask("keep", **{"from": 1, "n": 3000})
            store.ask("tend")
            fill(disk)
            assert len(store.ask("deliver", n=5000)["delivered"]) == 3000
            assert store.ask("look")["counts"] == {"DELIVERED": 3000}

    def test_when_the_reserve_is_used_up_nothing_is_taken_and_deliveries_go_on(self, tmp_path: Path) -> None:
        """What cannot be logged is not asked; what was promised is kept to the end."""
        with tmpfs(tmp_path / "disk", SIZE_MB) as disk, process(disk / "store.db") as store:
            store.ask("keep", **{"from": 1, "n": 1000})
            store.ask("tend")
            fill(disk)
            recorded = store.ask("record", n=120_000)
            assert (recorded["recorded"] > 10_000, recorded["EN-STORE-FULL"] > 0) == (True, True)
            assert store.ask("look")["used_up"] is True
            assert len(store.ask("deliver", n=5000)["delivered"]) == 1000

    def test_it_goes_on_by_itself_when_there_is_room(self, tmp_path: Path) -> None:
        """Nobody has to restart a node at night because a log was removed."""
        with tmpfs(tmp_path / "disk", SIZE_MB) as disk, process(disk / "store.db") as store:
            store.ask("tend")
            other = fill(disk)
            store.ask("record", n=60_000)
            assert store.ask("tend") == {"error": "EN-STORE-FULL"}
            other.unlink()
            assert store.ask("tend")["open"] is False
            assert store.ask("keep", **{"from": 1, "n": 100}) == {"kept": 100}

    @pytest.mark.parametrize("end", ["kill", "end"])
    def test_a_start_on_a_full_disk_loses_nothing(self, tmp_path: Path, end: str) -> None:
        """Somebody restarts the node before looking at the disk."""
        with tmpfs(tmp_path / "disk", SIZE_MB) as disk:
            with process(disk / "store.db") as store:
                store.ask("keep", **{"from": 1, "n": 500})
                store.ask("tend")
                fill(disk)
                getattr(store, end)()
            with process(disk / "store.db") as again:
                assert again.ready == {"ready": True}
                assert len(again.ask("deliver", n=1000)["delivered"]) == 500

    def test_without_a_reserve_a_push_is_refused_and_the_rest_stands(self, tmp_path: Path) -> None:
        """A disk that fills in the first seconds: no promise is made that cannot be kept."""
        with tmpfs(tmp_path / "disk", 20) as disk, process(disk / "store.db") as store:
            kept = store.ask("keep", **{"from": 1, "n": 300, "bytes": 100_000})
            assert set(kept) == {"kept", "EN-STORE-FULL"}
            (disk / "store.db.reserve").unlink(missing_ok=True)
            assert sum(store.ask("look")["counts"].values()) == kept["kept"]
