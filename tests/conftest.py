"""What holds for every test and cannot be said in pyproject.toml."""

from __future__ import annotations

import gc
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from runner.engine import Engine
    from tests.standing import Standing

_ALL_OF_IT = "pytestmark = pytest.mark.engine"

# A busy machine makes an example slow, not wrong.
settings.register_profile("labs", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)

# A shell that starts us in the background has us ignore Ctrl-C, and every program that we start
# with us: the ones that tests interrupt would go on for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """What is run at every turn tries fewer examples of what may be anything."""
    settings.load_profile("quick" if _no_engine(config) else "labs")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where no engine is wanted, a file of which all needs one is not even imported."""
    if not _no_engine(config) or collection_path.suffix != ".py":
        return None
    return _ALL_OF_IT in collection_path.read_text(encoding="utf-8").splitlines() or None


@pytest.fixture(scope="module")
def there() -> Iterator[Engine]:
    """The engine of this machine."""
    from tests.trial import connect

    engine = connect()
    yield engine
    engine.close()


@pytest.fixture(scope="session", autouse=True)
def _no_real_record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test that names no record of its own must not write into that of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_DATA", str(tmp_path_factory.mktemp("data")))
        patch.delenv("LAB_DATABASE_URL", raising=False)
        yield


@pytest.fixture(scope="session")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for LAB_STATE in which the list of all labs, ours and the trial house's, is kept."""
    from runner import places
    from runner.listing import listing

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setenv("LAB_PATH", str(Path(__file__).parent / "house"))
        listing(places.roots())
        return places.state()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """One PostgreSQL for all tests of this worker."""
    from tests.standing import standing

    with standing(tmp_path_factory.mktemp("records")) as one:
        yield one


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty record in a file, with all its tables."""
    from runner.record import open_record

    file = tmp_path_factory.mktemp("records") / "records.sqlite"
    with open_record(f"sqlite:///{file}"):
        return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.engine)])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of either make that has no tables yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.sqlite"
    one: Standing = request.getfixturevalue("server")
    return one.empty()


@pytest.fixture
def url(bare_url: str, prepared: Path) -> str:
    """An empty record of either make; one in a file has its tables, which take time to make."""
    if bare_url.startswith("sqlite:///"):
        shutil.copy(prepared, bare_url.removeprefix("sqlite:///"))
    return bare_url


@pytest.fixture
def data(tmp_path: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, as LAB_DATA, with an empty record in it."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    shutil.copy(prepared, folder)
    monkeypatch.setenv("LAB_DATA", str(folder))
    monkeypatch.delenv("LAB_DATABASE_URL", raising=False)
    return folder


def _no_engine(config: pytest.Config) -> bool:
    return "not engine" in config.option.markexpr


def pytest_collection_finish() -> None:
    """What was read by now stays: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()
