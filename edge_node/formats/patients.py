"""The patient numbers of one message, from the places its interaction names.

Knows: the forms of `patient_at`, what counts as a patient number there.
Must not know: whether two numbers may differ, or what is done about it.
"""

from collections.abc import Sequence

from edge_node.errors import Refused
from edge_node.formats.names import local_name
from edge_node.model.identifiers import BSN_ROOT, Bsn, InvalidIdentifier
from edge_node.model.message import Patients

ATTENTION_LINE, QUERY, TOKEN, PAYLOAD = "attention-line", "query", "token", "payload:"


class PatientDraft:
    """Gathers the numbers while the message is read."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Bsn] = {}

    def add_id(self, place: str, patient_at: tuple[str, ...], attributes: dict[str, str]) -> None:
        """Take an instance identifier found at `place`, when it is a patient number and the place counts."""
        # Without an extension it says that there is no number: it is not a wrong one. A nullFlavor beside a number
        # does not take the number away from whoever reads only that.
        if attributes.get("root") == BSN_ROOT and place in patient_at:
            self.add(place, attributes.get("extension", ""))

    def add_payload(self, stack: Sequence[str], patient_at: tuple[str, ...], attributes: dict[str, str]) -> None:
        """Take an `id` of the payload, `stack` being the names of the elements from the control act down to it."""
        path = "/" + "/".join(map(local_name, stack))
        for place in patient_at:
            if place.startswith(PAYLOAD) and path.endswith("/" + place[len(PAYLOAD) :]):
                self.add_id(place, patient_at, attributes)
                return

    def add(self, place: str, number: str) -> None:
        """Take a patient number; an empty one is none."""
        number = number.strip()
        if not number:
            return
        try:
            self._found[place, number] = Bsn(number)
        except InvalidIdentifier as error:
            raise Refused(f"{place}: {error}", code="EN-BSN-INVALID") from None

    def patients(self) -> Patients:
        """What was found, each number once a place."""
        return Patients(found=tuple((place, bsn) for (place, _), bsn in self._found.items()))
