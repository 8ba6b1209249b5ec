"""The hostile requests at a running node, over real sockets: from this machine, and as the switchboard over TLS."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from OpenSSL import SSL
from twisted.internet.defer import gatherResults

from tests.hostile.framing import BODY_BYTES, EVIL, GOOD, HOST, Case
from tests.hostile.framing_heads import PREFACE
from tests.hostile.test_framing import BYTES, id_of, statuses_of
from tests.stories import certificates
from tests.stories.caller import Caller, Told, Wire, seen
from tests.stories.moves import ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, deferred

_TOGETHER = 16

#: What no caller may get into an answer, a log line or a request that goes on, by what the node is to do with it.
SOAP_ACTIONS = {
    "another header": 'urn:hl7-org:v3/Ping_PingPong"\\r\\nX-Evil: evil',
    "quotes": 'urn:hl7-org:v3/evil"_"PingPong',
    "half a quote": 'urn:hl7-org:v3/evil_PingPong"x',
    "a log line": '{"event":"evil","level":"info"}',
    "markup": "</faultstring><evil/>",
    "another alphabet": "urn:hl7-org:v3/\xc3\xa9vil_PingPong",
    "a lookup": "${jndi:ldap://evil/a}",
    "very long": "urn:hl7-org:v3/" + "evil" * 2_000,
}


class Hostile(Story):
    """A node to which everything hostile is sent, and which is well afterwards."""

    timeout = 120
    given: ClassVar = {
        "local": {"max_body_bytes": BODY_BYTES, "limits": {"linger_s": 0.2}},
        "switchboard": {"listen": {"limits": {"linger_s": 0.2}}},
    }

    async def refuses_all(self, caller: Caller, credential: bytes = b"") -> None:
        """Send every case as one who may speak here; each gets its answer and the end of its connection."""
        known = HOST + b"Content-Type: text/xml\r\n" + credential
        wrong = {}
        for start in range(0, len(BYTES), _TOGETHER):
            cases = BYTES[start : start + _TOGETHER]
            told = await gatherResults([deferred(_told(caller, case.data.replace(HOST, known))) for case in cases])
            wrong.update(_wrong(cases, told))
        assert wrong == {}
        await self.is_well()

    async def is_well(self) -> None:
        """Nothing went on, nothing is kept or logged, and the next message passes, in both directions."""
        assert EVIL not in self.tape.getvalue().lower().encode()
        heard = [*self.switch.heard, *self.systems["his"].heard]
        assert (heard, await self.kept_messages()) == ([], [])
        assert seen(await self.send(a_prescription())).is_positive
        assert seen(await self.call(a_prescription(ELSEWHERE, HIS))).is_positive


async def _told(caller: Caller, data: bytes) -> bytes:
    wire = await caller.wire()
    wire.say(data)
    return await wire.until(None)


def _wrong(cases: Sequence[Case], told: Sequence[bytes]) -> dict[str, object]:
    found = {id_of(case): (statuses_of(all_), case.statuses) for case, all_ in zip(cases, told, strict=True)}
    echoed = {id_of(case): all_ for case, all_ in zip(cases, told, strict=True) if EVIL in all_.lower()}
    return {name: both for name, both in found.items() if both[0] != both[1]} | echoed


class TestEveryCase(Hostile):
    async def test_is_refused_from_this_machine(self) -> None:
        """A program gone wild beside the node must not speak through it."""
        secret = (self.folder / "his.secret").read_bytes()
        await self.refuses_all(Caller.at(self.addresses["local"]), b"Authorization: Bearer " + secret + b"\r\n")

    async def test_is_refused_from_the_switchboard(self) -> None:
        """Not even a peer with the right certificate is believed on its framing."""
        await self.refuses_all(self.outside())


class TestApplicationProtocol(Hostile):
    async def test_is_never_http_2(self) -> None:
        """A client that offers both gets HTTP/1.1, and its frames are not read."""
        wire = await self._offering(b"h2", b"http/1.1")
        assert self._chosen(wire) == b""
        wire.say(PREFACE)
        assert statuses_of(await wire.until(None)) == (505,)
        await self.is_well()

    async def test_is_not_needed(self) -> None:
        """A client that offers nothing but HTTP/2 learns from the answer what to set."""
        wire = await self._offering(b"h2")
        assert self._chosen(wire) == b""
        wire.say(GOOD)
        assert b"HTTP/1.1 4" in await wire.until(b":Envelope>")
        wire.close()

    async def _offering(self, *names: bytes) -> Wire:
        tls = certificates.ClientTls(certificates.NAMES["practice"], "switchboard", certificates.pki().anchors)
        tls.offer(names)
        return await Caller.at(self.addresses["switchboard"], tls).wire()

    def _chosen(self, wire: Wire) -> bytes:
        handle: SSL.Connection = wire.transport.getHandle()  # type: ignore[union-attr]
        return handle.get_alpn_proto_negotiated()


class TestWords(Hostile):
    async def test_of_a_soap_action_stay_where_they_are(self) -> None:
        """It is copied into a request to the switchboard and judged on the way there."""
        await self._are_harmless(lambda value: {"soapaction": f'"{value}"'})

    async def test_of_a_soap_action_without_quotes_stay_where_they_are(self) -> None:
        """Some old clients send none."""
        await self._are_harmless(lambda value: {"soapaction": value})

    async def test_of_a_media_type_stay_where_they_are(self) -> None:
        """It is read for its charset."""
        await self._are_harmless(lambda value: {"content-type": f"text/xml; charset={value}"})

    async def _are_harmless(self, headers: Callable[[str], dict[str, str]]) -> None:
        for name, value in SOAP_ACTIONS.items():
            told = await self.send(a_prescription(), headers=headers(value))
            assert told.status >= 400, name
            assert EVIL not in told.body + str(told.headers).encode(), name
        await self.is_well()

    async def test_of_a_correlation_are_replaced(self) -> None:
        """Staff search the log by it; it must be what it looks like."""
        for name, value in SOAP_ACTIONS.items():
            told = await self.send(a_prescription(), headers={"edge-node-correlation": value})
            assert "evil" not in str(told.headers), name
        assert "evil" not in self.tape.getvalue()
        assert {"x-evil", "evil"} & {name for turn in self.switch.heard for name in turn.headers} == set()


class TestMessageIds(Hostile):
    async def test_that_cannot_be_printed_are_refused(self) -> None:
        """The id of a message stands in the log and in the queue, which people read on a screen."""
        for mark in ("&#13;&#10;X-Evil: ", "&#10;", "&#9;", "&#x85;", "&#x2028;", "&#x202e;", "&#x1f;"):
            told = await self._sent(f"1{mark}evil")
            assert told.status == 500, mark
            assert EVIL not in str(told.headers).encode(), mark
        await self.is_well()

    async def test_that_can_be_printed_stay_in_their_field(self) -> None:
        """A local system may name its messages as it likes; it writes no lines of ours."""
        for value in (
            "&lt;evil/&gt;",
            "1&quot;,&quot;event&quot;:&quot;evil",
            "../../evil",
            "${jndi:evil}",
            "%0aevil",
        ):
            told = await self._sent(value)
            assert seen(told).is_positive, value
            assert EVIL not in str(told.headers).encode(), value
        assert "evil" not in {key for line in self.log for key in line}
        assert "evil" not in {line["event"] for line in self.log}
        assert {turn.path for turn in self.switch.heard} == {"/VoorschriftVersturen"}

    async def _sent(self, value: str) -> Told:
        sample = a_prescription()
        body = sample.body.replace(f'extension="{sample.id.extension}"'.encode(), f'extension="{value}"'.encode())
        assert body != sample.body
        return await self.send(sample, body=body)


class TestHostOfOurRequests(Hostile):
    async def test_is_there_once(self) -> None:
        """The switchboard must not have to choose."""
        await self.send(a_prescription())
        names = [name.lower() for name, _ in self.switch.heard[0].lines]
        assert (names.count(b"host"), names.count(b"content-length")) == (1, 1)
        assert {b"upgrade", b"trailer", b"transfer-encoding", b"expect"} & set(names) == set()


class TestFhirAddress(Hostile):
    async def test_with_a_bad_head_is_refused_in_fhir(self) -> None:
        """A FHIR client cannot read a SOAP fault, and its user would see no reason at all."""
        head = b"GET /fhir/../Patient HTTP/1.1\r\nHost: a\r\nAccept: application/fhir+json\r\n\r\n"
        told = [await _told(Caller.at(self.addresses["local"]), head), await _told(self.outside(), head)]
        assert [one.split(b" ")[1] for one in told] == [b"400", b"400"]
        assert all(b'"OperationOutcome"' in one and b"EN-HTTP" in one for one in told)
