"""When a certificate was revoked, as the list that is kept of its issuer says.

Knows: the folder the lists are kept in, and how one entry is looked up.
Must not know: which lists count, what follows from a moment.

Only asked of a certificate that was revoked: a list may have hundreds of thousands of entries, so it is in a thread.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from edge_node.wire.revocation_list import key_of
from edge_node.wire.trust_judge import Chain


@dataclass(frozen=True, slots=True)
class RevokedAt:
    """Looks up a moment in the lists of one folder."""

    folder: Path

    def __call__(self, chain: Chain) -> datetime | None:
        """None where only the fact is known, such as from an OCSP answer, or where a CA above was revoked."""
        if len(chain) < 2:
            return None
        try:
            kept = x509.load_pem_x509_crl((self.folder / f"{key_of(chain[1])}.pem").read_bytes())
        except (OSError, ValueError):
            return None
        entry = kept.get_revoked_certificate_by_serial_number(chain[0].serial_number)
        return None if entry is None else entry.revocation_date_utc
