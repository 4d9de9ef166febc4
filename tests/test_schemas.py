"""The schemas by which editors complete and check what authors write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runner import authored, places, schemas
from runner.errors import UsageError

ROOT = Path(__file__).parent.parent
WRITTEN = [
    *((path, path.stem) for path in sorted(ROOT.glob("labs/*.yaml"))),
    *((path, "lab") for path in sorted(ROOT.glob("labs/jf*_*/*_*/lab.yaml"))),
    *((path, "scenario") for path in sorted(ROOT.glob("scenarios/*/scenario.yaml"))),
]


@pytest.mark.parametrize("name", schemas.FORMS)
def test_the_committed_schema_is_that_of_the_model(name: str) -> None:
    path = schemas.folder(places.house()) / schemas.file_name(name)
    said = "the models have changed: write the schemas anew with ./lab schema --write"
    assert path.read_text(encoding="utf-8") == schemas.text(name), said


@pytest.mark.parametrize(("path", "name"), WRITTEN, ids=lambda one: str(one)[-40:])
def test_a_schema_knows_every_key_that_is_written(path: Path, name: str) -> None:
    whole = schemas.schema(name)
    assert list(_unknown(authored.plain(authored.read_text(path), path), whole, whole)) == []


def test_a_misspelt_key_is_unknown() -> None:
    whole = schemas.schema("lab")
    assert list(_unknown({"titel": "t"}, whole, whole)) == ["titel"]


def test_a_key_is_explained_by_the_words_of_its_model() -> None:
    host = schemas.schema("scenario")["$defs"]["HostForm"]["properties"]
    assert host["gateway"]["description"].startswith("`gateway` names the host")
    assert "leaves no copy" in host["setup"]["description"]


def test_what_has_no_schema_is_answered_with_what_has(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        schemas.text("grader")
    assert caught.value.remedy == "There are: lab, scenario, attempt, framework, names, roster."
    assert [json.loads(path.read_text("utf-8"))["title"] for path in schemas.write(tmp_path)] == [
        f"{name}.yaml" for name in schemas.FORMS
    ]


def _unknown(data: object, found: dict[str, Any], whole: dict[str, Any]) -> list[str]:
    """Keys of `data` for which the schema has no place."""
    if "$ref" in found:
        found = whole["$defs"][found["$ref"].rpartition("/")[2]]
    if "anyOf" in found:
        return min((_unknown(data, one, whole) for one in found["anyOf"]), key=len)
    if isinstance(data, list):
        return [key for one in data for key in _unknown(one, found.get("items", {}), whole)]
    if not isinstance(data, dict) or found.get("type") != "object":
        return []
    below = found.get("additionalProperties") or {}
    patterns = found.get("patternProperties", {})
    places = {**dict.fromkeys(data, next(iter(patterns.values()), below))} | found.get(
        "properties", {}
    )
    if not patterns and not below:
        places = found.get("properties", {})
    unknown = [key for key in data if key not in places]
    return unknown + [
        k for key in data if key in places for k in _unknown(data[key], places[key], whole)
    ]
