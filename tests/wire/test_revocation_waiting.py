"""Who waits and who makes room: what a site put in a file itself is never lost for what came from elsewhere."""

from datetime import timedelta

from edge_node.wire.revocation_list import RevocationList, read_list
from edge_node.wire.revocation_waiting import WaitingRoom
from tests.wire.lists_double import NOW, ca, listed

MANY = 70
CAS = [ca(f"CA {number}", f"ca-{number}") for number in range(3)]
OURS = read_list(listed(CAS[0]))


def forged(number: int) -> RevocationList:
    """A list of a CA that is invented for it."""
    name = f"CA of nobody {number}"
    return read_list(listed(ca(name, "nobody"), NOW + timedelta(seconds=number)))


def room(max_bytes: int = 1_000_000) -> WaitingRoom:
    made = WaitingRoom(max_bytes)
    assert made.put(OURS, "g4.crl", is_ours=True)
    return made


class TestAFloodOverHttp:
    def test_of_one_source_takes_four_places(self) -> None:
        """Whoever is on the way can sign lists for as many names as he likes."""
        waiting = room()
        assert all(waiting.put(forged(number), "crl.example", is_ours=False) for number in range(6))
        assert [one.source for one in waiting.all()] == ["g4.crl", *["crl.example"] * 4]

    def test_of_many_sources_leaves_the_files_of_the_site(self) -> None:
        """They are read once; the CA they are of shows itself on the day the generations change."""
        waiting, one = room(), read_list(listed(CAS[1]))
        assert all(waiting.put(one, f"{number}.example", is_ours=False) for number in range(MANY))
        assert (len(waiting), "g4.crl" in [each.source for each in waiting.all()]) == (64, True)

    def test_makes_room_for_a_file_of_the_site(self) -> None:
        """By bytes as by number."""
        waiting = room(2 * len(OURS.der) + 100)
        waiting.put(read_list(listed(CAS[1])), "crl.example", is_ours=False)
        assert waiting.put(read_list(listed(CAS[2])), "other.crl", is_ours=True)
        assert [one.source for one in waiting.all()] == ["g4.crl", "other.crl"]


class TestFiles:
    def test_of_the_site_never_push_one_another_out(self) -> None:
        """The one too many is told, and read again when there is room."""
        waiting = room(len(OURS.der) + 10)
        assert not waiting.put(read_list(listed(CAS[1])), "other.crl", is_ours=True)
        assert [one.source for one in waiting.all()] == ["g4.crl"]

    def test_that_are_older_than_the_one_that_waits_are_left(self) -> None:
        """Two copies of one list, one behind."""
        waiting = room()
        assert waiting.put(read_list(listed(CAS[0], NOW - timedelta(hours=1))), "g4.crl", is_ours=True)
        assert [one.age[0] for one in waiting.all()] == [NOW]
