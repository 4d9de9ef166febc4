"""Run by pytest-testinfra in its own environment: ten files on each of the hosts it is given."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("number", range(10))
def test_fact(host: Any, number: int) -> None:
    """The file is there and says what it should."""
    file = host.file(f"/srv/facts/{number}")
    assert file.exists
    assert file.contains(f"fact {number}")
