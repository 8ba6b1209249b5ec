"""Why a way to another party broke, in words that an operator has heard before.

Knows: the errors of sockets, names and TLS that Twisted and OpenSSL raise.
Must not know: which party it was, whether a request was sent.
"""

from typing import Final

from OpenSSL.SSL import Error as TlsError
from twisted.internet import error as of_twisted

#: The first that fits; names of classes say nothing to who looks after a practice's network.
_WORDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (of_twisted.DNSLookupError, "its name is not known (DNS)"),
    (of_twisted.UnknownHostError, "its name is not known (DNS)"),
    (of_twisted.ConnectionRefusedError, "the connection was refused: nothing listens there, or a firewall says no"),
    (ConnectionRefusedError, "the connection was refused: nothing listens there, or a firewall says no"),
    (of_twisted.NoRouteError, "there is no route to it"),
    (of_twisted.TCPTimedOutError, "nothing answered in time"),
    (of_twisted.TimeoutError, "nothing answered in time"),
    (TimeoutError, "nothing answered in time"),
    (of_twisted.ConnectingCancelledError, "connecting was stopped"),
    (of_twisted.ConnectBindError, "no connection can be begun from here"),
    (of_twisted.ConnectionAborted, "the connection was broken off here"),
    (of_twisted.ConnectionDone, "the other end closed the connection"),
    (of_twisted.ConnectionLost, "the connection was lost"),
    (ConnectionResetError, "the connection was lost"),
)


def in_words(error: BaseException | None) -> str:
    """Say it. What has no words here is named as the program names it."""
    if isinstance(error, TlsError) and error.args and isinstance(error.args[0], list):
        # OpenSSL gives its reasons as a list of (library, function, reason).
        return "; ".join(str(entry[-1]) for entry in error.args[0]) or "TLS error"
    known = next((words for kind, words in _WORDS if isinstance(error, kind)), None)
    if known is not None:
        return known
    told = getattr(error, "strerror", None) or getattr(getattr(error, "osError", None), "strerror", None)
    return str(told).lower() if told else type(error).__name__
