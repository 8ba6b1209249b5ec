"""The cards of a sandbox: who works at its organisations, and the CA that each kind of card is from.

Knows: the hierarchy and the fields of UZI cards, which cards there are, good ones and bad ones.
Must not know: tokens, how a certificate is written to disk.

A card has two certificates that matter here: one to show who somebody is, one to put his name under something.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from edge_node.sandbox.pki_authority import (
    TEST_OID_CA,
    UZI_NAME,
    Authority,
    Issued,
    Key,
    ec_key,
    key_usage,
    root,
    rsa_key,
    sign,
)
from edge_node.sandbox.samples.people import (
    AVG_PHYSICIAN,
    GP,
    LOCUM_AVG,
    LOCUM_GP,
    PHARMACIST,
    POST_GP,
    SPECIALIST,
    Person,
)

CARDS_ROOT: Final = "EDGE NODE TEST Cards Root CA - G3"
PROFESSIONALS: Final = "EDGE NODE TEST UZI-register Zorgverlener CA G3"
EMPLOYEES: Final = "EDGE NODE TEST UZI-register Medewerker op naam CA G3"
UNNAMED: Final = "EDGE NODE TEST UZI-register Medewerker niet op naam CA G3"
SERVERS: Final = "EDGE NODE TEST UZI-register Private Server CA G1"
IDENTITIES: Final = "EDGE NODE TEST ZORG-ID Identity CA G1"
_OIDS: Final = {
    PROFESSIONALS: "2.16.528.1.1007.99.2111",
    EMPLOYEES: "2.16.528.1.1007.99.2112",
    UNNAMED: "2.16.528.1.1007.99.2113",
    IDENTITIES: "2.16.528.1.1007.99.2114",
}
_SLUGS: Final = {
    PROFESSIONALS: "uzi-register-zorgverlener-ca-g3",
    EMPLOYEES: "uzi-register-medewerker-op-naam-ca-g3",
    UNNAMED: "uzi-register-medewerker-niet-op-naam-ca-g3",
    IDENTITIES: "zorg-id-identity-ca-g1",
}

#: Each person with the organisation that his card is of.
HOLDERS: Final = {
    "gp": (GP, "90000101"),
    "pharmacist": (PHARMACIST, "90000202"),
    "post-gp": (POST_GP, "90000013"),
    "specialist": (SPECIALIST, "90000014"),
    "avg-physician": (AVG_PHYSICIAN, "90000015"),
    "locum-gp": (LOCUM_GP, "90000101"),
    "locum-avg-physician": (LOCUM_AVG, "90000015"),
}
#: Who also works elsewhere, with the card of the organisation that employs him.
GUESTS: Final = ("gp", "locum-gp", "avg-physician", "locum-avg-physician")
GUEST_URA: Final = "90000077"
EMPLOYEE: Final = Person(uzi="900000121", role="00.000", role_name="Assistent", name="D. Balieman")
DESK: Final = Person(uzi="900000122", role="00.000", role_name="Medewerker", name="Balie")


def card_issuers() -> list[dict[str, str]]:
    """The CAs of the cards as the settings name them: which kind of card each stands for."""
    kinds = {PROFESSIONALS: "professional", EMPLOYEES: "employee", UNNAMED: "unnamed", IDENTITIES: "zorg-id"}
    cards = [{"name": name, "card": card, "oid_ca": _OIDS[name]} for name, card in kinds.items()]
    return [*cards, {"name": SERVERS, "card": "server", "oid_ca": TEST_OID_CA}]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProfile:
    """What a certificate of a card says of its holder."""

    person: Person
    ura: str
    letter: str
    oid_ca: str
    not_before: datetime
    not_after: datetime
    commits: bool = False  # to put a name under something, instead of showing who one is
    named: bool = True  # whether it has a UZI name

    @property
    def uzi_name(self) -> str:
        """The seven parts of otherName 2.5.5.5."""
        return f"{self.oid_ca}-1-{self.person.uzi}-{self.letter}-{self.ura}-{self.person.role}-00000000"


class CardRegister:
    """The CAs of the cards, and what they issue. Cards have RSA keys, since tokens are signed with RSA."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.root = root(CARDS_ROOT, "cards-root-ca-g3", ec_key(), now)
        self.issuers = {name: self.root.authority(name, slug, ec_key()) for name, slug in _SLUGS.items()}

    @property
    def authorities(self) -> tuple[Authority, ...]:
        """All of them, each with a revocation list."""
        return (self.root, *self.issuers.values())

    def profile(self, person: Person, ura: str, letter: str, issuer: str) -> CardProfile:
        """What a good card says: three years, begun an hour ago."""
        return CardProfile(
            person=person,
            ura=ura,
            letter=letter,
            oid_ca=_OIDS[issuer],
            not_before=self._now - timedelta(hours=1),
            not_after=self._now + timedelta(days=3 * 365),
        )

    def issue(self, profile: CardProfile, issuer: str, key: Key) -> Issued:
        """Issue one certificate of a card."""
        authority = self.issuers[issuer]
        builder = (
            x509.CertificateBuilder()
            .subject_name(_subject(profile))
            .issuer_name(authority.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(profile.not_before)
            .not_valid_after(profile.not_after)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(digital_signature=not profile.commits, commits=profile.commits), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if profile.named:
            name = profile.uzi_name.encode("ascii")
            other = x509.OtherName(UZI_NAME, bytes((0x16, len(name))) + name)
            builder = builder.add_extension(x509.SubjectAlternativeName([other]), critical=False)
        for extension in authority.pointers():
            builder = builder.add_extension(extension, critical=False)
        return Issued(chain=(sign(builder, authority.key), *authority.chain), key=key)

    def good(self) -> dict[str, Issued]:
        """A card for everybody, by name; `<name>-signature` is a second certificate, `<name>-guest` a guest's."""
        made: dict[str, Issued] = {}
        for name, (person, ura) in HOLDERS.items():
            profile, key = self.profile(person, ura, "Z", PROFESSIONALS), rsa_key()
            made[name] = self.issue(profile, PROFESSIONALS, key)
        for name in GUESTS:
            profile = self.profile(HOLDERS[name][0], GUEST_URA, "Z", PROFESSIONALS)
            made[f"{name}-guest"] = self.issue(profile, PROFESSIONALS, rsa_key())
        mandating = replace(self.profile(*HOLDERS["gp"], "Z", PROFESSIONALS), commits=True)
        made["gp-signature"] = self.issue(mandating, PROFESSIONALS, rsa_key())
        key = rsa_key()
        made["employee"] = self.issue(self.profile(EMPLOYEE, "90000101", "N", EMPLOYEES), EMPLOYEES, key)
        made["zorg-id"] = self.issue(self.profile(*HOLDERS["gp"], "Z", IDENTITIES), IDENTITIES, key)
        return made

    def bad(self) -> dict[str, Issued]:
        """The general practitioner's card with one thing wrong."""
        good, day, key = self.profile(*HOLDERS["gp"], "Z", PROFESSIONALS), timedelta(days=1), rsa_key()

        def made(issuer: str = PROFESSIONALS, **changes: object) -> Issued:
            return self.issue(replace(good, **changes), issuer, key)  # type: ignore[arg-type]

        found = {
            "expired": made(not_before=self._now - 400 * day, not_after=self._now - day),
            "not-yet-valid": made(not_before=self._now + 2 * day),
            "revoked": made(not_before=self._now - 30 * day),
            "unnamed": self.issue(self.profile(DESK, "90000101", "M", UNNAMED), UNNAMED, key),
            # Its letter says that he is a professional; the CA issues cards of employees.
            "letter": made(EMPLOYEES, oid_ca=_OIDS[EMPLOYEES]),
            "oid-ca": made(oid_ca=_OIDS[EMPLOYEES]),
            "no-name": made(named=False),
            "guest": made(ura="90000909"),
        }
        self.issuers[PROFESSIONALS].revoke(found["revoked"].chain[0], self._now - 10 * day)
        found["other-ca"] = CardRegister(self._now).issue(good, PROFESSIONALS, key)
        return found


def _subject(profile: CardProfile) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Organisatie {profile.ura}"),
            x509.NameAttribute(NameOID.COMMON_NAME, profile.person.name),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, profile.person.uzi),
        ]
    )
