"""The file a site sends to whoever helps it."""

import hashlib
import io
import json
import tarfile
from datetime import UTC, datetime

from edge_node.status.blanking import BLANK
from edge_node.status.support_file import Bundle, Gathered, pack

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
BSN = "999900006"
EVENT = json.dumps({"at": "now", "event": "message.refused", "code": "EN-X", "detail": BSN})


def packed(**more: object) -> Bundle:
    """A bundle with those parts."""
    given: dict[str, object] = {"node": "gp-1", "release": "1", "at": AT, "made_by": "daemon"}
    return pack(Gathered(**{**given, **more}))  # type: ignore[arg-type]


def opened(bundle: Bundle) -> dict[str, bytes]:
    """What is in it."""
    with tarfile.open(fileobj=io.BytesIO(bundle.content), mode="r:gz") as archive:
        files = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {name: file.read() for name, file in files.items() if file is not None}


class TestBundle:
    def test_lists_what_is_in_it_with_digests(self) -> None:
        """Whoever gets it can see that nothing was changed or is missing."""
        files = opened(packed(documents={"status": {"ready": True}}, figures="a 1\n", left_out={"log": "EN-X"}))
        contents = json.loads(files.pop("contents.json"))
        assert {it["name"]: it["sha256"] for it in contents["contents"]} == {
            name: hashlib.sha256(content).hexdigest() for name, content in files.items()
        }
        assert set(files) == {"status.json", "metrics.txt"}
        assert contents["left_out"] == {"log": "EN-X"}

    def test_has_the_node_and_the_moment_in_its_name(self) -> None:
        """A helper gets many of them."""
        assert packed().name == "edge-node-support-gp-1-20261122T103000Z.tar.gz"

    def test_counts_what_had_to_be_blanked(self) -> None:
        """There should be nothing: a number above 0 is a mistake of ours to be reported."""
        bundle = packed(documents={"a": {"detail": BSN}, "b": {"detail": "fine"}})
        assert [(it["name"], it["blanked"]) for it in bundle.contents] == [("a.json", 1), ("b.json", 0)]

    def test_of_the_same_is_the_same(self) -> None:
        """So a test, or a doubting operator, can compare two."""
        assert packed(documents={"a": 1}).content == packed(documents={"a": 1}).content


class TestLog:
    def test_holds_lines_of_this_node_only(self) -> None:
        """What a library or the interpreter wrote may quote anything."""
        (first, last) = opened(packed(log=(EVENT, "Traceback: something", "[1]")))["log.ndjson"].splitlines()
        assert json.loads(first)["detail"] == BLANK
        assert json.loads(last) == {"event": "support.lines-left-out", "lines": 2}

    def test_has_no_text_of_a_library(self) -> None:
        """It quotes what it choked on."""
        line = json.dumps({"event": "twisted", "text": "bad request for Anna", "namespace": "x"})
        assert json.loads(opened(packed(log=(line,)))["log.ndjson"]) == {"event": "twisted", "namespace": "x"}
