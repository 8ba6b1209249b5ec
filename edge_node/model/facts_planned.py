"""What a site announced, what it signed, and where it sends what: as the checks on them ask.

Knows: the fields of a maintenance window, of a signature of settings, of a destination.
Must not know: how settings are written, how a signature is verified.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Planned maintenance: what is out of order within it is no outage."""

    what: str
    announced: datetime
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceFacts:
    """The windows of a site at a moment."""

    at: datetime
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed one settings file."""

    file: str
    signer: str = ""  # the name of the file of the key
    failure: str = ""  # why nobody did, as far as can be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFacts:
    """The settings files, with their signatures."""

    signatures: tuple[Signature, ...]
    is_used: bool  # the site says who may sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the node sends something besides the care network."""

    purpose: str
    host: str
    country: str = ""  # two capitals; empty: the settings do not say
    is_here: bool = False  # this machine itself
