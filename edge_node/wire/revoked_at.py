"""When a certificate was revoked, as the list that is kept of its issuer says.

Knows: the folder the lists are kept in, and how one entry is looked up.
Must not know: which lists count, what follows from a moment.

Only asked of a certificate that was revoked or is only named: a list may have hundreds of thousands of entries, so it
is in a thread.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from edge_node.wire.revocation_list import key_of


@dataclass(frozen=True, slots=True)
class RevokedAt:
    """Looks up a moment in the lists of one folder."""

    folder: Path

    def __call__(self, ca: x509.Certificate, serial: int) -> datetime | None:
        """None where it is in no list, such as one that an OCSP answer revoked, or where a CA above was revoked."""
        moments = (_moment(path, serial) for path in self._lists_of(ca))
        return min((at for at in moments if at is not None), default=None)

    def _lists_of(self, ca: x509.Certificate) -> list[Path]:
        """One, or several where each is for some of its certificates."""
        return [*self.folder.glob(f"{key_of(ca)}.pem"), *self.folder.glob(f"{key_of(ca)}-*.pem")]


def _moment(path: Path, serial: int) -> datetime | None:
    try:
        kept = x509.load_pem_x509_crl(path.read_bytes())
    except (OSError, ValueError):
        return None
    entry = kept.get_revoked_certificate_by_serial_number(serial)
    return None if entry is None else entry.revocation_date_utc
