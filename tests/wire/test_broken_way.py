"""What an operator reads where another party could not be reached."""

import pytest
from OpenSSL import SSL
from twisted.internet import error

from edge_node.wire.broken_way import in_words

REFUSED = "the connection was refused: nothing listens there, or a firewall says no"


class TestWords:
    @pytest.mark.parametrize(
        ("failure", "words"),
        [
            (error.DNSLookupError(), "its name is not known (DNS)"),
            (
                error.ConnectionRefusedError(),
                "the connection was refused: nothing listens there, or a firewall says no",
            ),
            (error.NoRouteError(), "there is no route to it"),
            (error.TCPTimedOutError(), "nothing answered in time"),
            (error.ConnectionDone(), "the other end closed the connection"),
            (error.ConnectionLost(), "the connection was lost"),
            (OSError(101, "Network is unreachable"), "network is unreachable"),
            (SSL.Error([("SSL routines", "", "certificate verify failed")]), "certificate verify failed"),
        ],
    )
    def test_are_those_of_networks(self, failure: Exception, words: str) -> None:
        """Whoever reads it looks after a network, and never saw the program."""
        assert in_words(failure) == words

    def test_of_what_is_not_known_is_its_name(self) -> None:
        """Better than nothing, for who reports it."""
        assert (in_words(KeyError("x")), in_words(None)) == ("KeyError", "NoneType")
