"""The faults of the simulated switchboard as the other end sees them: a plain TLS client, and a real node."""

import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from edge_node.sandbox.ledger import Line
from edge_node.sandbox.pki import SWITCHBOARD, Pki
from edge_node.sandbox.samples.making import Maker, Sample
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, patient
from edge_node.sandbox.site import AIS, HIS
from edge_node.sandbox.stage import Stage

PATIENCE_S = 0.7  # long enough for an answer on loopback, which then does not come


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(folder=tmp_path_factory.mktemp("stage")) as made:
        made.start()
        yield made


def sample(fault: str) -> Sample:
    """A prescription that names its fault in its message id; for a guest, so that no node is asked."""
    maker = Maker(PRACTICE, zim="1", now=lambda: datetime.now(UTC), chance=secrets.token_hex)
    return maker.request("prescription", receiver="80000004", patient=patient(1), mark=f".fault-{fault}")


def connect(stage: Stage) -> ssl.SSLSocket:
    """A plain client with the certificate of the practice."""
    pki = Pki(out=stage.folder / "pki")
    context = ssl.create_default_context(cafile=str(pki.anchors))
    context.load_cert_chain(pki.files("practice").chain, pki.files("practice").key)
    port = stage.ask("switchboard", "state")["port"]
    plain = socket.create_connection(("127.0.0.1", port), timeout=5)
    try:
        return context.wrap_socket(plain, server_hostname=SWITCHBOARD[1], suppress_ragged_eofs=False)
    except ssl.SSLError:
        plain.close()
        raise


def post(stage: Stage, one: Sample) -> tuple[bytes, str]:
    """Post it; return every byte that came back, and how it ended."""
    head = f"POST /{one.kind.service} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(one.body)}\r\n"
    came = b""
    with connect(stage) as client:
        client.settimeout(PATIENCE_S)
        client.sendall(head.encode() + b"\r\n" + one.body)
        try:
            while more := client.recv(65536):
                came += more
        except TimeoutError:
            return came, "silence"
        except (ConnectionResetError, ssl.SSLEOFError):  # TLS was not said goodbye to
            return came, "torn"
    return came, "closed"


def accounted(stage: Stage, one: Sample) -> list[Line]:
    return [line for line in stage.ledger("switchboard") if line.id == str(one.id) and line.event == "received"]


def taken(stage: Stage, id_: str) -> list[Line]:
    """What the pharmacy has of a push that was kept, once the node had time to deliver it."""
    until = time.monotonic() + 20
    found: list[Line] = []
    while not found and time.monotonic() < until:
        time.sleep(0.05)
        found = [line for line in stage.ledger(AIS.name) if line.id == id_]
    return found


class TestPlainClient:
    def test_without_a_fault_the_answer_is_whole(self, stage: Stage) -> None:
        """What the faults are compared with."""
        came, end = post(stage, sample("none"))
        assert (came[:15], came[-16:], end) == (b"HTTP/1.1 200 OK", b"</soap:Envelope>", "closed")

    def test_reset_before_gives_no_byte_and_processes_nothing(self, stage: Stage) -> None:
        """The sender may send again under the same id, and the receiver must get it once."""
        one = sample("reset-before")
        assert (post(stage, one), accounted(stage, one)) == ((b"", "torn"), [])

    def test_reset_after_gives_no_byte_although_it_was_processed(self, stage: Stage) -> None:
        """The sender cannot tell it from the one before; only the ledger can."""
        one = sample("reset-after")
        assert post(stage, one) == (b"", "torn")
        assert [(line.outcome, line.answer_lost) for line in accounted(stage, one)] == [("CA", True)]

    def test_no_answer_is_silence_on_an_open_connection(self, stage: Stage) -> None:
        """A sender without a time limit would wait for ever."""
        one = sample("no-answer")
        assert post(stage, one) == (b"", "silence")
        assert [line.answer_lost for line in accounted(stage, one)] == [True]

    def test_truncated_ends_before_the_length_it_announced(self, stage: Stage) -> None:
        """Half an answer must never be read as a whole one."""
        came, end = post(stage, sample("truncated"))
        head, body = came.split(b"\r\n\r\n", 1)
        announced = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        assert 0 < len(body) < int(announced.split(b":")[1])
        assert end == "closed"

    def test_an_expired_certificate_is_refused_by_any_client(self, stage: Stage) -> None:
        """The name and the chain are right; only the date is not."""
        stage.ask("switchboard", "line", certificate="expired")
        try:
            with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
                connect(stage)
        finally:
            stage.ask("switchboard", "line", certificate="good")


class TestRealNode:
    @pytest.mark.parametrize("fault", ["reset-before", "reset-after", "truncated"])
    def test_a_push_whose_answer_is_lost_is_sent_again_and_taken_once(self, stage: Stage, fault: str) -> None:
        """The pharmacy has one prescription, whatever happened to the answer."""
        stage.ask("switchboard", "faults", name=fault, interaction="PORX_IN932000NL")
        told = stage.ask(HIS.name, "one", kind="prescription", receiver=PHARMACY.application, patient=5)
        assert (told["outcome"], len(taken(stage, told["id"]))) == ("CA", 1)

    def test_a_caller_with_an_expired_certificate_reaches_nobody(self, stage: Stage) -> None:
        """The node refuses in the handshake: not a byte of the message is read."""
        before = stage.ledger(HIS.name)
        told = stage.ask(
            "switchboard", "send", kind="locum-report", sender="80000003", receiver=PRACTICE.application, patient=5,
            fault="expired-certificate",
        )  # fmt: skip
        assert (told["outcome"], stage.ledger(HIS.name)) == ("RTEDEST", before)
        assert "expired" in (stage.folder / "node.log").read_text(encoding="utf-8").lower()

    def test_the_next_caller_with_a_good_one_is_let_in(self, stage: Stage) -> None:
        """A refusal is of one connection, not of the peer."""
        told = stage.ask(
            "switchboard", "send", kind="locum-report", sender="80000003", receiver=PRACTICE.application, patient=5
        )
        assert told["outcome"] == "CA"
