"""Which lists a node needs, and where it looks for them."""

from cryptography import x509

from edge_node.sandbox.pki_authority import root
from edge_node.wire.crl_needs import ListSource, Sourcing, list_sources, mirrored
from edge_node.wire.trust_judge import Chain
from tests.wire.lists_double import NOW, chain_of, ec_key

ROOT = root("Root", "root", ec_key(), NOW)
CA = ROOT.authority("Issuing CA", "issuing", ec_key())
CHAIN: Chain = chain_of(CA, ROOT.certificate)
LEAF_LIST = "http://crl.edge-node.test/issuing.crl"
CA_LIST = "http://crl.edge-node.test/root.crl"


def sources(*chains: Chain, **chosen: object) -> tuple[ListSource, ...]:
    return list_sources(chains, Sourcing(**chosen))  # type: ignore[arg-type]


def cas(source: ListSource) -> list[x509.Certificate]:
    return list(source.cas)


class TestAChain:
    def test_needs_the_list_of_every_ca_above_it(self) -> None:
        """A CA that was revoked takes all below it along."""
        assert {one.address: cas(one) for one in sources(CHAIN)} == {
            LEAF_LIST: [CA.certificate],
            CA_LIST: [ROOT.certificate],
        }

    def test_of_the_same_issuer_needs_no_second_request(self) -> None:
        """Two peers of one register share its list."""
        assert len(sources(CHAIN, chain_of(CA, ROOT.certificate))) == 2

    def test_of_a_root_alone_needs_none(self) -> None:
        """Nobody stands above a root."""
        assert sources((ROOT.certificate,)) == ()


class TestASite:
    def test_may_name_the_address_for_a_ca(self) -> None:
        """Where the address in the certificate is out of reach, or there is none."""
        found = sources(CHAIN, named={"Issuing CA": "http://near.example/uzi.crl"})
        assert found[0] == ListSource(addresses=("http://near.example/uzi.crl",), cas=(CA.certificate,))
        assert LEAF_LIST not in {one.address for one in found}

    def test_may_name_one_for_a_ca_nobody_has_shown_yet(self) -> None:
        """The list is there before the first handshake with that peer."""
        assert sources(named={"Other CA": "http://near.example/other.crl"}) == (
            ListSource(addresses=("http://near.example/other.crl",)),
        )

    def test_may_have_a_mirror_asked_first(self) -> None:
        """The issuer itself is asked when the mirror fails."""
        found = sources(CHAIN, mirror="http://mirror.example/crl")
        assert found[0].addresses == (f"http://mirror.example/crl/{LEAF_LIST.removeprefix('http://')}", LEAF_LIST)

    def test_may_keep_to_what_it_names(self) -> None:
        """Where somebody brings the other lists as files, an address out of reach is no fault."""
        assert sources(CHAIN, from_certificates=False) == ()


class TestAMirror:
    def test_keeps_host_path_and_query(self) -> None:
        """Two registers may have files of one name."""
        there = mirrored("http://crl.example:8080/a/b.crl?c=1", "http://mirror.example")
        assert there == "http://mirror.example/crl.example/a/b.crl?c=1"
