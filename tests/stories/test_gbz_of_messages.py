"""The checks that are judged by messages, each broken by a message that is wrong in just that."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from edge_node.sandbox.samples.tokens import saml_moment
from tests.stories import moves, test_bad_tokens
from tests.stories.moves import ANNA, AT_PHARMACY, ELSEWHERE
from tests.stories.signing import SigningStory, a_sample, for_the_node
from tests.stories.site import HIS
from tests.stories.story import a_prescription, a_query
from tests.stories.test_bad_input import FAILING
from tests.stories.test_gbz import QUICK, Checked
from tests.stories.test_gbz_of_traffic import Site

ELSEWHERE_TOO = "urn:IIroot:2.16.528.1.1007.3.3:IIext:90000202"


class TestMessages(Site):
    more: ClassVar = {"local": {"max_body_bytes": 100_000}}

    @pytest.mark.breaks("message-size")
    async def test_that_are_too_large_turn_their_check(self) -> None:
        """Somebody waits for a letter that the local system cannot send."""
        await self.send(a_prescription(), body=b"x" * 200_000)
        await self.turns("message-size", "warned")

    @pytest.mark.breaks("appid-match")
    async def test_of_another_application_turn_their_check(self) -> None:
        """Another organisation's system sends by this door."""
        await self.send(a_prescription(AT_PHARMACY))
        assert (await self.turns("appid-match", "warned"))["value"] == "1 of 1 in 24 h"

    @pytest.mark.breaks("appid-match")
    async def test_for_another_application_turn_their_check(self) -> None:
        """The switchboard calls with the id of somebody else."""
        await self.call(a_query(ELSEWHERE, "90009999"))
        await self.turns("appid-match", "warned")

    @pytest.mark.breaks("interaction-registered")
    async def test_of_a_version_that_is_not_in_use_turn_their_check(self) -> None:
        """The local system was not renewed with the others."""
        await self.send(a_prescription(), body=a_prescription().body.replace(b"IN932000NL", b"IN932999NL"))
        await self.turns("interaction-registered", "warned")

    @pytest.mark.breaks("bsn-elfproef")
    async def test_of_a_number_that_is_nobody_s_turn_their_check(self) -> None:
        """A slip of the keyboard is another patient."""
        await self.send(a_prescription(), body=a_prescription().body.replace(ANNA.bsn.encode(), FAILING.encode()))
        await self.turns("bsn-elfproef", "warned")

    async def test_that_are_right_make_them_good(self) -> None:
        """One of each kind that goes through."""
        await self.send(a_prescription())
        for name in ("message-size", "appid-match", "interaction-registered", "bsn-elfproef"):
            await self.turns(name, "good")


class TestAnswers(Site):
    more: ClassVar = {
        "switchboard": {"waits": {"query_in_s": 2.0, "connect_s": 1.9}},
        "local": {"connect_s": 1.9},
        "checks": {"limits": {"answer_p95_s": 0.001}},
    }

    @pytest.mark.breaks("answer-latency")
    async def test_that_are_slow_turn_their_check(self) -> None:
        """Real answers of a local system, held against a number that no system makes, and one that all do."""
        await self.call(a_query(ELSEWHERE, HIS))
        turned = await self.turns("answer-latency", "warned")
        await self.becomes({})
        await self.turns("answer-latency", "good")
        assert turned["side"] == "local system"

    @pytest.mark.breaks("answer-timeout-rate")
    async def test_that_do_not_come_turn_their_check(self) -> None:
        """The local system is down: whoever asks hears nothing of the patient."""
        await self.systems["his"].down()
        await self.call(a_query(ELSEWHERE, HIS))
        assert (await self.turns("answer-timeout-rate", "violated"))["value"] == "100.0 %"


class TestUsers(Checked):
    """Of a site that says which roles may send what."""

    @property
    def checks(self) -> Mapping[str, Any]:
        return {**QUICK, "roles": {"QUPC_IN990001NL": ["17"]}}

    @pytest.mark.breaks("authn-level")
    async def test_who_did_not_log_in_with_a_card_turn_their_check(self) -> None:
        """A password can be told to anybody."""
        await self.send(test_bad_tokens.under(a_query(), "gp", context_class="Password"))
        await self.turns("authn-level", "warned")

    @pytest.mark.breaks("role-allowed")
    async def test_in_another_role_turn_their_check(self) -> None:
        """The switchboard would decide; here it is known beforehand, and told."""
        await self.send(a_query())
        await self.turns("role-allowed", "warned")

    @pytest.mark.breaks("mandate-valid")
    async def test_who_sign_under_no_mandate_turn_their_check(self) -> None:
        """An assistant signed for herself."""
        await self.send(test_bad_tokens.under(a_query(), "employee"))
        await self.turns("mandate-valid", "warned")


class TestWhatAPersonSignsOnce(SigningStory, Checked):
    """The mandate and the enrolment under which the node signs."""

    def furnish(self) -> None:
        Checked.furnish(self)
        SigningStory.furnish(self)

    @pytest.mark.breaks("mandate-valid")
    async def test_for_another_organisation_is_no_mandate_here(self) -> None:
        """It was not given to us."""
        await self.send(for_the_node(a_sample(), mandate={"subject": ELSEWHERE_TOO}))
        await self.turns("mandate-valid", "warned")

    @pytest.mark.breaks("mandate-expiry")
    async def test_and_that_soon_ends_turns_its_check(self) -> None:
        """A professional has time to sign again before his staff can do nothing."""
        begins = moves.now() - timedelta(minutes=1)
        window = {"issued": saml_moment(begins), "ends": saml_moment(begins + timedelta(days=20))}
        await self.send(for_the_node(a_sample(), mandate=window))
        await self.turns("mandate-expiry", "warned")

    @pytest.mark.breaks("enrolment-token")
    async def test_at_another_organisation_is_no_enrolment_here(self) -> None:
        """The patient is enrolled where he was seen."""
        await self.send(for_the_node(a_sample(), enrolment={"issuer": ELSEWHERE_TOO}))
        await self.turns("enrolment-token", "warned")

    async def test_and_is_right_makes_its_checks_good(self) -> None:
        """A mandate for years, an enrolment of this patient."""
        await self.send(for_the_node(a_sample()))
        await self.turns("enrolment-token", "good")
