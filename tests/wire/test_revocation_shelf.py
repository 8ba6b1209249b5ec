"""The lists a node has: which of two counts, and what a bad one changes, which is nothing."""

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.errors import Refused
from edge_node.sandbox.pki_authority import Authority, ec_key, root
from edge_node.wire.revocation_shelf import ListLimits, Lists, Taken
from tests.wire.lists_double import DAY, HOUR, NOW, ca, chain_of, listed

CA, OTHER, NAMESAKE = ca(), ca("Other CA", "other-ca"), ca()
LEAF = chain_of(CA)[0]


def lists(folder: Path | None = None, *known: x509.Certificate, limits: ListLimits | None = None) -> Lists:
    found = Lists(folder, limits)
    found.know(*(known or (CA.certificate,)))
    return found


def numbered(number: int, at: datetime = NOW) -> bytes:
    """A list of that moment with that number."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(CA.certificate.subject)
    builder = builder.last_update(at).next_update(NOW + DAY)
    builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    return builder.sign(CA.key, hashes.SHA256()).public_bytes(Encoding.DER)


def pointed(at: datetime) -> bytes:
    """A list of that moment that says where it is."""
    name = x509.UniformResourceIdentifier("http://crl.edge-node.test/test-ca.crl")
    point = x509.IssuingDistributionPoint([name], None, False, False, None, False, False)
    builder = x509.CertificateRevocationListBuilder(CA.certificate.subject, at, at + DAY)
    made = builder.add_extension(point, critical=True)
    return made.sign(CA.key, hashes.SHA256()).public_bytes(Encoding.DER)


class TestTaking:
    def test_keeps_the_list_of_a_known_ca(self) -> None:
        """From here on its certificates can be judged."""
        taken = (held := lists()).take(listed(CA), "crl.example", NOW)
        kept = held.of(CA.certificate)
        assert taken.is_new
        assert kept is not None
        assert (kept.source, kept.next_update, kept.listed.says(LEAF)) == ("crl.example", NOW + 2 * DAY, False)

    def test_puts_a_newer_one_in_its_place(self) -> None:
        """What was revoked this hour is on the list of this hour."""
        held = lists()
        held.take(listed(CA, NOW - HOUR), "a", NOW)
        held.take(listed(CA, NOW), "b", NOW)
        assert [(kept.source, kept.this_update) for kept in held.kept()] == [("b", NOW)]

    def test_takes_the_higher_number_of_two_of_one_moment(self) -> None:
        """A CA that revokes twice in a second numbers its lists."""
        held = lists()
        held.take(numbered(4), "first", NOW)
        assert held.take(numbered(5), "second", NOW).is_new

    @pytest.mark.parametrize("older", [numbered(3), numbered(9, NOW - HOUR), listed(CA, NOW - DAY)])
    def test_never_puts_an_older_one_in_its_place(self, older: bytes) -> None:
        """Whoever can send old lists could take a certificate off again."""
        held = lists()
        held.take(numbered(4), "first", NOW)
        with pytest.raises(Refused, match="EN-CRL-OLDER"):
            held.take(older, "second", NOW)
        assert held.kept()[0].source == "first"

    def test_of_the_same_list_again_changes_nothing(self) -> None:
        """A mirror is asked each hour and mostly has nothing new."""
        held, der = lists(), listed(CA)
        held.take(der, "first", NOW)
        assert not held.take(der, "second", NOW).is_new
        assert held.kept()[0].source == "first"

    @pytest.mark.parametrize(
        ("der", "code"),
        [
            (b"not a list", "EN-CRL-UNREADABLE"),
            (listed(CA)[:-1], "EN-CRL-UNREADABLE"),
            (listed(OTHER), "EN-CRL-ISSUER"),
            (listed(NAMESAKE), "EN-CRL-SIGNATURE"),
            (listed(CA, NOW + timedelta(seconds=400)), "EN-CRL-NOT-YET"),
            (bytes(5_000), "EN-CRL-TOO-LARGE"),
        ],
        ids=["garbage", "half", "unknown CA", "same name, other key", "of tomorrow", "too long"],
    )
    def test_of_a_bad_one_leaves_the_old_one(self, der: bytes, code: str) -> None:
        """A broken download must not stop the traffic of a hospital."""
        held = lists(limits=ListLimits(max_bytes=4_000))
        held.take(listed(CA, NOW - HOUR), "good", NOW)
        with pytest.raises(Refused) as caught:
            held.take(der, "bad", NOW)
        assert (caught.value.code, [kept.source for kept in held.kept()]) == (code, ["good"])

    def test_tells_of_a_new_one_only(self) -> None:
        """Live connections are judged again when there is something new to judge by."""
        told: list[int] = []
        held = Lists(None, told=lambda: told.append(1))
        held.know(CA.certificate)
        der = listed(CA)
        held.take(der, "a", NOW)
        held.take(der, "b", NOW)
        assert told == [1]

    def test_keeps_the_lists_of_two_generations_of_one_name(self) -> None:
        """While a CA changes its key, both lists count, each for its own."""
        held = lists(None, CA.certificate, NAMESAKE.certificate)
        held.offer(listed(CA), "old", NOW)
        held.offer(listed(NAMESAKE), "new", NOW)
        assert (held.of(CA.certificate).source, held.of(NAMESAKE.certificate).source) == ("old", "new")  # type: ignore[union-attr]


class TestWaiting:
    def test_is_what_a_list_of_an_unknown_ca_does(self) -> None:
        """The first handshake with a peer must not fail because its CA was not known before."""
        held = lists(None, OTHER.certificate)
        (became,) = held.offer(listed(CA), "file", NOW)
        assert isinstance(became, Refused)
        assert (became.code, held.waiting(), held.of(CA.certificate)) == ("EN-CRL-ISSUER", 1, None)

    def test_ends_when_the_ca_is_known(self) -> None:
        """It is verified then, as any other."""
        held = lists(None, OTHER.certificate)
        held.offer(listed(CA), "file", NOW)
        held.know(CA.certificate)
        assert held.take_waiting(NOW)
        assert (held.waiting(), held.kept()[0].source) == (0, "file")

    def test_waits_for_a_ca_that_changed_its_key(self) -> None:
        """The CA keeps its name: its list comes before its new certificate was shown, and is no forgery."""
        (held := lists()).offer(listed(NAMESAKE), "file", NOW)
        assert (held.waiting(), held.of(NAMESAKE.certificate)) == (1, None)
        held.know(NAMESAKE.certificate)
        assert held.take_waiting(NOW)
        assert held.of(NAMESAKE.certificate) is not None
        assert held.of(CA.certificate) is None

    def test_is_for_the_newest_of_its_source(self) -> None:
        """A source is asked each hour, for weeks before its CA shows itself: then the list of this hour counts."""
        held = lists(None, OTHER.certificate)
        days = [NOW - timedelta(hours=left) for left in range(100, -1, -1)]
        waiting = [held.offer(listed(CA, at), "source", at) and held.waiting() for at in days]
        held.know(CA.certificate)
        held.take_waiting(NOW)
        assert (set(waiting), held.kept()[0].this_update) == ({1}, NOW)

    def test_is_bounded(self) -> None:
        """A folder full of foreign lists takes no memory from messages."""
        held = Lists(None, ListLimits(waiting_bytes=len(listed(CA)) + 40))
        held.offer(listed(CA), "a", NOW)
        held.offer(listed(OTHER), "b", NOW)
        assert held.waiting() == 1

    def test_is_longer_for_a_long_list_than_a_handshake_is(self) -> None:
        """A list of megabytes is taken in a thread, not while a peer waits."""
        held = lists(None, OTHER.certificate)
        held.offer(listed(CA), "file", NOW)
        held.know(CA.certificate)
        assert not held.take_waiting(NOW, max_bytes=10)
        assert held.waiting() == 1


class TestOnDisk:
    def held(self, folder: Path) -> Lists:
        held = lists(folder)
        held.take(listed(CA), "source", NOW)
        return held

    def again(self, folder: Path, *anchors: x509.Certificate) -> Lists:
        after = Lists(folder)
        after.know(*anchors)
        after.read_back(anchors, NOW)
        return after

    def test_it_is_there_after_a_restart(self, tmp_path: Path) -> None:
        """A node that starts while every source is down still knows who was revoked."""
        CA.revoke(LEAF, NOW)
        self.held(tmp_path)
        CA.revoked.clear()
        kept = self.again(tmp_path, CA.certificate).of(CA.certificate)
        assert kept is not None
        assert kept.listed.says(LEAF) is True

    def test_nobody_else_reads_or_writes_it(self, tmp_path: Path) -> None:
        """Who can write there decides who is revoked."""
        self.held(tmp_path / "crl")
        (path,) = (tmp_path / "crl").iterdir()
        assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)

    def test_a_newer_one_takes_its_place(self, tmp_path: Path) -> None:
        """One file for each CA, whole at any moment."""
        self.held(tmp_path).take(listed(CA, NOW + HOUR), "source", NOW + HOUR)
        assert [path.suffix for path in tmp_path.iterdir()] == [".pem"]

    def test_one_of_before_its_ca_changed_its_lists_is_gone_once_it_ended(self, tmp_path: Path) -> None:
        """Else it would be told as old for ever, and lists of other scopes would pile up."""
        held = self.held(tmp_path)
        held.take(pointed(NOW + HOUR), "source", NOW + HOUR)
        both = len(list(tmp_path.iterdir()))
        held.take(pointed(NOW + 3 * DAY), "source", NOW + 3 * DAY)
        assert (both, len(list(tmp_path.iterdir())), len(held.kept())) == (2, 1, 1)

    def test_its_ca_is_known_again_below_its_anchor(self, tmp_path: Path) -> None:
        """The CA between was in a peer's chain only, and no peer has called yet."""
        top = ca_with_top()
        held = Lists(tmp_path)
        held.know(top[0].certificate)
        held.take(listed(top[0]), "source", NOW)
        assert self.again(tmp_path, top[1]).of(top[0].certificate) is not None

    def test_it_counts_once_a_clock_that_was_behind_is_right(self, tmp_path: Path) -> None:
        """A machine without a battery starts in the past; its lists are no worse for that."""
        lists(tmp_path).take(listed(CA), "a", NOW)
        held = lists(tmp_path)
        assert [wrong.code for _, wrong in held.read_back((CA.certificate,), NOW - HOUR)] == ["EN-CRL-NOT-YET"]
        assert (held.take_waiting(NOW), held.of(CA.certificate) is not None) == (True, True)

    def test_of_a_ca_that_is_under_no_anchor_any_more_is_left(self, tmp_path: Path) -> None:
        """Anchors of yesterday judge nobody."""
        self.held(tmp_path)
        assert self.again(tmp_path, OTHER.certificate).kept() == ()

    @pytest.mark.parametrize("spoiled", [b"", b"-----BEGIN CERTIFICATE-----\n", b"\x00" * 100])
    def test_a_spoiled_file_is_told_and_left(self, tmp_path: Path, spoiled: bytes) -> None:
        """Half a write of a crash is no list, and does not keep the node from starting."""
        self.held(tmp_path)
        (path,) = tmp_path.iterdir()
        path.write_bytes(spoiled)
        after = Lists(tmp_path)
        ((named, refused),) = after.read_back((CA.certificate,), NOW)
        assert (named, refused.code, after.kept()) == (path, "EN-CRL-UNREADABLE", ())

    def test_that_is_full_keeps_no_file_and_the_list_counts(self, tmp_path: Path) -> None:
        """Who was revoked must be refused also where nothing can be written."""
        blocked = tmp_path / "file"
        blocked.write_text("no folder")
        held = lists(blocked / "crl")
        taken = held.take(listed(CA), "source", NOW)
        assert isinstance(taken, Taken)
        assert held.of(CA.certificate) is not None


def ca_with_top() -> tuple[Authority, x509.Certificate]:
    """Make a CA, and the root it is under."""
    top = root("Top", "top", ec_key(), NOW)
    return top.authority("Below", "below", ec_key()), top.certificate
