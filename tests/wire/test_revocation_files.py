"""Files with revocation lists that somebody else keeps: what is read again, and what is never lost."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.wire.revocation_files import ListFiles
from edge_node.wire.revocation_shelf import ListLimits, Lists
from tests.wire.lists_double import HOUR, NOW, ca, listed

CA, OTHER, NAMESAKE = ca(), ca("Other CA", "other-ca"), ca()


class Site:
    """A folder with lists, and the node that reads it."""

    def __init__(self, folder: Path, **limits: int) -> None:
        self.folder = folder
        self.lists = Lists(None, ListLimits(**limits))
        self.lists.know(CA.certificate)
        self.files = ListFiles(self.lists)

    def put(self, name: str, der: bytes) -> None:
        (self.folder / name).write_bytes(der)

    def read(self, at: datetime = NOW) -> dict[str, str | None]:
        """What is said of each file, by code."""
        read = self.files.read((self.folder,), at).files
        return {Path(path).name: wrong.code if wrong else None for path, wrong in read.items()}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


class TestAFile:
    def test_that_cannot_be_read_stands_in_no_others_way(self, site: Site) -> None:
        """Whatever somebody copied there: the node starts, and reads the rest."""
        site.put("a.crl", listed(CA).replace(b"Test CA", b"Test\xffCA"))
        site.put("b.crl", listed(CA))
        assert site.read() == {"a.crl": "EN-CRL-UNREADABLE", "b.crl": None}

    def test_of_a_moment_to_come_is_taken_once_the_clock_is_right(self, site: Site) -> None:
        """A machine starts an hour behind and is set right: nobody writes the file anew for it."""
        site.put("ca.crl", listed(CA))
        assert (site.read(NOW - HOUR), site.read(NOW)) == ({"ca.crl": "EN-CRL-NOT-YET"}, {"ca.crl": None})
        assert site.lists.of(CA.certificate) is not None

    def test_of_the_next_key_of_a_ca_is_well_once_that_was_shown(self, site: Site) -> None:
        """It looked like a forgery before; the status must not go on saying so."""
        site.put("ca.crl", listed(NAMESAKE))
        before = site.read()
        site.lists.know(NAMESAKE.certificate)
        assert (before, site.read()) == ({"ca.crl": "EN-CRL-SIGNATURE"}, {"ca.crl": None})

    def test_that_finds_no_room_is_said_to_find_none(self, tmp_path: Path) -> None:
        """Told as well, it would be looked for in vain on the day its CA shows itself."""
        site = Site(tmp_path, waiting_bytes=10)
        site.put("other.crl", listed(OTHER))
        assert site.read() == {"other.crl": "EN-CRL-ROOM"}
        site.lists.know(OTHER.certificate)
        assert (site.read(), len(site.lists.kept())) == ({"other.crl": None}, 1)

    @pytest.mark.parametrize(
        ("name", "content"),
        [("README.txt", b"Lists of the network, each hour.\n"), ("ca.pem", b"-----BEGIN CERTIFICATE-----\n")],
    )
    def test_that_never_was_a_list_is_no_fault(self, site: Site, name: str, content: bytes) -> None:
        """Whoever keeps the folder leaves a note in it; no alarm may stand for that."""
        site.put("ca.crl", listed(CA))
        site.put(name, content)
        read = site.files.read((site.folder,), NOW)
        assert (list(read.files), read.others) == ([str(site.folder / "ca.crl")], (str(site.folder / name),))

    @pytest.mark.parametrize(
        ("name", "content"),
        [("ca.crl", b"<html>"), ("ca", b""), ("ca.pem", b"-----BEGIN X509 CRL-----\nMII"), ("ca.der", b"0\x82\x05")],
    )
    def test_that_should_be_a_list_is_told(self, site: Site, name: str, content: bytes) -> None:
        """A mirror that gives pages, a disk that was full: both must be seen."""
        site.put(name, content)
        assert site.read() == {name: "EN-CRL-UNREADABLE"}

    def test_that_was_a_list_is_told_when_it_is_text(self, site: Site) -> None:
        """Somebody wrote over it."""
        site.put("ca.pem", x509.load_der_x509_crl(listed(CA)).public_bytes(Encoding.PEM))
        site.read()
        site.put("ca.pem", b"moved to another folder\n")
        assert site.read() == {"ca.pem": "EN-CRL-UNREADABLE"}

    def test_that_is_named_is_told_when_it_is_text(self, site: Site) -> None:
        """The settings say that it is one."""
        site.put("ca.txt", b"moved to another folder\n")
        (wrong,) = site.files.read((site.folder / "ca.txt",), NOW).files.values()
        assert wrong is not None

    def test_that_is_half_is_not_read_again_and_again(self, site: Site) -> None:
        """Until it is another file there is nothing to gain."""
        path, good = site.folder / "ca.crl", listed(CA)
        path.write_bytes(bytes(len(good)))
        mark = path.stat().st_mtime_ns
        first = site.read()
        path.write_bytes(good)
        os.utime(path, ns=(mark, mark))
        assert (first, site.read()) == ({"ca.crl": "EN-CRL-UNREADABLE"}, {"ca.crl": "EN-CRL-UNREADABLE"})

    def test_that_is_gone_is_said_in_words(self, site: Site) -> None:
        """The name of a class of the program tells an operator nothing."""
        named = site.folder / "gone.crl"
        (wrong,) = site.files.read((named,), NOW).files.values()
        assert wrong is not None
        assert (wrong.code, wrong.detail) == ("EN-CRL-UNREADABLE", "no such file or directory")
