"""Bad certificates whose only fault stands on a revocation list, or is that no list says otherwise."""

from dataclasses import replace

from tests.wire.bad_certificates import GOOD, RSA_GOOD, Known, Row

#: Every list there is, with nobody of the chain on one.
NOBODY = Known()


def of_list(name: str, code: str, known: Known) -> Row:
    """A chain like the good one, of which the lists say that."""
    return Row(name=name, code=code, bad=GOOD, good=GOOD, known=known, good_known=NOBODY)


REVOKED_ROWS = (
    of_list("revoked", "EN-TLS-REVOKED", Known(revoked=(0,))),
    of_list("its issuer was revoked", "EN-TLS-CA-REVOKED", Known(revoked=(1,))),
    of_list("the CA in the middle was revoked", "EN-TLS-CA-REVOKED", Known(revoked=(2,))),
    of_list("revoked, and so was its issuer", "EN-TLS-REVOKED", Known(revoked=(0, 1))),
    of_list("no list of its issuer", "EN-TLS-UNCHECKED", Known(missing=(0,))),
    of_list("no list of the CA in the middle", "EN-TLS-UNCHECKED", Known(missing=(1,))),
    of_list("the list of its issuer ended", "EN-TLS-CRL-STALE", Known(ended=(0,))),
    of_list("the list of the CA in the middle ended", "EN-TLS-CRL-STALE", Known(ended=(1,))),
    of_list("revoked by a list that ended", "EN-TLS-REVOKED", Known(revoked=(0,), ended=(0,))),
    replace(
        of_list("revoked by a CA with an RSA key", "EN-TLS-REVOKED", Known(revoked=(0,))), bad=RSA_GOOD, good=RSA_GOOD
    ),
)
