"""What people author, read: the only door to YAML and its templates."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from runner.errors import AuthoringError

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    M = TypeVar("M", bound=BaseModel)

_SIZE_LIMIT = 1 << 20
_DEPTH_LIMIT = 32
_TEMPLATE = "<template>"
"""What Jinja calls a template that came from no file."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def render(template: str, values: Mapping[str, Any], *, file: Path, line: int | None = 1) -> str:
    """`template` filled with `values`; AuthoringError names file and line of a fault.

    Undefined names are errors; `{##` starts a comment: `${#x}` is shell. `line` is where in the
    file the template begins, None if that is not known.
    """
    if not any(mark in template for mark in ("{{", "{%", "{##")):
        return template
    from jinja2 import TemplateError

    try:
        return _compiled(template).render(values)
    except Exception as error:  # noqa: BLE001 - a template may raise whatever Python can
        expected = isinstance(error, TemplateError)
        known = ", ".join(sorted(values)) or "none"
        raise AuthoringError(
            f"template: {error}" if str(error) else f"template: {type(error).__name__}",
            file=file,
            line=None if line is None else line + _line_in(error) - 1,
            remedy=f"names that exist here: {known}" if expected else "",
        ) from None


@lru_cache(maxsize=1024)
def _compiled(template: str) -> Template:
    """A template ready to be filled; each is, for many seeds, when a lab is read."""
    return _environment().from_string(template)


@cache
def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    # Sandboxed: labs may come from outside, and a template must not run the author's code on the
    # instructor's machine.
    return SandboxedEnvironment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        comment_start_string="{##",
        comment_end_string="##}",
        autoescape=False,
    )


@dataclass(frozen=True)
class Source:
    """An authored YAML file, which knows where in it something stands."""

    path: Path
    text: str

    @classmethod
    def of(cls, path: Path) -> Source:
        """The file at `path`."""
        return cls(path, read_text(path))

    def fit(self, form: type[M]) -> M:
        """What it holds as `form`; AuthoringError names file, line, key and what is allowed."""
        fitted: M = _fitted(self, form)
        return fitted

    def wrong(self, message: str, *at: str | int, remedy: str = "") -> AuthoringError:
        """The error that something is wrong with the key or item at this place."""
        return AuthoringError(
            message, file=self.path, line=line_of(self.text, at) if at else None, remedy=remedy
        )

    def begins(self, *at: str | int) -> int | None:
        """The line on which the text at this place begins: a block begins below its key."""
        node = self._tree
        for step in at:
            found = _child(node, step)
            if found is None:
                return None
            _, node = found
        block = getattr(node, "style", None) in ("|", ">")
        return int(node.start_mark.line) + (2 if block else 1)

    @cached_property
    def _tree(self) -> Any:
        return _composed(self.text)


@lru_cache(maxsize=256)
def _fitted(source: Source, form: type[BaseModel]) -> Any:
    """What was read is frozen, and read again for every seed that is drawn."""
    return fit(plain(source.text, source.path), form, source.path, source.text)


@lru_cache(maxsize=64)
def _composed(text: str) -> Any:
    return yaml.compose(text, Loader=_Loader)


def read_text(path: Path) -> str:
    """The text of an authored file."""
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise AuthoringError(
                f"is larger than {_SIZE_LIMIT} bytes; a text file was expected", file=path
            )
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise AuthoringError(f"cannot be read: {error.strerror}", file=path) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise AuthoringError(
            f"is not UTF-8 text (byte {error.start})", file=path, line=line
        ) from None


def read(path: Path, form: type[M]) -> M:
    """The file as `form`; AuthoringError names file, line, key and what is allowed."""
    return Source.of(path).fit(form)


def plain(text: str, path: Path) -> Any:
    """The YAML `text` as plain lists and dicts; a key given twice is an error."""
    try:
        _refuse_depth(text, path)
        loader = _Loader(text)
        node = loader.get_single_node()
        _refuse_repeats(node, path, set())
        return None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise AuthoringError(
            f"is not valid YAML: {problem}", file=path, line=mark.line + 1 if mark else None
        ) from None


def fit(data: Any, form: type[M], path: Path, text: str) -> M:
    """`data`, read from `text`, as `form`."""
    from pydantic import ValidationError

    if not isinstance(data, dict):
        found = "nothing" if data is None else _sort_of(data)
        raise AuthoringError(f"holds {found}; keys and values were expected", file=path, line=1)
    try:
        return form.model_validate(data)
    except ValidationError as error:
        raise _explained(error, form, data, Source(path, text)) from None


def line_of(text: str, location: tuple[str | int, ...]) -> int | None:
    """The line on which the key or item at `location` stands in the YAML `text`."""
    node = _composed(text)
    line = None
    for step in location:
        found = _child(node, step)
        if found is None:
            break
        line, node = found
    return line


def _line_in(error: Exception) -> int:
    """The line of the template at which the error happened."""
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace is not None and not line:
        if trace.tb_frame.f_code.co_filename == _TEMPLATE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line or 1


def _refuse_depth(text: str, path: Path) -> None:
    """The fast loader calls itself for each level and takes the whole program down with it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEPTH_LIMIT:
            raise AuthoringError(f"is nested deeper than {_DEPTH_LIMIT} levels", file=path)


def _refuse_repeats(node: Any, path: Path, seen: set[int]) -> None:
    # An alias is the same node again: looked at once, however often it is named.
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in keys and key.value != "<<":
                    raise AuthoringError(
                        f"key {key.value!r} is given twice", file=path, line=key.start_mark.line + 1
                    )
                keys.add(key.value)
            _refuse_repeats(value, path, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeats(item, path, seen)


def _child(node: Any, step: str | int) -> tuple[int, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None


def _explained(
    error: ValidationError, form: type[BaseModel], data: Any, source: Source
) -> AuthoringError:
    problems = error.errors(include_url=False)
    # A misspelt key is both unknown and missing: the first says more.
    first = next((one for one in problems if one["type"] == "extra_forbidden"), problems[0])
    at = _place(first, data)
    # Where a value may be of several sorts, each sort complains; the one that nearly fits knows
    # best what is wrong.
    alike = [one for one in problems if _place(one, data)[: len(at)] == at]
    worst = next((one for one in (first, *alike) if one["type"] not in _SORTS), first)
    at = _place(worst, data)
    key = ".".join(str(part) for part in at)
    if worst["type"] == "extra_forbidden":
        allowed = _allowed(form, at[:-1])
        near = difflib.get_close_matches(str(at[-1]), allowed, n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        return source.wrong(
            f"unknown key {key!r}{guess}", *at, remedy=f"allowed: {', '.join(allowed)}"
        )
    if worst["type"] == "missing":
        return source.wrong(f"key {key!r} is missing", *at)
    found = worst["input"]
    shown = f"found: {found!r:.80}" if isinstance(found, str | int | float) else ""
    if worst["type"] == "value_error":
        said = worst["msg"].removeprefix("Value error, ")
        return source.wrong((key and f"{key}: ") + said + (shown and f" ({shown})"), *at)
    same = [one for one in alike if _place(one, data) == at] if worst["type"] in _SORTS else [worst]
    wanted = " or ".join(dict.fromkeys(_wanted(one) for one in same))
    what = "name" if worst["loc"][-1] == "[key]" else key
    return source.wrong(
        f"{what}: {wanted} was expected ({shown or f'found: {_sort_of(found)}'})", *at
    )


_SORTS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
}


def _wanted(problem: ErrorDetails) -> str:
    bounds = problem.get("ctx", {})
    match problem["type"]:
        case kind if kind in _SORTS:
            return _SORTS[kind]
        case "greater_than_equal":
            return f"at least {bounds['ge']}"
        case "less_than_equal":
            return f"at most {bounds['le']}"
        case "too_short":
            return f"at least {bounds['min_length']}"
        case "string_pattern_mismatch":
            return f"text that matches {bounds['pattern'].strip('^$')}"
        case _:
            return problem["msg"].removeprefix("Input should be ")


def _sort_of(found: Any) -> str:
    match found:
        case None:
            return "nothing"
        case dict():
            return "keys and values"
        case list() | tuple():
            return "a list"
        case _:
            return repr(found)[:80]


def _place(problem: ErrorDetails, data: Any) -> tuple[str | int, ...]:
    """Where in the data the problem lies: without the names of sorts that pydantic puts between."""
    found: list[str | int] = []
    location = tuple(problem["loc"])
    for number, step in enumerate(location):
        inside = isinstance(data, Sequence) and isinstance(step, int) and step < len(data)
        if inside or (isinstance(data, Mapping) and step in data):
            data = data[step]
        elif not (problem["type"] == "missing" and number == len(location) - 1):
            continue
        found.append(step)
    return tuple(found)


def _allowed(form: Any, location: tuple[str | int, ...]) -> list[str]:
    """The keys of the model in which the unknown key stood."""
    from typing import get_args

    from pydantic import BaseModel as Model

    here: Any = form
    for step in location:
        if isinstance(here, type) and issubclass(here, Model) and str(step) in here.model_fields:
            here = here.model_fields[str(step)].annotation
        else:
            here = next((a for a in get_args(here)[::-1] if a is not type(None)), here)
    models = [here, *get_args(here)]
    for model in models:
        if isinstance(model, type) and issubclass(model, Model):
            return sorted(model.model_fields)
    return []
