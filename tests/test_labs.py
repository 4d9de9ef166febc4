"""Every lab as it stands on paper; tests/test_trials.py tries them on real containers."""

from __future__ import annotations

import pytest

from runner import catalogue, places, validation
from runner.catalogue import Lab


@pytest.mark.parametrize("lab", tuple(catalogue.labs(places.house())), ids=lambda lab: lab.code)
def test_lab_is_fit_on_paper(lab: Lab) -> None:
    assert validation.read(lab, validation.seeds()) == ()
