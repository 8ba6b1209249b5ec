"""Reading with the table at hand."""

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from edge_node.errors import Refused
from edge_node.flow.reading import Readers
from edge_node.flow.turns import AT_ONCE_BYTES, Turns
from edge_node.formats.hardened import XmlLimits
from edge_node.model.message import Reading
from tests.formats.samples import CATALOGUE, PRESCRIPTION, replaced

FOREIGN = replaced(PRESCRIPTION, "PORX_IN932000NL", "PRPA_IN201305UV02")


def read(body: bytes) -> Reading:
    """Read it; what is read at once has its result at once."""
    results: list[Reading | Failure] = []
    Deferred.fromCoroutine(READERS.read(body)).addBoth(results.append)
    if isinstance(results[0], Failure):
        results[0].raiseException()
    return results[0]


CLOCK = Clock()
READERS = Readers(catalogue=CATALOGUE, limits=XmlLimits(), turns=Turns(CLOCK))


class TestAMessageOfAnotherWorld:
    def test_is_refused_by_name(self) -> None:
        """Its wrapper lacks fields of ours; that it went to the wrong place is what helps its sender."""
        with pytest.raises(Refused) as raised:
            read(replaced(FOREIGN, "v:profileId", "v:otherId"))
        assert (raised.value.code, raised.value.detail) == ("EN-INTERACTION-UNKNOWN", "PRPA_IN201305UV02")

    def test_with_a_whole_wrapper_is_read(self) -> None:
        """Then its sender can be given the negative answer it waits for."""
        reading = read(FOREIGN)
        assert str(reading.wrapper.interaction) == "PRPA_IN201305UV02"


class TestAMessageOfOurs:
    def test_is_refused_for_what_it_lacks(self) -> None:
        """A supplier must be told which field to put right."""
        with pytest.raises(Refused) as raised:
            read(replaced(PRESCRIPTION, "v:profileId", "v:otherId"))
        assert raised.value.code == "EN-WRAPPER-FIELD"


class TestALargeMessage:
    def test_is_read_as_a_small_one(self) -> None:
        """Where the bytes are cut says nothing about a message."""
        large = replaced(
            PRESCRIPTION, "</v:prescription>", "<v:text>" + "x" * AT_ONCE_BYTES + "</v:text></v:prescription>"
        )
        assert read(large).wrapper == read(PRESCRIPTION).wrapper

    def test_is_refused_as_a_small_one(self) -> None:
        """The fault may be in its last byte."""
        with pytest.raises(Refused) as raised:
            read(PRESCRIPTION + b" " * AT_ONCE_BYTES + b"x")
        assert raised.value.code == "EN-XML-MALFORMED"
