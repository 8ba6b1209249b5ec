"""Something does not work: people read one sentence, in the status and in a mail, and one when it works again."""

import json
import re
import shutil
import socket
from typing import Any, ClassVar

import trustme
import yaml
from twisted.internet.defer import ensureDeferred

from edge_node.model.alert import Memory
from edge_node.model.check import Result
from edge_node.status.document import of_snapshot
from edge_node.store.alert_memory import AlertMemory
from tests import mail_server
from tests.stories import certificates
from tests.stories.far_end import FarEnd, Turn
from tests.stories.story import Story, a_prescription, a_query
from tests.stories.test_access_log import Logged

CA = trustme.CA(key_type=trustme.KeyType.RSA)
QUICK: dict[str, Any] = {
    "switchboard": {"tick_interval_s": 0.1, "link_breaker": {"failures": 2, "probe_s": 0.1}},
    "local": {"look_interval_s": 0.1},
}


#: How the sentence of a check begins, alone and beside a breakdown.
_BESIDE = (
    "Berichten gaan heen en weer, maar ",
    "Let op: ",
    "Voor uw beheerder: ",
    "Messages go back and forth, but ",
    "Note: ",
    "For your administrator: ",
)


def takes(turn: Turn) -> None:
    """A monitor that takes what it is told."""
    turn.answer(b"", 204)


def answers_as_of_old(turn: Turn) -> None:
    """A monitor that takes it, in the HTTP of before 1997."""
    turn.answer_as_of_old()


class Alerts(Story):
    """A story whose site has a mail server, a monitor and a syslog daemon."""

    given: ClassVar = QUICK

    def furnish(self) -> None:
        self.post = mail_server.MailServer(mail_server.ServerTls(CA, "localhost"))
        self.post.up()
        self.addCleanup(lambda: ensureDeferred(self.post.down()))
        self.hook = FarEnd(takes)
        self.hook.up()
        self.addCleanup(self._async(self.hook.down))
        self.syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.addCleanup(self.syslog.close)
        self.syslog.bind(str(self.folder / "log"))
        secret = self.folder / "hook.secret"
        secret.touch(mode=0o600)
        secret.write_text("the secret between node and monitor", encoding="utf-8")
        (self.folder / "mail.pem").write_bytes(CA.cert_pem.bytes())
        site = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        site["alerts"] = self.alerts()
        site["identities"][0]["applications"][0]["product"] = "Medicom"
        self.paths[0].write_text(yaml.safe_dump(site), encoding="utf-8")

    def alerts(self) -> dict[str, Any]:
        """Whom the site tells, and how soon."""
        return {
            "help_name": "Servicedesk De Linde",
            "help_phone": "020 1234567",
            "settle_s": 0.3,
            "steady_s": 0.3,
            "network_after_s": 3.0,
            "quiet_hours": None,
            "retry": {"first_pause_s": 0.1, "longest_pause_s": 0.1},
            "webhook": {
                "url": f"http://127.0.0.1:{self.hook.port}/alerts",
                "secret_files": [str(self.folder / "hook.secret")],
            },
            "syslog": {"socket": str(self.folder / "log")},
            "mail": {
                "host": "localhost",
                "port": self.post.port,
                "anchors": str(self.folder / "mail.pem"),
                "sender": "node@example.org",
                "to": ["praktijk@example.org"],
                "network_to": ["netwerk@example.org"],
                "daily_at": None,
                "urgent_s": 0.1,
                "summary_s": 0.1,
            },
        }

    async def sentence(self) -> str:
        """The first line of the status."""
        assert self.node is not None
        document = of_snapshot(await self.node.overseeing.look())
        return str(document["sentence"]["nl"])

    async def reads(self, beginning: str) -> str:
        """Wait until the first line begins so."""
        return str(await self.eventually(self.sentence, lambda text: text.startswith(beginning)))

    async def works(self) -> None:
        """Wait until messages go; what its checks find of the machine that runs the story is no part of it."""
        await self.eventually(self.sentence, lambda text: text.startswith(("Alles werkt: ", _BESIDE[0])))

    def mails_to(self, address: str) -> list[str]:
        """The first line of each mail to them."""
        lines = [mail.get_content().splitlines()[0] for to, mail in self.post.mails if to == address]
        return [line for line in lines if not line.startswith(_BESIDE)]

    async def mailed(self, address: str, count: int) -> list[str]:
        """Wait until they had so many mails."""

        async def look() -> list[str]:
            return self.mails_to(address)

        return list(await self.eventually(look, lambda mails: len(mails) >= count))

    def syslogged(self) -> list[str]:
        """What the syslog daemon took since the last look."""
        lines = []
        while True:
            try:
                lines.append(self.syslog.recv(65_536).decode())
            except BlockingIOError:
                return [line for line in lines if not re.search("state=(attention|minor)", line)]


class TestLinkDown(Alerts):
    async def test_is_said_mailed_and_over_again_without_a_storm(self) -> None:
        """The doctor reads whose fault it is and whom to call, and in the end that nothing was lost."""
        await self.works()
        await self.switch.down()
        await self.send(a_prescription())
        down = await self.reads("Het LSP is niet bereikbaar sinds ")
        self.assertIn("de storing ligt bij het LSP. Opvragen lukt nu niet: bel bij spoed", down)
        (mail,) = await self.mailed("praktijk@example.org", 1)
        self.assertTrue(mail.startswith("Het LSP is niet bereikbaar sinds "), mail)
        self.assertTrue(mail.endswith(" 1 bericht staat veilig in de wachtrij en gaat vanzelf weg."), mail)
        self.switch.up()
        await self.reads("De storing van ")
        _, over = await self.mailed("praktijk@example.org", 2)
        self.assertIn("is voorbij: 1 bericht is alsnog bezorgd, er is niets verloren gegaan. U hoeft niets", over)
        await self.quiet()
        self.assertEqual(len(self.mails_to("praktijk@example.org")), 2)

    async def test_service_manager_reads_the_first_line_too(self) -> None:
        """`systemctl status` is where an administrator looks first."""
        assert self.node is not None
        lines: list[str] = []
        self.node.overseeing.alerts.on_first_line(lines.append)
        await self.works()
        await self.switch.down()
        await self.mailed("praktijk@example.org", 1)
        self.assertEqual([line.startswith("Het LSP is niet bereikbaar") for line in lines].count(True), 1)

    async def test_network_is_told_second_and_of_its_end(self) -> None:
        """The practice hears first; who looks after the network hears of what lasts."""
        await self.works()
        await self.switch.down()
        await self.mailed("netwerk@example.org", 1)
        self.assertEqual(len(self.mails_to("praktijk@example.org")), 1)
        self.switch.up()
        _, over = await self.mailed("netwerk@example.org", 2)
        self.assertTrue(over.startswith("De storing van "), over)

    async def test_monitor_and_syslog_are_told_too(self) -> None:
        """A network provider sees 6,000 sites on one screen."""
        await self.works()
        await self.switch.down()
        call = (await self.eventually(self._calls, bool))[0]
        self.assertEqual((call["type"], call["state"], call["side"]), ("alert.began", "lsp-down", "switchboard"))
        (line,) = await self.eventually(self._lines, bool)
        self.assertTrue(line.startswith("<27>edge-node: Het LSP is niet bereikbaar sinds "), line)
        self.assertTrue(line.endswith("[began state=lsp-down side=switchboard node=story]"), line)

    async def test_monitor_that_answers_as_of_old_is_told_once(self) -> None:
        """A receiver of ten lines answers HTTP/1.0 and hangs up: that is a yes, not a failure to call again for."""
        self.hook.usual = answers_as_of_old
        await self.works()
        await self.switch.down()
        await self.eventually(self._calls, bool)
        await self.quiet()
        names = [turn.headers["webhook-id"] for turn in self.hook.heard]
        self.assertEqual((len(names), self.logged("telling.failed")), (len(set(names)), []))

    async def test_restart_in_the_middle_tells_nobody_again(self) -> None:
        """Who was called at three knows already; the moment it began stays what it was."""
        await self.works()
        await self.switch.down()
        await self.mailed("netwerk@example.org", 1)
        before = await self.sentence()
        await self.restart()
        self.assertEqual(await self.reads("Het LSP is niet bereikbaar sinds "), before)
        await self.quiet()
        self.assertEqual([len(self.mails_to(f"{who}@example.org")) for who in ("praktijk", "netwerk")], [1, 1])

    async def test_mail_that_could_not_go_comes_when_it_can(self) -> None:
        """The mail server may be behind the same line."""
        await self.works()
        await self.post.down()
        await self.switch.down()
        await self.eventually(self._failures, bool)
        self.post.up()
        await self.mailed("praktijk@example.org", 1)

    async def test_line_that_comes_and_goes_is_one_breakdown(self) -> None:
        """A mail at each turn is read by nobody."""
        await self.works()
        await self._comes_and_goes()
        await self._comes_and_goes()
        await self._comes_and_goes()
        await self.quiet()
        self.assertLessEqual(len(self.mails_to("praktijk@example.org")), 2)

    async def _comes_and_goes(self) -> None:
        await self.switch.down()
        await self.reads("Het LSP is niet bereikbaar sinds ")
        self.switch.up()
        await self.eventually(self.sentence, lambda text: not text.startswith("Het LSP"))

    async def _calls(self) -> list[dict[str, Any]]:
        calls = [json.loads(turn.body) for turn in self.hook.heard]
        return [call for call in calls if call["state"] not in {"attention", "minor"}]

    async def _lines(self) -> list[str]:
        return self.syslogged()

    async def _failures(self) -> list[dict[str, Any]]:
        return [line for line in self.logged("telling.failed") if line["way"] == "mail-alerts-urgent"]


class TestNetworkDown(Alerts):
    async def test_no_sign_of_life_is_the_modem_and_not_the_lsp(self) -> None:
        """Somebody can look whether the lamp is on; whose side it is decides who is called."""
        await self.works()
        # No packet leaves this machine to there: the system itself says that there is no way.
        self.rewrite(("host: localhost\n    issuers", "host: 255.255.255.255\n    issuers"))
        await self.reload()
        text = await self.reads("Er is geen verbinding met het zorgnetwerk sinds ")
        self.assertIn("Controleer of de internetkast (modem) aanstaat; is dat zo, bel dan Servicedesk De Linde", text)
        (mail,) = await self.mailed("praktijk@example.org", 1)
        self.assertTrue(mail.startswith("Er is geen verbinding met het zorgnetwerk sinds "), mail)


class TestLocalDown(Alerts):
    async def test_local_system_that_is_gone_is_named_before_anybody_asks(self) -> None:
        """At night no message shows it: others would find no data in the morning."""
        await self.works()
        await self.systems["his"].down()
        down = await self.reads("Uw Medicom reageert niet sinds ")
        self.assertTrue(down.endswith("Start Medicom opnieuw op of bel Servicedesk De Linde (020 1234567)."), down)
        await self.mailed("praktijk@example.org", 1)
        self.systems["his"].up()
        await self.reads("De storing van ")


class TestFullDisk(Alerts):
    async def test_people_are_told_though_nothing_can_be_written(self) -> None:
        """It is the very thing they must be told of."""
        await self.works()
        self.write_settings({**QUICK, "store": {"disk_reserve_bytes": 2**40}})
        await self.reload()
        memory = self.folder / "state" / "alerts.memory"
        memory.unlink(missing_ok=True)
        memory.mkdir()  # what is remembered cannot be written either
        await self.reads("De schijf van dit kastje is bijna vol.")
        (mail,) = await self.mailed("praktijk@example.org", 1)
        self.assertIn("Bel vandaag Servicedesk De Linde (020 1234567).", mail)
        self.assertEqual(len(self.logged("alert.not-remembered")), 1)


class TestTwoWhoSeeTheSame(Alerts, Logged):
    """The node and a check of it look at one thing; people are told of it once, and in the words that help."""

    given: ClassVar = QUICK | {"checks": {"every_s": 0.2}, "journal": {"head_interval_s": 0.05}}

    def furnish(self) -> None:
        super().furnish()
        self.key = self.folder / "practice.key"
        files = certificates.pki().files("practice")
        shutil.copy(files.key, self.key)
        self.rewrite((str(files.key), str(self.key)))

    def told(self) -> list[str]:
        """What the monitor was told began, of these two."""
        told = (json.loads(turn.body) for turn in self.hook.heard)
        began = [one["text"]["nl"] for one in told if one["type"] == "alert.began"]
        return [text for text in began if re.search("toegangslog is|geheime sleutel|bestand van een", text)]

    async def test_bent_log_is_told_once(self) -> None:
        """Two calls about the same line sound like two burglaries."""
        await self.works()
        await self.send(a_query())
        await self.signed()
        self.bend("UPDATE log_records SET record = replace(record, '\"query\"', '\"quest\"') WHERE seq > 1")
        await self.ask("log.verify", why="asked by the privacy officer")
        await self.eventually(self._told, bool)
        await self.settled()
        (text,) = self.told()
        self.assertIn("het toegangslog is buiten dit kastje om veranderd", text)

    async def test_key_that_others_can_read_is_told_as_such_alone(self) -> None:
        """ "A file is unusable" keeps a practice from asking who has its key."""
        await self.works()
        self.key.chmod(0o644)
        assert self.node is not None
        await self.node.services.certifying._watching.look()
        await self.eventually(self._told, bool)
        await self.settled()
        (text,) = self.told()
        self.assertIn("anderen op deze machine kunnen de geheime sleutel lezen", text)
        self.assertIn("chmod", text)

    async def settled(self) -> None:
        """Let pass the time in which a second one would be told: both have looked, and what they say is settled."""
        await self.eventually(self._violated, bool)
        await self.quiet()
        await self.quiet()

    async def _violated(self) -> list[str]:
        assert self.node is not None
        standing = (await self.node.overseeing.look()).facts.spoken.standing
        names = {"accesslog-chain", "key-permissions"}
        return [one.check.name for one in standing if one.check.name in names and one.result is Result.VIOLATED]

    async def _told(self) -> list[str]:
        return self.told()


class TestEnglish(Alerts):
    def alerts(self) -> dict[str, Any]:
        alerts = super().alerts()
        return {**alerts, "mail": {**alerts["mail"], "language": "en"}}

    async def test_mail_is_in_english_where_asked(self) -> None:
        """Who looks after it may read no Dutch."""
        await self.works()
        await self.switch.down()
        (mail,) = await self.mailed("praktijk@example.org", 1)
        self.assertTrue(mail.startswith("The LSP cannot be reached since "), mail)


class TestDaily(Alerts):
    def furnish(self) -> None:
        super().furnish()
        site = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        site["alerts"]["mail"]["daily_at"] = "00:00"
        self.paths[0].write_text(
            json.dumps(site), encoding="utf-8"
        )  # quotes around the time, as an operator writes it
        (self.folder / "state").mkdir(mode=0o700)
        AlertMemory(self.folder / "state" / "alerts.memory").put(Memory(daily_on="2020-01-01"))

    async def test_mail_of_the_day_takes_the_head_of_the_log_off_the_machine(self) -> None:
        """With it somebody can show later that nothing was cut off the log."""

        async def subjects() -> list[str]:
            return [str(mail["Subject"]) for _, mail in self.post.mails if "In de wachtrij: 0" in mail.get_content()]

        (subject,) = await self.eventually(subjects, bool)
        self.assertTrue(subject.startswith("[TEST] "), subject)  # of the worst that is told in the same mail
