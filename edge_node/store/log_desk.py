"""The access log as the daemon uses it: signed, filed, pruned and proven, one method, one unit of work.

Knows: that changes go through the writer, and reading and files beside it.
Must not know: when each is done, who is told.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.log_state import Bend, Breach, LogWanted, Proof, SignedHead
from edge_node.model.overview import By
from edge_node.store import log_breaches, log_filing, log_proof, log_reading, log_segments, log_sources
from edge_node.store.access_log import AccessLog
from edge_node.store.database import open_readonly
from edge_node.store.keys import write
from edge_node.store.log_proof import BadHead
from edge_node.store.log_reading import Keys
from edge_node.store.log_segments import Segment
from edge_node.store.node_key import FILE, NodePublic
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment, Surroundings, moment

T = TypeVar("T")
_PAGE: Final = 200
_REQUEST: Final = "EN-CONTROL-REQUEST"
Do = Callable[[Callable[[Session], Any]], Awaitable[Any]]
Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


class Pages:
    """Records, some at a time; whoever opened it closes it."""

    def __init__(self, records: Generator[dict[str, Any], None, None], aside: Aside) -> None:
        self._records = records
        self._aside = aside

    async def turn(self) -> list[dict[str, Any]]:
        """Return the next ones; none at the end."""
        found: list[dict[str, Any]] = await self._aside(lambda: list(islice(self._records, _PAGE)))
        return found

    async def close(self) -> None:
        """Let go of the store."""
        await self._aside(self._records.close)


class LogDesk:
    """Fits `status.ports.AccessLog`."""

    def __init__(self, path: Path, session: Session, do: Do, shell: tuple[Aside, Surroundings]) -> None:
        self._path = path
        self._session = session
        self._do = do
        self._aside, self._around = shell
        self._folder = log_sources.folder_of(path)
        #: Nothing is taken in while the log is bent and no person has seen it, where the site chose so.
        self.is_shut = False

    @property
    def head(self) -> SignedHead | None:
        """The newest head that is durable."""
        published = self._log.published
        return None if published is None else published.shown

    @property
    def public(self) -> NodePublic:
        """The half of the node's key that others check with."""
        return self._log.signer.public

    @property
    def pem(self) -> str:
        """The same, as it is handed out."""
        return self.public.pem.decode("ascii")

    @property
    def public_file(self) -> Path:
        """Where that half lies."""
        return self._path.with_name(FILE)

    @property
    def node(self) -> str:
        """The name of this node in the log."""
        return self._log.plan.node

    def sign(self, purpose: str, data: bytes) -> bytes:
        """Sign something with the node's own key, for one purpose."""
        return self._log.signer.sign(purpose, data)

    def publish_key(self) -> None:
        """Have the public half in a file of its own, for whoever is to check."""
        pem = self.public.pem
        if not self.public_file.exists() or self.public_file.read_bytes() != pem:
            write(self.public_file, pem)
            self.public_file.chmod(0o444)

    async def sign_head(self) -> None:
        """Sign where the chain is, where that was not done; and see that it ends where it was left."""

        def sign(_: Session, at: Moment) -> None:
            self._log.look_back(at.now)
            self._log.sign(at.now)

        await self._at(sign)

    async def file(self) -> tuple[str, ...]:
        """Have the segments that are full in files; return those."""
        names: list[str] = []
        while (full := await self._look(lambda connection: log_segments.in_state(connection, "full"))) is not None:
            names.append(await self._file(full))
        return tuple(names)

    async def index(self, pause: Callable[[], None] = lambda: None) -> bool:
        """Make an index of a file that has none, so that a search need not read it; say whether one was missing."""

        def make(connection: sqlite3.Connection) -> bool:
            try:
                return log_reading.make_index(connection, self._folder, (self._keys, pause))
            except OSError:  # a full disk: searches take longer
                return False

        made: bool = await self._look(make)
        return made

    async def prune(self) -> str | None:
        """Remove the oldest segment when its time is over; return its file."""
        gone = await self._at(log_filing.prune)
        await self._look(lambda connection: log_filing.remove_files(connection, self._folder))
        return None if gone is None else str(gone.file)

    async def outline(self) -> Mapping[str, tuple[int, ...]]:
        """Return how the files look from outside."""
        found: Mapping[str, tuple[int, ...]] = await self._aside(lambda: log_sources.outline(self._folder))
        return found

    async def prove(self, wanted: str = "", pause: Callable[[], None] = lambda: None) -> Proof:
        """Look at the whole log; where no head is brought, it is held to the newest of the node's own."""
        keys, held = (self.public,), wanted or self._published
        try:
            proof: Proof = await self._aside(
                lambda: log_proof.prove(log_sources.of_all(self._path, self._folder, pause), keys, held)
            )
        except BadHead as error:
            raise Refused("a head is a number, a colon and 64 hexadecimal digits", code=_REQUEST) from error
        return replace(proof, wanted=wanted)

    async def writes_of_others(self) -> int:
        """Return a number that is another one once somebody beside this node wrote into the store."""
        return int(await self._at(lambda session, _: session.execute("PRAGMA data_version").fetchone()[0]))

    async def prove_newest(self, pause: Callable[[], None] = lambda: None) -> Proof:
        """Look at the records that are in no file yet."""
        keys, held = (self.public,), self._published
        proof: Proof = await self._aside(
            lambda: log_proof.prove(log_sources.of_newest(self._path, pause), keys, held)
        )
        # What they follow lies in a file: the look at the whole log sees whether it does.
        return replace(proof, found=tuple(each for each in proof.found if each.bend is not Bend.CUT_START))

    async def seal_off(self, proof: Proof) -> bool:
        """End a chain in which something is wrong; say whether that was new."""
        return bool(await self._at(lambda _, at: self._log.seal_off(proof.found, at.now)))

    async def breaches(self) -> tuple[Breach, ...]:
        """Return where the log was found to be bent."""
        found: tuple[Breach, ...] = await self._look(log_breaches.listed)
        return found

    async def see(self, by: By) -> int:
        """A person knows of them."""
        return int(await self._at(lambda session, at: log_breaches.see(session.connection, by, at.now)))

    def pages(self, wanted: LogWanted) -> "Pages":
        """Give the records that are wanted, opened, some at a time."""
        return Pages(self._records(wanted, self._keys), self._aside)

    def _records(self, wanted: LogWanted, keys: Keys) -> Generator[dict[str, Any], None, None]:
        with open_readonly(self._path) as connection:
            yield from log_reading.read(connection, self._folder, keys, wanted)

    @property
    def _keys(self) -> Keys:
        ring = self._session.sealer.ring
        masters = tuple(key for key in (ring.master, ring.coming) if key is not None)
        return Keys(masters, self._session.key)

    @property
    def _published(self) -> str:
        return "" if self.head is None else self.head.name

    @property
    def _log(self) -> AccessLog:
        log = self._session.log
        if not isinstance(log, AccessLog):
            raise EdgeNodeError("the key of the store is not here", code="EN-SEALING-KEY")
        return log

    async def _file(self, segment: Segment) -> str:
        name: str = await self._look(
            lambda connection: log_filing.write(connection, segment, self._folder, self._around.fail_point)
        )
        await self._at(lambda session, _: log_filing.settle(session, segment.number, name))
        return name

    async def _at(self, work: Callable[[Session, Moment], T]) -> T:
        at = moment(self._around.clock)
        done: T = await self._do(lambda session: work(session, at))
        return done

    async def _look(self, look: Callable[[Any], T]) -> T:
        def looked() -> T:
            with open_readonly(self._path) as connection:
                return look(connection)

        found: T = await self._aside(looked)
        return found
