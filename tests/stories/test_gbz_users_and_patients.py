"""The checks on users and patients, each broken as in daily life: beside messages, in what is told, on the disk."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.stories import test_bad_tokens
from tests.stories.story import ANNA, AT_PRACTICE, a_prescription, a_query, an_index_update
from tests.stories.test_gbz import QUICK, Checked

WARNED: Any = {
    "card-removed": {"edge-node-card-out": "3600"},
    "session-idle": {"edge-node-session-idle": "3600"},
    "session-age": {"edge-node-session-age": "90000"},
    "bsn-verified": {"edge-node-bsn-verified": "no"},
    "wid-checked": {"edge-node-identity-checked": "no"},
}
ALL_WRONG = {name: value for said in WARNED.values() for name, value in said.items()}
GOOD = {
    "edge-node-card-out": "0",
    "edge-node-session-idle": "5",
    "edge-node-session-age": "600",
    "edge-node-bsn-verified": "yes",
    "edge-node-identity-checked": "yes",
    "edge-node-treatment-relation": "yes",
    "edge-node-consent": "yes",
}
FIGURES = {
    "shared_accounts": 0, "unused_account_days": 10, "users_reviewed_on": "2026-11-01", "consenting": 1000,
    "consenting_registered": 990, "registered_without_consent": 0, "index_compared_on": "2026-11-21",
    "answers_look_at_consent": True, "temporary_without_end": 0, "temporary_overdue": 0, "bsn_unverified": 0,
}  # fmt: skip


class Telling(Checked):
    """A story whose local system tells of itself."""

    async def tell(self, **figures: Any) -> Any:
        """Put figures, as a local system does."""
        body = json.dumps({**FIGURES, **figures}).encode()
        return await self.local().ask("PUT", "/v1/figures", {"content-type": "application/json"}, body)


class TestSaidBesideAMessage(Checked):
    async def test_nothing_is_unknown(self) -> None:
        """A system that tells nothing passes nothing."""
        await self.send(a_prescription())
        found = {name: (await self.check(name))["result"] for name in (*WARNED, "treatment-relation")}
        assert set(found.values()) == {"unknown"}

    async def test_what_is_right_makes_the_checks_good(self) -> None:
        """Evidence of each message, not a word once a year."""
        await self.send(a_query(), headers=GOOD)
        for name in (*WARNED, "treatment-relation", "consent-before-register"):
            await self.turns(name, "good")

    @pytest.mark.breaks("card-removed", "session-idle", "session-age", "bsn-verified", "wid-checked")
    async def test_what_is_wrong_turns_its_check_and_lets_the_message_pass(self) -> None:
        """The doctor writes his prescription; the practice hears what to mend."""
        told = await self.send(a_prescription(), headers=ALL_WRONG)
        found = [await self.turns(name, "warned") for name in WARNED]
        assert "edge-node-error" not in told.headers
        assert [turned["blocks"] for turned in found] == [[]] * len(WARNED)

    @pytest.mark.breaks("consent-before-register")
    async def test_a_refusal_stops_a_registration(self) -> None:
        """What the patient said counts before what the practice sends."""
        told = await self.send(an_index_update(), headers={"edge-node-consent": "withdrawn"})
        turned = await self.turns("consent-before-register", "warned")
        assert told.headers["edge-node-error"] == "EN-CONSENT-REFUSED"
        assert {"name": "EN-CONSENT-REFUSED", "text": "1 refused"} in turned["evidence"]
        assert self.switch.ids == []

    @pytest.mark.breaks("treatment-relation")
    async def test_a_query_of_who_is_not_in_treatment_is_told(self) -> None:
        """It is answered: somebody may be brought in who was never here before."""
        await self.send(a_query(), headers={"edge-node-treatment-relation": "no"})
        await self.turns("treatment-relation", "warned")


class TestTokensOfMessages(Checked):
    async def test_that_are_good_make_their_checks_good(self) -> None:
        """A doctor signed with his own card, for this message."""
        await self.turns("card-valid", "unknown")
        await self.send(a_query())
        for name in ("card-valid", "authn-level", "mandate-valid"):
            await self.turns(name, "good")
        assert (await self.check("mandate-expiry"))["result"] == "unknown"

    @pytest.mark.breaks("card-valid")
    async def test_that_are_false_turn_their_check(self) -> None:
        """Signed with a card that was revoked: refused, and told."""
        await self.send(test_bad_tokens.under(a_query(), "bad/revoked"))
        await self.turns("card-valid", "warned")


class TestASiteThatBlocks(Checked):
    """Of a site that has more stop than the product does by itself."""

    @property
    def checks(self) -> Mapping[str, Any]:
        return {
            **QUICK,
            "actions": {"card-removed": ["BLOCK_USER"], "role-allowed": ["BLOCK_MSG"]},
            "roles": {"PORX_IN932000NL": ["17"], "QURX_IN990101NL": ["17"]},
        }

    async def test_refuses_what_a_user_without_his_card_sends(self) -> None:
        """The setting does what it says, and a question still goes on."""
        await self.turns("card-removed", "unknown")
        headers = WARNED["card-removed"]
        assert (await self.send(a_prescription(), headers=headers)).headers["edge-node-error"] == "EN-CARD-REMOVED"
        assert "edge-node-error" not in (await self.send(a_query(), headers=headers)).headers

    async def test_lets_who_has_his_card_send(self) -> None:
        """Only that user, and only now."""
        await self.turns("card-removed", "unknown")
        assert "edge-node-error" not in (await self.send(a_prescription(), headers=GOOD)).headers


class TestFigures(Telling):
    async def test_make_the_checks_good(self) -> None:
        """What a system counts every night is better than what somebody declares once a year."""
        assert (await self.tell()).status == 200
        for name in ("shared-account", "user-review", "index-reconcile", "consent-at-answer", "index-coverage"):
            await self.turns(name, "good")

    @pytest.mark.breaks(
        "shared-account", "user-review", "index-reconcile", "temporary-patient-end", "consent-at-answer"
    )
    async def test_turn_each_check_that_is_wrong(self) -> None:
        """Each is broken by the figure that it asks for."""
        await self.tell(
            shared_accounts=2, users_reviewed_on="2024-01-01", registered_without_consent=3, temporary_overdue=1,
            answers_look_at_consent=False, bsn_unverified=4, session_idle_s=7200,
        )  # fmt: skip
        for name in (
            "shared-account", "user-review", "index-reconcile", "consent-before-register", "temporary-patient-end",
            "consent-at-answer", "bsn-verified", "session-idle",
        ):  # fmt: skip
            await self.turns(name, "violated")

    @pytest.mark.breaks("index-coverage")
    async def test_below_the_wanted_coverage_are_told(self) -> None:
        """Who consented counts on his data being found."""
        await self.tell(consenting_registered=900)
        assert (await self.turns("index-coverage", "warned"))["value"] == "90.0 %"

    @pytest.mark.breaks("xis-version-qualified")
    async def test_of_another_version_than_was_qualified_turn_its_check(self) -> None:
        """The local system was renewed at night; its messages were never tried with the others."""
        self.rewrite(("local_system: his\n", "local_system: his\n    version: '24.11'\n"))
        await self.reload()
        await self.tell(product_version="24.11")
        await self.turns("xis-version-qualified", "good")
        await self.tell(product_version="24.12")
        assert (await self.turns("xis-version-qualified", "violated"))["side"] == "local system"

    async def test_are_remembered_over_a_restart(self) -> None:
        """A restart makes nobody tell it again."""
        await self.tell(shared_accounts=1)
        await self.turns("shared-account", "violated")
        await self.restart()
        await self.turns("shared-account", "violated")

    async def test_are_refused_when_nobody_knows_them(self) -> None:
        """A mistyped name would be a check that stays unknown, and nobody knows why."""
        told = await self.tell(shared_acounts=1)
        assert (told.status, told.headers["edge-node-error"]) == (400, "EN-REQUEST")

    async def test_are_shown_to_who_told_them(self) -> None:
        """A developer sees what arrived."""
        await self.tell()
        shown = json.loads((await self.local().get("/v1/figures")).body)
        assert shown["figures"] == FIGURES


class TestRemovals(Checked):
    """Of a site that calls a removal late at once."""

    @property
    def checks(self) -> Mapping[str, Any]:
        return {**QUICK, "limits": {"withdrawal_warn_s": 0.1, "withdrawal_violation_s": 0.2}}

    @pytest.mark.breaks("withdrawal-latency")
    async def test_that_wait_turn_their_check_until_they_are_acknowledged(self) -> None:
        """Who took his consent back is found no longer, or somebody hears that he still is."""
        await self.switch.down()
        told = await self.send(AT_PRACTICE.request("index-deregistration", receiver="1", patient=ANNA))
        late = await self.turns("withdrawal-latency", "violated")
        self.switch.up()
        await self.comes_to("DELIVERED", told)
        mended = await self.turns("withdrawal-latency", "warned")
        assert [each["evidence"][0]["text"][0] for each in (late, mended)] == ["1", "0"]

    async def test_go_on_without_a_token(self) -> None:
        """Nobody stays in the index because a card is out of its reader; the switchboard may still say no."""
        asked = AT_PRACTICE.request("index-deregistration", receiver="1", patient=ANNA)
        body = re.sub(rb"(?s)<wsse:Security.*</wsse:Security>", b"", asked.body)
        told = await self.send(replace(asked, body=body))
        assert b"Assertion" not in body
        assert "edge-node-error" not in told.headers
        assert self.switch.ids == [asked.id.extension]

    async def test_of_which_there_are_none_are_not_judged(self) -> None:
        """A hospital removes nobody."""
        await self.turns("withdrawal-latency", "not used")


class TestEmergencies(Checked):
    @pytest.mark.breaks("break-glass-review")
    async def test_wait_for_a_review(self) -> None:
        """It goes through, and is looked at afterwards."""
        await self.turns("break-glass-review", "good")
        told = await self.send(a_query(), headers={"edge-node-situation": "nood"})
        turned = await self.turns("break-glass-review", "warned")
        assert (told.status, turned["value"]) == (200, "1, the oldest 0 d")


class TestTokens(Checked):
    @property
    def checks(self) -> Mapping[str, Any]:
        """The disk is searched again and again, not once a day."""
        return {**QUICK, "seldom_s": 1.0}

    @pytest.mark.breaks("token-at-rest")
    async def test_on_the_disk_turn_their_check_until_they_are_gone(self) -> None:
        """A copy that somebody made to look into a fault holds what anybody can use."""
        await self.send(a_query())  # with its token, through the whole node
        await self.turns("token-at-rest", "good")
        left = self.folder / "state" / "trace.xml"
        left.write_bytes(a_query().body)
        turned = await self.turns("token-at-rest", "violated")
        left.unlink()
        await self.turns("token-at-rest", "good")
        assert {"name": "found in", "text": "trace.xml"} in turned["evidence"]
