"""The checks on the way to the switchboard, and on who is at its end."""

import pytest

from edge_node.errors import PAGES, Side
from edge_node.model.check import Result
from edge_node.model.facts_time import LinkSeen, SwitchboardFacts
from edge_node.model.renewal import Outcome, Stage, Step, Tried
from edge_node.policy import check_link

from .check_limits import limits

UP = LinkSeen(name="switchboard", failures=0)


def trial(failed: Stage | None = None, code: str = "EN-CERT-UNTESTED", *, away: bool = False) -> Tried:
    """One that came as far as the peer, or failed at a stage."""
    way = [Stage.NAME, Stage.CONNECTION, Stage.HANDSHAKE, Stage.PEER]
    passed = way if failed is None else way[: way.index(failed)]
    steps = [Step(stage=stage, took_s=0.01, told="seen") for stage in passed]
    end = Step(stage=Stage.NAME if failed is None else failed, took_s=0.02, told="no", code=code, is_turned_away=away)
    steps += [] if failed is None else [end]
    return Tried(peer="lsp", role="zim", outcome=Outcome.UNKNOWN, steps=tuple(steps))


def seen(*trials: Tried, link: LinkSeen = UP) -> SwitchboardFacts:
    return SwitchboardFacts(links=(link,), trials=trials)


class TestPing:
    def test_is_good_while_contacts_succeed(self) -> None:
        """The last one, and the trial."""
        assert check_link.ping(seen(trial()), limits()).result is Result.GOOD

    @pytest.mark.parametrize(("failures", "result"), [(1, Result.WARNED), (2, Result.WARNED), (3, Result.VIOLATED)])
    def test_is_violated_after_three_failures(self, failures: int, result: Result) -> None:
        """One lost packet is no outage."""
        link = LinkSeen(name="switchboard", failures=failures, code="EN-SWITCHBOARD-UNREACHABLE")
        assert check_link.ping(seen(trial(), link=link), limits()).result is result

    def test_is_unknown_before_the_first_contact(self) -> None:
        """Nobody tried yet."""
        untried = LinkSeen(name="switchboard", failures=0, is_tried=False)
        assert check_link.ping(seen(link=untried), limits()).result is Result.UNKNOWN


class TestStages:
    @pytest.mark.parametrize("stage", [Stage.NAME, Stage.CONNECTION, Stage.HANDSHAKE, Stage.PEER])
    def test_name_the_one_that_failed(self, stage: Stage) -> None:
        """Name and connection are the network's, the handshake is ours, the peer is the switchboard's."""
        outcome = check_link.stages(seen(trial(stage)), limits())
        assert (outcome.result, outcome.value.split(":")[0]) == (Result.VIOLATED, stage)

    @pytest.mark.parametrize(
        ("failed", "side"),
        [
            (trial(Stage.NAME), Side.NETWORK),
            (trial(Stage.CONNECTION), Side.NETWORK),
            (trial(Stage.CONNECTION, away=True), Side.SWITCHBOARD),
            (trial(Stage.HANDSHAKE), Side.SWITCHBOARD),
            (trial(Stage.HANDSHAKE, "EN-TLS-HANDSHAKE"), Side.OPERATOR),
            (trial(Stage.HANDSHAKE, "EN-CERT-NOT-TAKEN"), Side.OPERATOR),
            (trial(Stage.PEER, "EN-TLS-NAME"), Side.SWITCHBOARD),
        ],
    )
    def test_say_whose_the_first_one_is(self, failed: Tried, side: Side) -> None:
        """A practice that calls its network because the LSP is down waits for nothing."""
        assert check_link.stages(seen(failed), limits()).side is side

    def test_are_timed(self) -> None:
        """A name that takes two seconds to look up shows here first."""
        assert ("lsp name", "10 ms") in check_link.stages(seen(trial()), limits()).evidence


class TestPeer:
    def test_that_proved_itself_is_the_switchboard(self) -> None:
        """By chain, name, issuer and organisation, as each handshake has it."""
        assert check_link.peer_is_zim(seen(trial()), limits()).result is Result.GOOD

    @pytest.mark.parametrize("code", sorted(check_link.NOT_THE_ZIM))
    def test_that_shows_another_certificate_is_not(self, code: str) -> None:
        """Somebody else answers at that address."""
        assert check_link.peer_is_zim(seen(trial(Stage.PEER, code)), limits()).result is Result.VIOLATED

    def test_that_cannot_be_reached_is_neither(self) -> None:
        """A cable that is cut is no impostor."""
        assert check_link.peer_is_zim(seen(trial(Stage.CONNECTION)), limits()).result is Result.UNKNOWN

    @pytest.mark.parametrize("code", sorted(code for code in PAGES if code.startswith("EN-TLS-")))
    def test_is_told_by_each_code_or_left_open_by_it(self, code: str) -> None:
        """A new way to refuse a certificate must not leave open who is there."""
        assert (code in check_link.NOT_THE_ZIM) is not (code in check_link.SAYS_NOTHING)

    @pytest.mark.parametrize("code", sorted(check_link.SAYS_NOTHING))
    def test_is_neither_where_the_code_says_nothing_of_it(self, code: str) -> None:
        """Nobody could look, or no certificate came so far that anybody could."""
        assert check_link.peer_is_zim(seen(trial(Stage.PEER, code)), limits()).result is not Result.VIOLATED
