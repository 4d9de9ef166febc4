"""Which files changed, and which labs that can affect."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from runner import catalogue, changed
from runner.catalogue import Lab
from runner.errors import Exit, UsageError
from tests import small_lab

HOUSE = Path(__file__).resolve().parent.parent
LABS = tuple(catalogue.labs(HOUSE))
ALL = [lab.code for lab in LABS]


def codes(*names: str, root: Path = HOUSE) -> list[str]:
    return [lab.code for lab in changed.affected(LABS, [root / name for name in names])]


def importing(fact: str) -> list[str]:
    """The labs whose grader names that module of facts, as the text says."""
    return [lab.code for lab in LABS if f"graders.facts.{fact} " in lab.grader_file.read_text()]


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "docs/json.md",
        "tests/test_changed.py",
        "labs/framework.yaml",
        "infra/docker-compose.yml",
        "CHANGELOG.md",
        "runners/grading.py",
        "labs/jf4_networks/c_network_security_2/lab.yaml",
    ],
)
def test_what_affects_no_lab(name: str) -> None:
    assert codes(name) == []


@pytest.mark.parametrize(
    "name",
    [
        "runner/grading.py",
        "runner/migrations/env.py",
        "runner/gone_by_now.py",
        "pyproject.toml",
        "requirements.lock",
        "labs/names.yaml",
        "graders/__init__.py",
        "graders/facts/__init__.py",
        "infra/images/base/Dockerfile",
        "infra/images/base/setup",
    ],
)
def test_what_affects_every_lab(name: str) -> None:
    assert codes("README.md", name) == ALL


@pytest.mark.parametrize(
    ("name", "affected"),
    [
        ("labs/jf4_networks/c_network_security/brief.md", ["4c"]),
        ("labs/jf4_networks/c_network_security/attempts/ufw/10-firewall.gateway.sh", ["4c"]),
        ("labs/jf4_networks/c_network_security/attempts/gone/attempt.yaml", ["4c"]),
        ("scenarios/perimeter/scenario.yaml", ["4c"]),
        ("scenarios/data_room/files/db1/etc/new.conf", ["4h"]),
        ("graders/jf1_workstations/e_printers.py", ["1e"]),
        ("graders/jf4_networks/__init__.py", ["4c", "4h"]),
        ("infra/images/printing/Dockerfile", ["1a", "1e"]),
    ],
)
def test_a_lab_is_affected_by_what_it_is_made_of(name: str, affected: list[str]) -> None:
    assert codes(name) == affected


@pytest.mark.parametrize("fact", ["network", "report", "ldif", "shares"])
def test_a_fact_affects_the_labs_whose_graders_import_it(fact: str) -> None:
    direct = importing(fact)
    found = codes(f"graders/facts/{fact}.py")
    assert set(direct) <= set(found)
    assert found
    assert found != ALL


def test_nothing_changed_affects_nothing() -> None:
    assert changed.affected(LABS, []) == ()


# --- a lab of its own -----------------------------------------------------------------------------


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return small_lab.write(tmp_path.resolve())


def touched(lab: Lab, name: str) -> bool:
    return bool(changed.affected([lab], [lab.root / name]))


def test_modules_are_followed_however_they_are_imported(lab: Lab) -> None:
    facts = lab.root / "graders" / "facts"
    grader = lab.grader_file.read_text(encoding="utf-8")
    small_lab.put(lab.grader_file, grader + "\nimport graders.facts.one\n")
    small_lab.put(facts / "one.py", "from graders.facts import two\nfrom . import three\n")
    small_lab.put(facts / "two.py", "def late():\n    from .four.deep import Five\n")
    small_lab.put(facts / "four" / "__init__.py", "from graders.facts.one import itself\n")
    small_lab.put(facts / "unused.py", "")
    for name in ("one", "two", "three", "four/__init__", "four/deep", "gone_since"):
        assert touched(lab, f"graders/facts/{name}.py") is (name != "gone_since")
    assert not touched(lab, "graders/facts/unused.py")


def test_an_employers_lab_is_affected_by_the_houses_machinery_and_its_own_names(lab: Lab) -> None:
    assert changed.affected([lab], [HOUSE / "runner" / "grading.py"]) == (lab,)
    assert changed.affected([lab], [HOUSE / "infra/images/base/Dockerfile"]) == (lab,)
    assert touched(lab, "labs/names.yaml")
    assert not touched(lab, "runner/grading.py")


def test_a_module_that_cannot_be_parsed_is_not_followed(lab: Lab) -> None:
    small_lab.put(lab.grader_file, "from graders.facts import two\n(\n")
    assert touched(lab, small_lab.GRADER)
    assert not touched(lab, "graders/facts/two.py")


def test_a_lab_that_cannot_be_read_is_affected_by_any_change(lab: Lab) -> None:
    small_lab.put(lab.folder / "lab.yaml", "titel: t\n")
    assert touched(catalogue.Lab(lab.code, lab.folder, lab.root), "README.md")


def test_a_folder_that_leads_elsewhere_is_the_same_folder(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(lab.root)
    assert changed.affected([lab], [tmp_path / "alias" / small_lab.LAB / "brief.md"]) == (lab,)


# --- git ------------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    who = {f"GIT_{role}_{what}": "t@t" for role in ("AUTHOR", "COMMITTER") for what in _WHO}
    subprocess.run(
        ["git", "-C", str(folder), "-c", "init.defaultBranch=main", *words],
        env={**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        check=True,
    )


_WHO = ("NAME", "EMAIL")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with one commit on `main`, and a branch `work` that is checked out."""
    folder = tmp_path.resolve() / "clone"
    for name in ("kept", "edited", "staged", "removed", "renamed", "deep/er"):
        small_lab.put(folder / name, f"{name}\n" * 5)
    small_lab.put(folder / ".gitignore", "*.pyc\n")
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "all")
    git(folder, "checkout", "-b", "work")
    return folder


def changes(root: Path, since: str | None = None) -> list[str]:
    found = changed.paths_changed(root, since)
    assert all(path.is_absolute() for path in found)
    return [path.name for path in found]


def test_without_a_change_there_is_none(clone: Path) -> None:
    assert changes(clone) == []


def test_what_is_committed_staged_edited_and_new_is_a_change(clone: Path) -> None:
    small_lab.put(clone / "committed", "")
    git(clone, "add", "committed")
    git(clone, "rm", "removed")
    git(clone, "commit", "-m", "work")
    git(clone, "mv", "renamed", "new name")
    small_lab.put(clone / "staged", "changed\n")
    git(clone, "add", "staged")
    small_lab.put(clone / "staged", "staged\n" * 5)  # as it was, but not in the index
    small_lab.put(clone / "edited", "changed\n")
    small_lab.put(clone / "deep" / "näw\n", "")
    small_lab.put(clone / "left.pyc", "")
    expected = {
        "committed",
        "removed",
        "new name",
        "renamed",
        "staged",
        "edited",
        "näw\n",
    }
    assert set(changes(clone)) == expected
    assert set(changes(clone / "deep")) == expected


def test_what_others_did_meanwhile_is_no_change(clone: Path) -> None:
    git(clone, "checkout", "main")
    small_lab.put(clone / "theirs", "")
    git(clone, "add", "theirs")
    git(clone, "commit", "-m", "meanwhile")
    git(clone, "checkout", "work")
    small_lab.put(clone / "edited", "changed\n")
    assert changes(clone) == ["edited"]


def test_on_the_default_branch_what_was_not_pushed_is_the_change(clone: Path) -> None:
    ours = clone.parent / "ours"
    git(clone.parent, "clone", "--branch", "main", str(clone), str(ours))
    small_lab.put(ours / "edited", "changed\n")
    git(ours, "commit", "-a", "-m", "not pushed")
    assert changes(ours) == ["edited"]


def test_since_names_another_commit(clone: Path) -> None:
    small_lab.put(clone / "edited", "changed\n")
    git(clone, "commit", "-a", "-m", "one")
    small_lab.put(clone / "kept", "changed\n")
    git(clone, "commit", "-a", "-m", "two")
    assert changes(clone) == ["edited", "kept"]
    assert changes(clone, "HEAD~1") == ["kept"]


@pytest.mark.parametrize("since", ["nowhere", "--output=x", ""])
def test_a_commit_that_is_not_there_is_told(clone: Path, since: str) -> None:
    with pytest.raises(UsageError) as caught:
        changes(clone, since)
    assert str(caught.value) == f"git knows no commit {since!r} in {clone}"
    assert "git log" in caught.value.remedy
    assert not (clone / "x").exists()


def test_without_a_default_branch_nothing_can_be_compared(clone: Path) -> None:
    git(clone, "branch", "-D", "main")
    with pytest.raises(UsageError, match="has no default branch to compare with"):
        changes(clone)


def test_without_common_history_nothing_can_be_compared(clone: Path) -> None:
    git(clone, "checkout", "--orphan", "alone")
    git(clone, "commit", "-m", "alone")
    with pytest.raises(UsageError, match="no common history of this work and main") as caught:
        changes(clone)
    assert "--unshallow" in caught.value.remedy


def test_a_folder_without_git_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is in no git repository$") as caught:
        changes(tmp_path)
    assert caught.value.exit_code is Exit.WRONG_USE
    assert caught.value.remedy == "name the labs instead"


def test_a_damaged_repository_is_told_in_gits_words(clone: Path) -> None:
    small_lab.put(clone / ".git" / "config", "[")
    with pytest.raises(UsageError, match=r"is in no git repository: bad config line"):
        changes(clone)


def test_a_machine_without_git_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git is not installed"):
        changes(tmp_path)


def test_in_a_hook_the_folder_decides(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_lab.put(clone / "edited", "changed\n")
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    assert changes(clone / "deep") == ["edited"]
