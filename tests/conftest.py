"""What holds for every test and cannot be said in pyproject.toml."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from runner.engine import Engine

# A busy machine makes an example slow, not wrong.
settings.register_profile("labs", deadline=None)
settings.load_profile("labs")

# A shell that starts us in the background has us ignore Ctrl-C, and every program that we start
# with us: the ones that tests interrupt would go on for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def there() -> Iterator[Engine]:
    """The engine of this machine."""
    from tests.trial import connect

    engine = connect()
    yield engine
    engine.close()
