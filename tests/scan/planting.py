"""Plants each kind of mark in each place that was searched, to show that the search would have found it there.

Knows: where in a place it is put.
Must not know: how the search works.
"""

from collections.abc import Mapping

from edge_node.sandbox.samples.people import OWN, own_word, patient

from .marks import Marks

_AROUND = 4096


def _planted() -> dict[str, str]:
    """What the first message had in it, by its kind."""
    who = patient(OWN)
    return {
        "bsn": who.bsn,
        "born": who.born,
        "given": who.given,
        "family": who.family,
        "street": who.street,
        "author": own_word("Kqx", 0),
        "body": own_word("Bqx", 0),
        "token": own_word("Tqx", 0),
    }


def unfound(places: Mapping[str, bytes], marks: Marks) -> tuple[list[str], int]:
    """Plant one of each kind in the midst of each place; return what was not found, and how many there were."""
    missed, count = [], 0
    for name, data in places.items():
        middle = len(data) // 2
        before, after = data[max(0, middle - _AROUND) : middle], data[middle : middle + _AROUND]
        for kind, text in _planted().items():
            count += 1
            found = marks.search(before + b" " + text.encode() + b" " + after)
            if not any(one.mark.kind == kind and one.mark.message == 0 for one in found):
                missed.append(f"{kind} in {name}")
    return missed, count
