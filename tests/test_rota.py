"""The services of a node: each hears every turn in its life, in order."""

from twisted.trial.unittest import SynchronousTestCase

from edge_node.flow.waiting import start
from edge_node.rota import Rota, Service


class Diary:
    """What one service heard, written down with what the others heard."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self._name = name
        self._lines = lines

    def service(self) -> Service:
        return Service(begin=self.begins, become=self.becomes, let_go=self.lets_go, stop=self.stops)

    def begins(self) -> None:
        self._lines.append(f"{self._name} begins")

    def becomes(self) -> None:
        self._lines.append(f"{self._name} becomes")

    def lets_go(self) -> None:
        self._lines.append(f"{self._name} lets go")

    async def stops(self) -> None:
        self._lines.append(f"{self._name} stops")


class TestRota(SynchronousTestCase):
    def setUp(self) -> None:
        self.lines: list[str] = []
        self.rota = Rota(Diary("inbox", self.lines).service(), Diary("line", self.lines).service())

    def test_begins_them_in_their_order(self) -> None:
        """Nothing is pushed to a system that fetches: the inbox says so before the line looks."""
        self.rota.begin()
        assert self.lines == ["inbox begins", "line begins"]

    def test_tells_each_of_new_settings(self) -> None:
        """Nobody goes on with the settings of before a reload."""
        self.rota.become()
        assert self.lines == ["inbox becomes", "line becomes"]

    def test_has_all_let_go_before_any_ends(self) -> None:
        """While the last requests are finished, nobody begins something new."""
        self.rota.let_go()
        self.successResultOf(start(self.rota.stop(), self.fail))
        assert self.lines == ["inbox lets go", "line lets go", "inbox stops", "line stops"]

    def test_needs_no_more_than_a_beginning(self) -> None:
        """What needs nothing at a reload or at the end is one short line."""
        rota = Rota(Service(begin=Diary("tick", self.lines).begins))
        rota.begin()
        rota.become()
        rota.let_go()
        self.successResultOf(start(rota.stop(), self.fail))
        assert self.lines == ["tick begins"]
