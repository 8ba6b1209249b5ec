"""What time servers say, through real ones on loopback."""

import pytest

from edge_node.probes.time_servers import ask

from .ntp_server import NtpServer


class TestATimeServer:
    @pytest.mark.parametrize("ahead_s", [-3.0, 0.0, 3.0])
    def test_tells_how_far_the_clock_is_off(self, ahead_s: float) -> None:
        """By which the clock here would have to be moved."""
        with NtpServer(ahead_s=ahead_s) as server:
            (seen,) = ask([("127.0.0.1", server.port)], 5)
        assert (seen.failure, round(seen.offset_s), seen.stratum) == ("", ahead_s, 2)

    @pytest.mark.parametrize(
        ("server", "failure"),
        [
            (NtpServer(leap=3), "its own clock is not kept right"),
            (NtpServer(stratum=0), "its own clock is not kept right"),
            (NtpServer(stratum=16), "its own clock is not kept right"),
            (NtpServer(dispersion_s=2), "too far from its source"),
            (NtpServer(says=b"hello"), "no NTP"),
            (NtpServer(says=b"\x24" + b"\x02" * 47), "no answer to what was asked"),
        ],
        ids=["leap", "kiss", "stratum", "dispersion", "garbage", "forged"],
    )
    def test_that_does_not_know_is_not_believed(self, server: NtpServer, failure: str) -> None:
        """One that was not set itself, one that says no time, and who never saw the question."""
        with server:
            (seen,) = ask([("127.0.0.1", server.port)], 5)
        assert seen.failure == failure

    def test_that_is_silent_costs_its_share_of_the_time(self) -> None:
        """The others are asked all the same."""
        with NtpServer(is_silent=True) as silent, NtpServer() as other:
            seen = ask([("127.0.0.1", silent.port), ("127.0.0.1", other.port)], 1)
        assert [one.failure for one in seen] == ["no answer", ""]

    def test_that_is_not_there_is_told(self) -> None:
        """Nobody listens there; that is no time."""
        with NtpServer() as gone:
            port = gone.port
        (seen,) = ask([("127.0.0.1", port)], 0.2)
        assert seen.failure
