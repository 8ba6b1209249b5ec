"""A health centre: a practice with two applications and a pharmacy, behind one node, each only in its own name."""

from datetime import UTC, datetime, timedelta

from edge_node.errors import SettingsInvalid
from edge_node.sandbox.pki import PHARMACY, PRACTICE, Pki, make_pki
from tests.stories import moves
from tests.stories.caller import code_of, seen
from tests.stories.certificates import pki
from tests.stories.moves import AT_PHARMACY, AT_PORTAL, AT_PRACTICE, ELSEWHERE
from tests.stories.site import AIS, HIS, PORTAL
from tests.stories.story import Story, a_prescription, a_query


class TestOut(Story):
    async def test_each_organisation_shows_its_own_certificate(self) -> None:
        """The switchboard files what was asked under the organisation whose certificate it saw."""
        await self.send(a_query(AT_PRACTICE), "his")
        await self.send(a_query(AT_PORTAL), "portal")
        await self.send(a_query(AT_PHARMACY), "ais")
        shown = [(turn.seen.sender, turn.organisation) for turn in self.switch.heard]
        assert shown == [(HIS, PRACTICE[0]), (PORTAL, PRACTICE[0]), (AIS, PHARMACY[0])]

    async def test_the_switchboard_is_asked_for_by_its_name(self) -> None:
        """A switchboard with many names on one address shows the right certificate only when it is asked for."""
        await self.send(a_query())
        assert self.switch.heard[0].server_name

    async def test_nobody_speaks_as_another_organisation(self) -> None:
        """The pharmacy's system asking as the practice would be a break-in that looks like care."""
        told = await self.send(a_query(AT_PRACTICE), "ais")
        assert (told.status, code_of(told)) == (500, "EN-SENDER-FOREIGN")
        assert self.switch.heard == []

    async def test_nobody_speaks_as_another_application_of_its_own_organisation(self) -> None:
        """The patient portal must not sign off as the doctor's system."""
        told = await self.send(a_prescription(AT_PRACTICE), "portal")
        assert code_of(told) == "EN-SENDER-FOREIGN"
        assert (self.switch.heard, await self.kept_messages()) == ([], [])

    async def test_both_organisations_speak_at_once(self) -> None:
        """Each has connections of its own: an answer to one cannot reach the other."""
        for _ in range(2):
            for maker, system in ((AT_PRACTICE, "his"), (AT_PHARMACY, "ais")):
                question = a_query(maker)
                assert seen(await self.send(question, system)).target == question.id


class TestIn(Story):
    async def test_each_name_shows_its_own_certificate(self) -> None:
        """The switchboard checks the name it called; one certificate for both would be refused."""
        for identity, holder in (("practice", PRACTICE), ("pharmacy", PHARMACY)):
            wire = await self.outside(identity).wire()
            assert wire.organisation == holder[0]
            wire.close()

    async def test_each_application_gets_its_own_messages(self) -> None:
        """A prescription lands at the pharmacy, not at the reception next door."""
        for receiver, identity in ((HIS, "practice"), (PORTAL, "practice"), (AIS, "pharmacy")):
            await self.call(a_query(ELSEWHERE, receiver), identity)
        heard = {name: [turn.seen.receiver for turn in system.heard] for name, system in self.systems.items()}
        assert heard == {"his": [HIS], "portal": [PORTAL], "ais": [AIS]}

    async def test_question_for_the_pharmacy_at_the_practices_name_is_refused(self) -> None:
        """The answer would leave under the wrong organisation's certificate."""
        told = await self.call(a_query(ELSEWHERE, AIS), "practice")
        assert (seen(told).type_code, code_of(told)) == ("AE", "EN-RECEIVER-WRONG")
        assert self.systems["ais"].heard == []

    async def test_local_system_cannot_answer_as_another_application(self) -> None:
        """What the pharmacy was asked only the pharmacy answers."""
        self.systems["ais"].will(moves.replaces(f'extension="{AIS}"', f'extension="{HIS}"'))
        told = await self.call(a_query(ELSEWHERE, AIS), "pharmacy")
        assert (seen(told).type_code, code_of(told)) == ("AE", "EN-ANSWER-MISMATCH")


class TestEndedCertificate(Story):
    def give_pharmacy(self, made: Pki) -> None:
        """Put the pharmacy's certificate and key of another hierarchy into the settings."""
        now, then = pki().files("pharmacy"), made.files("pharmacy")
        self.rewrite((str(now.chain), str(then.chain)), (str(now.key), str(then.key)))

    def an_old_hierarchy(self) -> Pki:
        return make_pki(self.folder / "old-pki", now=datetime.now(UTC) - timedelta(days=4 * 365), bad=False)

    async def test_stops_its_own_organisation_only(self) -> None:
        """A pharmacy that forgot to renew must not keep the practice from its patients' records."""
        self.give_pharmacy(self.an_old_hierarchy())
        await self.restart()
        question = a_query(AT_PRACTICE)
        assert seen(await self.send(question)).target == question.id
        assert [" ended " in line["complaint"] for line in self.logged("certificate.out-of-date")] == [True]

    async def test_never_takes_a_good_ones_place(self) -> None:
        """The wrong file at a renewal: the old one stays, and somebody is told."""
        self.give_pharmacy(self.an_old_hierarchy())
        with self.assertRaises(SettingsInvalid):
            await self.reload()
        question = a_query(AT_PHARMACY)
        assert seen(await self.send(question, "ais")).target == question.id
