"""docs/grading-examples.md: what stands behind `>>>` is run, what is quoted stands in a grader."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "grading-examples.md"
QUOTED = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GRADER = re.compile(r"`(graders/jf\w+/\w+\.py)`")


def test_the_examples_answer_as_the_page_says() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted
    assert not found.failed


def test_the_checks_are_quoted_as_they_stand_in_the_graders() -> None:
    page = PAGE.read_text(encoding="utf-8")
    graders = [(ROOT / name).read_text(encoding="utf-8") for name in GRADER.findall(page)]
    quoted = QUOTED.findall(page)
    assert graders
    assert quoted
    for part in quoted:
        assert any(part in grader for grader in graders), part


def test_the_page_is_found_by_who_needs_it() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        assert "docs/grading-examples.md" in (ROOT / name).read_text(encoding="utf-8")
