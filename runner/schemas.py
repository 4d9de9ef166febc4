"""JSON Schemas of what authors write, from the models: editors complete and check by them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from runner.errors import UsageError
from runner.forms import AttemptForm, LabForm, NamesForm, ScenarioForm
from runner.framework import FrameworkForm
from runner.printable import one_line
from runner.rules import RosterForm

FORMS: Mapping[str, type[BaseModel]] = {
    "lab": LabForm,
    "scenario": ScenarioForm,
    "attempt": AttemptForm,
    "framework": FrameworkForm,
    "names": NamesForm,
    "roster": RosterForm,
}
"""The YAML files that have one, by name without `.yaml`."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CODE = re.compile(r"`([^`]*)`")


def schema(name: str) -> dict[str, Any]:
    """The schema of `NAME.yaml`; UsageError lists those there are."""
    form = FORMS.get(name.removesuffix(".yaml"))
    if form is None:
        raise UsageError(
            f"There is no schema {one_line(name, 40)!r}.", remedy=f"There are: {', '.join(FORMS)}."
        )
    found = form.model_json_schema()
    for one in (found, *found.get("$defs", {}).values()):
        _explain(one)
    return {"$schema": _DIALECT, **found, "title": f"{name.removesuffix('.yaml')}.yaml"}


def text(name: str) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def folder(root: Path) -> Path:
    """Where the schemas of a house stand."""
    return root / "schemas"


def file_name(name: str) -> str:
    """What the file of a schema is called."""
    return f"{name}.schema.json"


def write(root: Path) -> tuple[Path, ...]:
    """Write all schemas to their folder below `root`; the files."""
    folder(root).mkdir(parents=True, exist_ok=True)
    paths = []
    for name in FORMS:
        path = folder(root) / file_name(name)
        path.write_text(text(name), encoding="utf-8")
        paths.append(path)
    return tuple(paths)


def _explain(found: dict[str, Any]) -> None:
    """Say of each key what its model's docstring says of it; refuse keys that fit no pattern."""
    sentences = re.split(r"(?<=\.)\s+", found.get("description", ""))
    for name, field in found.get("properties", {}).items():
        field.pop("title", None)  # the key again, with a capital
        said = [one for one in sentences if name in _CODE.findall(one)]
        if said and "description" not in field:
            field["description"] = " ".join(" ".join(said).split())
        if "patternProperties" in field:
            field.setdefault("additionalProperties", False)
    if "description" in found:
        found["description"] = found["description"].partition("\n\n")[0]
