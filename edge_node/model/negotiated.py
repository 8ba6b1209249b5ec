"""What was negotiated with a party in TLS, with the guideline's word for it.

Knows: one value that was agreed on.
Must not know: TLS, the guideline, who counts.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """One item of a handshake. Every field is a word of a table or of the settings, never of a peer."""

    side: str  # in: the peer called; out: the node did
    role: str  # of the peer; local: a local system
    item: str  # version, suite, group, key, hash
    value: str
    label: str  # good, sufficient, phase-out, insufficient, unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFact:
    """What was negotiated since the process started."""

    profile: str
    edition: str  # of the guideline whose labels these are
    handshakes: tuple[tuple[Agreed, int], ...] = ()
    phasing_out: tuple[Agreed, ...] = ()  # what its newest edition would have out
