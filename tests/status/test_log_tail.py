"""The last lines of the log."""

from io import StringIO

from edge_node.status.log_tail import LogTail


class TestLogTail:
    def test_writes_all_of_it_where_it_always_goes(self) -> None:
        """The journal of the machine stays the log."""
        stream = StringIO()
        tail = LogTail(stream)
        print("one", file=tail, flush=True)
        print("two", file=tail, flush=True)
        assert stream.getvalue() == "one\ntwo\n"
        assert tail.lines() == ("one", "two")

    def test_remembers_the_end(self) -> None:
        """What happened just before somebody asked for help."""
        tail = LogTail(StringIO(), most_lines=2)
        tail.write("one\ntwo\nthr")
        tail.write("ee\n")
        assert tail.lines() == ("two", "three")

    def test_stays_small_whatever_is_written(self) -> None:
        """It is kept for the whole life of a process."""
        tail = LogTail(StringIO())
        tail.write("\n".join(["x" * 100_000] * 20) + "\n")
        assert sum(map(len, tail.lines())) <= 512 * 1024
