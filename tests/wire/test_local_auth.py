"""Who calls on the local side."""

import base64
from dataclasses import dataclass

import pytest
import trustme
from OpenSSL.crypto import FILETYPE_PEM, X509, load_certificate

from edge_node.errors import PAGES
from edge_node.model.credential import LocalCredentials, SecretHash
from edge_node.model.finding import Finding
from edge_node.model.peer import LocalCaller
from edge_node.settings.secrets import hash_password, hash_secret, read_hash
from edge_node.wire.http1 import Head, TransportPeer
from edge_node.wire.local_auth import Authenticator, Proven

TOKEN, OTHER_TOKEN, KEY = "t" * 43, "u" * 43, "k" * 43
PASSWORD = "correct horse"


@dataclass
class Watch:
    """A clock that stands still until it is set."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def hashed(line: str) -> SecretHash:
    """Read a hash line."""
    found = read_hash(line)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def certificate() -> X509:
    """A client certificate of a local system."""
    issued = trustme.CA().issue_cert("his.example", common_name="his")
    return load_certificate(FILETYPE_PEM, issued.cert_chain_pems[0].bytes())


@pytest.fixture(scope="module")
def password() -> SecretHash:
    """The hash of a password that people chose; made once, for it is slow."""
    return hashed(hash_password(PASSWORD, bytes(16)))


@pytest.fixture
def watch() -> Watch:
    """The clock of the authenticator."""
    return Watch()


@pytest.fixture
def authenticator(certificate: X509, password: SecretHash, watch: Watch) -> Authenticator:
    """Two systems, one of them with every form."""
    fingerprint = certificate.digest("sha256").decode().replace(":", "").lower()
    his = LocalCredentials(
        system="his",
        fingerprints=frozenset({fingerprint}),
        uids=frozenset({1200}),
        bearer=(hashed(hash_secret(TOKEN)),),
        basic_user="his",
        basic_password=password,
        address_keys=(hashed(hash_secret(KEY)),),
    )
    ais = LocalCredentials(system="ais", bearer=(hashed(hash_secret(OTHER_TOKEN)),), uids=frozenset({1300}))
    return Authenticator([his, ais], chance=b"c" * 32, monotonic=watch)


def head(target: str = "/Ping", *authorization: str, certificate: X509 | None = None, uid: int | None = None) -> Head:
    """A request before its body."""
    credentials = None if uid is None else (1, uid, uid)
    peer = TransportPeer(address="127.0.0.1", certificate=certificate, credentials=credentials)
    return Head("POST", target, tuple(("authorization", value) for value in authorization), peer)


def basic(user: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def code(verdict: Proven | Finding) -> str:
    """The code of a refusal."""
    assert isinstance(verdict, Finding)
    assert verdict.code in PAGES
    return verdict.code


class TestForms:
    def test_knows_a_client_certificate(self, authenticator: Authenticator, certificate: X509) -> None:
        """A hospital's systems call from other machines."""
        proven = authenticator.who(head(certificate=certificate))
        assert proven == Proven(caller=LocalCaller(name="his", method="certificate"), target="/Ping")

    def test_knows_a_certificate_by_its_subject(self, certificate: X509, watch: Watch) -> None:
        """A renewed certificate of the same system keeps working."""
        subject = certificate.to_cryptography().subject.rfc4514_string()
        systems = [LocalCredentials(system="his", subjects=frozenset({subject}))]
        proven = Authenticator(systems, chance=b"c" * 32, monotonic=watch).who(head(certificate=certificate))
        assert isinstance(proven, Proven)

    @pytest.mark.parametrize(
        ("request_head", "method"),
        [
            (head(uid=1200), "socket"),
            (head("/Ping", f"Bearer {TOKEN}"), "bearer"),
            (head("/Ping", f"bearer  {TOKEN}"), "bearer"),
            (head("/Ping", basic("his", PASSWORD)), "basic"),
            (head(f"/k/{KEY}/Ping"), "key"),
        ],
    )
    def test_knows_the_other_forms(self, authenticator: Authenticator, request_head: Head, method: str) -> None:
        """Each local system can do at least one of them."""
        proven = authenticator.who(request_head)
        assert proven == Proven(caller=LocalCaller(name="his", method=method), target="/Ping")

    def test_gives_the_address_back_without_the_key(self, authenticator: Authenticator) -> None:
        """What is logged or routed never holds it."""
        proven = authenticator.who(head(f"/k/{KEY}/v1/messages?state=kept"))
        assert isinstance(proven, Proven)
        assert proven.target == "/v1/messages?state=kept"


class TestRefusals:
    @pytest.mark.parametrize(
        "request_head",
        [
            head(),
            head(uid=1),
            head("/Ping", "Bearer wrong"),
            head("/Ping", f"Bearer {KEY}"),
            head("/Ping", "Bearer"),
            head("/Ping", "Bearer " + "x" * 2000),
            head("/Ping", f"Digest {TOKEN}"),
            head("/Ping", "Basic ???"),
            head("/Ping", "Basic aGlz"),
            head("/Ping", basic("nobody", PASSWORD)),
            head("/Ping", basic("his", "wrong horse")),
            head("/Ping", f"Bearer {TOKEN}", f"Bearer {TOKEN}"),
            head(f"/k/{TOKEN}/Ping"),
            head(f"/k/{KEY}"),
            head(f"/k//{KEY}/Ping"),
            head(f"/Ping?k={KEY}"),
            head("/Ping", f"Bearer {TOKEN}é"),
        ],
    )
    def test_nobody_passes_without_proof(self, authenticator: Authenticator, request_head: Head) -> None:
        """Whoever reaches the port could else send as the practice."""
        assert code(authenticator.who(request_head)) == "EN-UNAUTHENTICATED"

    def test_a_certificate_of_nobody_is_no_proof(self, authenticator: Authenticator) -> None:
        """The site's authority issues certificates for more than local systems."""
        other = load_certificate(FILETYPE_PEM, trustme.CA().issue_cert("x.example").cert_chain_pems[0].bytes())
        assert code(authenticator.who(head(certificate=other))) == "EN-UNAUTHENTICATED"

    @pytest.mark.parametrize(
        "request_head",
        [head("/Ping", f"Bearer {OTHER_TOKEN}", uid=1200), head(f"/k/{KEY}/Ping", f"Bearer {OTHER_TOKEN}")],
    )
    def test_two_forms_must_mean_one_system(self, authenticator: Authenticator, request_head: Head) -> None:
        """A pharmacy's token on the practice's socket is a mistake or an attack."""
        assert code(authenticator.who(request_head)) == "EN-FORBIDDEN"

    def test_a_wrong_secret_is_refused_next_to_a_right_one(self, authenticator: Authenticator) -> None:
        """What is said must be true; guessing behind a good socket is still guessing."""
        assert code(authenticator.who(head("/Ping", "Bearer wrong", uid=1200))) == "EN-UNAUTHENTICATED"

    @pytest.mark.parametrize("given", ["Bearer wrong-token", basic("his", "wrong-token")])
    def test_a_finding_never_holds_what_was_given(self, authenticator: Authenticator, given: str) -> None:
        """Findings are logged."""
        assert "wrong-token" not in repr(authenticator.who(head("/Ping", given)))


class TestFhir:
    def test_leaves_authorization_to_the_message(self, authenticator: Authenticator) -> None:
        """On the FHIR mirror it carries the AORTA token, which is not a local credential."""
        proven = authenticator.who(head(f"/k/{KEY}/fhir/Patient", "Bearer an-aorta-token"))
        assert proven == Proven(caller=LocalCaller(name="his", method="key"), target="/fhir/Patient")

    def test_does_not_take_a_local_token_there(self, authenticator: Authenticator) -> None:
        """One header cannot mean two things."""
        assert code(authenticator.who(head("/fhir/Patient", f"Bearer {TOKEN}"))) == "EN-UNAUTHENTICATED"


class TestPasswords:
    def test_hashes_a_right_password_once(
        self, authenticator: Authenticator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The slow hash must not slow every message."""
        assert isinstance(authenticator.who(head("/Ping", basic("his", PASSWORD))), Proven)
        monkeypatch.setattr("hashlib.scrypt", None)
        assert isinstance(authenticator.who(head("/Ping", basic("his", PASSWORD))), Proven)

    def test_guessing_is_slowed_and_harms_nobody_else(self, authenticator: Authenticator, watch: Watch) -> None:
        """Each guess takes the reactor 30 ms, in which no query moves."""
        assert isinstance(authenticator.who(head("/Ping", basic("his", PASSWORD))), Proven)
        guesses = [code(authenticator.who(head("/Ping", basic("his", f"guess {i}")))) for i in range(4)]
        assert guesses == ["EN-UNAUTHENTICATED"] * 2 + ["EN-BUSY"] * 2
        assert isinstance(authenticator.who(head("/Ping", basic("his", PASSWORD))), Proven)
        watch.now += 1
        assert code(authenticator.who(head("/Ping", basic("his", "guess 5")))) == "EN-UNAUTHENTICATED"

    def test_repeating_one_wrong_password_costs_nothing(self, authenticator: Authenticator) -> None:
        """A local system with an old password keeps calling; it is told the same each time."""
        codes = {code(authenticator.who(head("/Ping", basic("his", "old password")))) for _ in range(20)}
        assert codes == {"EN-UNAUTHENTICATED"}
