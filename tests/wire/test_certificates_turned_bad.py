"""Certificates that were good when they came and are no longer: on a standing connection, in a session, anew."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from OpenSSL import SSL

from edge_node.model.hierarchies import PRODUCTION_REALM, Realm
from edge_node.model.site import Environment
from tests.wire.bad_certificates import GOOD, ISSUER, LEAF, ROOT, SERVICES, Known, Site, Way
from tests.wire.bad_certificates_uzi import GOOD_UZI, IN_PRODUCTION, OF_URA
from tests.wire.forge import NOW, Ca, Shown, Spec, forge
from tests.wire.forge_lists import judge_of, tell
from tests.wire.node_side import Node, Wall, far_side
from tests.wire.over_tcp import Talk

EVERYWHERE = pytest.mark.parametrize(
    ("way", "version"), [(way, version) for way in Way for version in (SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What happens after the first handshake, and the code it leads to."""

    name: str
    code: str
    spec: Spec = GOOD
    days: float = 0  # on the clock of the node
    known: Known | None = None  # what new lists say

    def __str__(self) -> str:
        return self.name


ENDS = replace(GOOD, leaf=replace(LEAF, days=(-1, 5)))
TURNS = (
    Turn(name="it ends", code="EN-TLS-EXPIRED", spec=ENDS, days=6),
    Turn(name="the clock goes back", code="EN-TLS-NOT-YET", days=-10),
    Turn(
        name="its issuer ends",
        code="EN-TLS-CA-EXPIRED",
        spec=replace(GOOD, cas=(replace(ISSUER, days=(-700, 5)), SERVICES, ROOT)),
        days=6,
    ),
    Turn(
        name="its root ends",
        code="EN-TLS-CA-EXPIRED",
        spec=replace(GOOD, cas=(ISSUER, SERVICES, replace(ROOT, days=(-700, 5)))),
        days=6,
    ),
    Turn(name="it is revoked", code="EN-TLS-REVOKED", known=Known(revoked=(0,), number=2)),
    Turn(name="its issuer is revoked", code="EN-TLS-CA-REVOKED", known=Known(revoked=(1,), number=2)),
    Turn(name="the CA in the middle is revoked", code="EN-TLS-CA-REVOKED", known=Known(revoked=(2,), number=2)),
    Turn(name="its issuer brings no new list", code="EN-TLS-CRL-STALE", days=3),
)


SITE = Site()


@dataclass
class Meeting:
    """A node and its peer, who met once and found each other good."""

    shown: Shown
    way: Way
    version: int
    site: Site = SITE
    wall: Wall = field(default_factory=Wall)

    def __post_init__(self) -> None:
        self.far = far_side(self.shown, self.version, self.way)
        self.node = Node(self.site, self.shown, self.way, self.wall)
        self.first = self.node.meet(self.far)
        assert self.first.judged.name == "lsp", self.wall.refusals

    def verdicts(self, node: Node) -> list[str]:
        """What a node now says of the standing connection, of its session, and of a handshake from the start."""
        standing = node.judge_again(self.first)
        again = node.meet(self.far, self.first)
        anew = node.meet(self.far)
        return [standing, *(_verdict(one) for one in (again, anew))]


def _verdict(talk: Talk) -> str:
    assert (talk.judged, talk.heard, talk.told) == (None, b"", b"")
    return talk.refusal.code if talk.refusal else "let in"


class TestOneThatWasGood:
    @EVERYWHERE
    @pytest.mark.parametrize("turn", TURNS, ids=str)
    def test_is_refused_from_the_moment_it_is_not(self, turn: Turn, way: Way, version: int) -> None:
        """What was true last night does not let anybody in this morning: no standing line, no session, nothing."""
        shown = forge(turn.spec)
        judge = judge_of(shown)
        tell(judge, shown, Known())
        meeting = Meeting(shown, way, version, wall=Wall(revocation=judge))
        meeting.wall.at = NOW + timedelta(days=turn.days)
        if turn.known:
            tell(judge, shown, turn.known)
        assert meeting.verdicts(meeting.node) == [turn.code] * 3

    @EVERYWHERE
    def test_stays_good_when_a_list_has_news_of_others(self, way: Way, version: int) -> None:
        """A new list comes every hour; it must not cost one connection."""
        shown = forge(GOOD)
        judge = judge_of(shown)
        tell(judge, shown, Known())
        meeting = Meeting(shown, way, version, wall=Wall(revocation=judge))
        tell(judge, shown, Known(number=2))
        again = meeting.node.meet(meeting.far, meeting.first)
        assert (again.judged.name, again.is_resumed, meeting.wall.refusals) == ("lsp", True, [])


CHANGES = {
    "another issuer": ("EN-TLS-ISSUER", Site(issuers=("Another CA",))),
    "another organisation": ("EN-TLS-ORGANISATION", Site(organisation="Een ander B.V.")),
    "a URA": ("EN-TLS-URA", Site(ura="90000101")),
    "a word of test": ("EN-TLS-ENVIRONMENT", Site(realm=replace(PRODUCTION_REALM, test_marks=("Services",)))),
    "a CA of production": (
        "EN-TLS-ENVIRONMENT",
        Site(realm=Realm(environment=Environment.TEST, production_names=(ROOT.name,))),
    ),
    "an issuer that is the register's": (
        "EN-TLS-UZI-PROFILE",
        Site(realm=replace(IN_PRODUCTION, uzi_issuers=frozenset({ISSUER.name}))),
    ),
}


class TestNewSettings:
    @EVERYWHERE
    @pytest.mark.parametrize(("code", "site"), CHANGES.values(), ids=CHANGES)
    def test_hold_for_what_stands_and_what_comes_back(self, code: str, site: Site, way: Way, version: int) -> None:
        """An operator who shuts a door must find it shut, whoever is still in the room."""
        meeting = Meeting(forge(GOOD), way, version)
        node = Node(site, meeting.shown, way, Wall())
        assert meeting.verdicts(node) == [code] * 3

    @EVERYWHERE
    @pytest.mark.parametrize("root", [replace(ROOT, generation="next"), Ca(name="Another root")])
    def test_with_other_anchors_let_none_of_the_old_ones_in(self, root: Ca, way: Way, version: int) -> None:
        """The standing connection shows its old root, which is no anchor now; the others lead to none at all."""
        meeting = Meeting(forge(GOOD), way, version)
        node = Node(Site(trusts=root), meeting.shown, way, Wall())
        assert meeting.verdicts(node) == ["EN-TLS-ANCHOR", "EN-TLS-CHAIN", "EN-TLS-CHAIN"]

    @EVERYWHERE
    def test_that_change_nothing_keep_what_stands(self, way: Way, version: int) -> None:
        """A reload for a new telephone number must not drop the line."""
        meeting = Meeting(forge(GOOD_UZI), way, version, site=OF_URA)
        node = Node(OF_URA, meeting.shown, way, Wall())
        assert node.judge_again(meeting.first) == ""
        assert node.meet(meeting.far, meeting.first).judged.name == "lsp"


#: What the lists say from the start.
LISTED = {
    "revoked": ("EN-TLS-REVOKED", Known(revoked=(0,))),
    "issuer revoked": ("EN-TLS-CA-REVOKED", Known(revoked=(1,))),
    "CA in the middle revoked": ("EN-TLS-CA-REVOKED", Known(revoked=(2,))),
    "it and its issuer revoked": ("EN-TLS-REVOKED", Known(revoked=(0, 1))),
    "no list of its issuer": ("EN-TLS-UNCHECKED", Known(missing=(0,))),
    "no list of its issuer's issuer": ("EN-TLS-UNCHECKED", Known(missing=(1,))),
    "no list of the root": ("EN-TLS-UNCHECKED", Known(missing=(2,))),
    "list of its issuer ended": ("EN-TLS-CRL-STALE", Known(ended=(0,))),
    "list of the root ended": ("EN-TLS-CRL-STALE", Known(ended=(2,))),
    "issuer revoked, and its own list missing": ("EN-TLS-CA-REVOKED", Known(revoked=(1,), missing=(0,))),
}


class TestRevocation:
    @EVERYWHERE
    @pytest.mark.parametrize(("code", "known"), LISTED.values(), ids=LISTED)
    def test_is_told_by_its_own_code(self, code: str, known: Known, way: Way, version: int) -> None:
        """'Revoked' means call the peer, 'no list' means look at the network: at night that is the difference."""
        shown = forge(GOOD)
        judge = judge_of(shown)
        tell(judge, shown, known)
        wall = Wall(revocation=judge)
        talk = Node(Site(), shown, way, wall).meet(far_side(shown, version, way))
        assert ([one for one, _ in wall.refusals], _verdict(talk)) == ([code], code)
