"""Where a certificate says that its list and its responder are."""

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from edge_node.wire.revocation import list_addresses, ocsp_addresses
from tests.wire.ocsp_double import authority

CA = authority()


def uris(*addresses: str) -> list[x509.GeneralName]:
    return [x509.UniformResourceIdentifier(address) for address in addresses]


class TestAddresses:
    def test_of_lists_are_those_that_can_be_fetched(self) -> None:
        """One over https first would be a source that fails for ever, and hide that the second one works."""
        names = uris("https://crl.example/a.crl", "HTTP://crl.example/a.crl", "ldap://crl.example/a")
        points = x509.CRLDistributionPoints([x509.DistributionPoint(names, None, None, None)])
        leaf = CA.issue("leaf", extensions=(points,)).certificate
        assert list_addresses(leaf) == ("HTTP://crl.example/a.crl",)

    def test_of_responders_are_those_that_can_be_asked(self) -> None:
        """Two are asked at most: two over https would leave nobody."""
        names = uris("https://one.example", "https://two.example", "http://three.example")
        said = [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, name) for name in names]
        leaf = CA.issue("leaf", extensions=(x509.AuthorityInformationAccess(said),)).certificate
        assert ocsp_addresses(leaf) == ("http://three.example",)
