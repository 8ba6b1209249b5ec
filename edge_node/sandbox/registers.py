"""What a simulated switchboard remembers: the index, the tokens used, and its access log.

Knows: which application holds which kind of data of a patient; which assertion was used; who asked what.
Must not know: messages as XML, sockets.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One line of the access log."""

    moment: str
    interaction: str
    sender: str
    outcome: str


@dataclass(slots=True)
class Registers:
    """All that is remembered between two messages."""

    _index: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _tokens: set[str] = field(default_factory=set)
    _log: dict[str, list[Looked]] = field(default_factory=dict)

    def register(self, patient: str, data: str, application: str) -> None:
        """The application holds this kind of data of the patient."""
        holders = self._index.setdefault((patient, data), [])
        if application not in holders:
            holders.append(application)

    def remove(self, patient: str, data: str, application: str) -> bool:
        """It no longer does; say whether it was registered."""
        holders = self._index.get((patient, data), [])
        if application not in holders:
            return False
        holders.remove(application)
        return True

    def sources(self, patient: str, data: str) -> tuple[str, ...]:
        """The applications that hold this kind of data of the patient."""
        return tuple(self._index.get((patient, data), ()))

    def use_token(self, assertion: str) -> bool:
        """Whether this assertion id is used for the first time. It is used from now on."""
        is_first = assertion not in self._tokens
        self._tokens.add(assertion)
        return is_first

    def look(self, patient: str, looked: Looked) -> None:
        """Remember that somebody asked for, or sent, data of the patient."""
        self._log.setdefault(patient, []).append(looked)

    def log_of(self, patient: str) -> tuple[Looked, ...]:
        """What happened with the patient's data."""
        return tuple(self._log.get(patient, ()))
