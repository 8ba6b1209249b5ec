"""Where the published messages, schemas and code lists are; without them these tests are skipped."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.exchanges import own_applications
from tests.corpus.fhir_table import load as load_fhir
from tests.corpus.site import SiteOfCorpus
from tests.corpus.table import load


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder `EDGE_NODE_CORPUS` names."""
    folder = os.environ.get("EDGE_NODE_CORPUS")
    if not folder:
        pytest.skip("EDGE_NODE_CORPUS is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def declaring_site(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteOfCorpus]:
    """One that declares every FHIR interaction that some published message needs."""
    declares = {row.declares for row in load_fhir() if row.declares is not None}
    site = SiteOfCorpus(tmp_path_factory.mktemp("declaring"), ["80000001"], declares)
    yield site
    assert site.close() == 0


@pytest.fixture(scope="session")
def site(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteOfCorpus]:
    """A running node, set to the ids of every message of the table."""
    site = SiteOfCorpus(tmp_path_factory.mktemp("site"), own_applications(corpus, load()))
    yield site
    assert site.close() == 0
