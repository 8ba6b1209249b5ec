"""Policies of a chain: of no account, unless a CA in it requires one. The whole of it is in the tests of NIST."""

import time

import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from edge_node.errors import Refused
from edge_node.wire.trust_judge import Chain
from edge_node.wire.trust_policies import agree

from .test_trust_verify import ROOT, made

#: Of PKIoverheid, for servers; and one of somebody else.
SERVERS, OTHERS = "2.16.528.1.1003.1.2.8.6", "1.3.6.1.4.1.99999.1"
ANY = "2.5.29.32.0"
REQUIRED = x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None)


def policies(*oids: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in oids])


def mapping(value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.33"), value)


def chain(ca: tuple[x509.ExtensionType, ...], leaf: tuple[x509.ExtensionType, ...]) -> Chain:
    return made("leaf", "ca", *leaf, ca=False), made("ca", "root", *ca), ROOT


#: SERVERS becomes OTHERS.
BECOMES = mapping(bytes.fromhex("30193017060a60841001876b0102080606092b06010401868d1f01"))


class TestAgree:
    @pytest.mark.parametrize("leaf", [(), (policies(OTHERS),)], ids=["none", "another"])
    def test_asks_for_nothing_that_no_ca_requires(self, leaf: tuple[x509.ExtensionType, ...]) -> None:
        """The CAs of the registers require none, and nobody must be locked out for it."""
        agree(chain((policies(SERVERS),), leaf))

    @pytest.mark.parametrize("named", [SERVERS, ANY])
    def test_accepts_what_a_ca_requires(self, named: str) -> None:
        """A certificate for servers, under a CA that gives no others."""
        agree(chain((policies(named), REQUIRED), (policies(SERVERS),)))

    @pytest.mark.parametrize("leaf", [(), (policies(OTHERS),)], ids=["none", "another"])
    def test_refuses_what_lacks_it(self, leaf: tuple[x509.ExtensionType, ...]) -> None:
        """A CA that was held to one use cannot be used for another."""
        with pytest.raises(Refused, match="EN-TLS-POLICY"):
            agree(chain((policies(SERVERS), REQUIRED), leaf))

    def test_follows_a_policy_that_becomes_another(self) -> None:
        """Two registers that know each other's policies by other names."""
        agree(chain((policies(SERVERS), REQUIRED, BECOMES), (policies(OTHERS),)))

    @pytest.mark.parametrize("value", [b"\x04\x00", b"\x30\x05\x30", b"\x30\x03\x04\x01\x00", b"\x30\x82\xff\xff"])
    def test_refuses_a_mapping_that_cannot_be_read(self, value: bytes) -> None:
        """What is not understood is not guessed at."""
        with pytest.raises(Refused, match="EN-TLS-UNREADABLE"):
            agree(chain((policies(SERVERS), REQUIRED, mapping(value)), (policies(SERVERS),)))

    def test_takes_no_time_whatever_is_written(self) -> None:
        """A tree of policies that doubles at each CA has kept other verifiers busy for ever."""
        many = policies(*(f"1.3.6.1.4.1.99999.{i}" for i in range(500)))
        began = time.process_time()
        agree((made("leaf", "ca", many, ca=False), *(made("ca", "ca", many) for _ in range(5)), ROOT))
        assert time.process_time() - began < 0.5
