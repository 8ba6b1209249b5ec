"""A simulated care application: what it answers to queries, and how it acknowledges pushes.

Knows: which sample belongs to which question.
Must not know: sockets, ledgers, whether it stands behind a node or inside the simulated switchboard.
"""

from edge_node.sandbox.reading import Seen
from edge_node.sandbox.samples.kinds import BY_INTERACTION
from edge_node.sandbox.samples.making import Maker, Verdict
from edge_node.sandbox.samples.people import Patient, patient, patient_with

_PATIENTS = 400


class Application:
    """Answers as one application."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._patients = {one.bsn: one for one in (patient(index) for index in range(_PATIENTS))}

    @property
    def id(self) -> str:
        """Its application id."""
        return self._maker.party.application

    def answer(self, seen: Seen) -> bytes:
        """Return the answer to a request addressed to this application."""
        if seen.receiver != self.id:
            return self._refuse(seen, "RTUDEST", "not an application here")
        kind = BY_INTERACTION.get(seen.interaction)
        if kind is not None and kind.answer is not None:
            return self._answer(kind.answer, seen)
        if seen.query_id is not None:
            return self._refuse(seen, "NS200", "this application does not answer this query")
        return self._maker.accept(seen, Verdict(type_code="CA"))

    def _answer(self, interaction: str, seen: Seen) -> bytes:
        found = self._found(seen.patient or "")
        if seen.patient is not None and found is None:
            return self._maker.answer(interaction, seen, None, Verdict(type_code="AA"))  # nothing known: NF
        return self._maker.answer(interaction, seen, found, Verdict(type_code="AA", quantity=1))

    def known(self, seen: Seen) -> Patient | None:
        """The invented patient a question is about: by number, else by name and date of birth."""
        if seen.patient is not None or seen.person is None:
            return self._found(seen.patient or "")
        return next((one for one in self._patients.values() if (one.family, one.born) == seen.person), None)

    def _found(self, number: str) -> Patient | None:
        return self._patients.get(number) or patient_with(number)

    def _refuse(self, seen: Seen, code: str, text: str) -> bytes:
        verdict = Verdict(type_code="CE", code=code, text=text, in_act=False)
        return self._maker.accept(seen, verdict)
