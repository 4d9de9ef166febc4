"""The labs there are: found by looking into the folders, listed nowhere."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path
from types import ModuleType

import graders
from runner import attempt, authored, imagespec, places, scenario
from runner.attempt import Attempt
from runner.check import Check, checks_of
from runner.errors import AuthoringError, LabError, UnknownCode
from runner.forms import LabForm, NamesForm, ScenarioForm, ValueForm
from runner.scenario import Scenario
from runner.values import Declaration, Names, Values, draw

_FUNCTION = re.compile(r"^jf(?P<number>[1-9][0-9]?)_[a-z0-9_]+$")
_LETTER = re.compile(r"^(?P<letter>[a-z])_[a-z0-9_]+$")
_PACKAGE = Path(graders.__file__).parent
_HINT = re.compile(r"^## .*$", re.MULTILINE)


@dataclass(frozen=True)
class Lab:
    """A task for one competency. Cheap to make: what it holds is read when it is asked for."""

    code: str
    folder: Path
    root: Path

    @cached_property
    def form(self) -> LabForm:
        """`lab.yaml`, checked against the folder's name and the scenario's hosts."""
        source = self._source
        form = source.fit(LabForm)
        if form.competency != self.code:
            raise source.wrong(
                f"competency is {form.competency!r}, but the folder's name says {self.code!r}",
                "competency",
            )
        if not (self.scenario_folder_of(form) / "scenario.yaml").is_file():
            there = sorted(p.parent.name for p in (self.root / "scenarios").glob("*/scenario.yaml"))
            raise source.wrong(
                f"there is no scenario {form.scenario!r}",
                "scenario",
                remedy=f"there are: {', '.join(there)}",
            )
        return form

    @property
    def title(self) -> str:
        """The line on the ticket."""
        return self.form.title

    @property
    def workstation(self) -> str:
        """The host on which the apprentice sits."""
        return self.form.workstation

    @cached_property
    def scenario_form(self) -> ScenarioForm:
        """The world as written; AuthoringError where lab and scenario do not fit."""
        found = scenario.form_of(self.scenario_folder_of(self.form), imagespec.names())
        chosen = self.form.hosts or list(found.hosts)
        named = [
            *((("hosts", number), name) for number, name in enumerate(self.form.hosts or ())),
            (("workstation",), self.workstation),
            *((("setup", name), name) for name in self.form.setup),
            *(
                (("values", value, "found_in", number), place.partition(":")[0])
                for value, form in self.form.values.items()
                if isinstance(form, ValueForm)
                for number, place in enumerate(form.found_in)
            ),
        ]
        for at, name in named:
            if name not in found.hosts:
                raise self._source.wrong(
                    f"there is no host {name!r} in scenario {self.form.scenario}",
                    *at,
                    remedy=f"there are: {', '.join(found.hosts)}",
                )
            if name not in chosen:
                raise self._source.wrong(
                    f"host {name!r} is not among the hosts of this lab",
                    *at,
                    remedy=f"hosts names: {', '.join(chosen)}",
                )
        scenario.refuse_stray_files(self.folder / "files", chosen)
        return found

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of the hosts that this lab starts."""
        return tuple(n for n in self.scenario_form.hosts if n in (self.form.hosts or (n,)))

    @property
    def networks(self) -> Mapping[str, bool]:
        """The networks that this lab starts, and whether each is public."""
        used = {n for name in self.hosts for n in self.scenario_form.hosts[name].networks}
        return {n: net.public for n, net in self.scenario_form.networks.items() if n in used}

    @property
    def images(self) -> tuple[str, ...]:
        """The images that this lab needs."""
        return tuple(dict.fromkeys(self.scenario_form.hosts[name].image for name in self.hosts))

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        """The authored attempts, solutions first."""
        return attempt.read_attempts(self.folder / "attempts", self.hosts)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The grader's checks, in its order; AuthoringError where they do not fit the lab."""
        path = self.grader_file
        if not path.is_file():
            raise AuthoringError("there is no grader for this lab: it belongs here", file=path)
        try:
            module = _module(path)
        except LabError:
            raise
        except SyntaxError as error:
            where, line = error.filename or path, error.lineno
            raise AuthoringError(f"SyntaxError: {error.msg}", file=where, line=line) from None
        except (Exception, SystemExit) as error:  # noqa: BLE001 - authors' code may raise anything
            line = _line_in(error, path)
            raise AuthoringError(f"{type(error).__name__}: {error}", file=path, line=line) from None
        found = checks_of(module)
        if not found:
            raise AuthoringError("defines no check", file=path)
        for one in found:
            self._refuse_misfit(one, found)
        return found

    @property
    def grader_file(self) -> Path:
        """Where the judgement stands."""
        below = Path(self.folder.parent.name) / f"{self.folder.name}.py"
        own = self.root / "graders" / below
        packaged = _PACKAGE / below
        return packaged if packaged.is_file() and not own.is_file() else own

    @cached_property
    def revision(self) -> str:
        """A fingerprint of what a running world was built from: task values and scenario."""
        found = hashlib.sha256((self.folder / "lab.yaml").read_bytes())
        for folder in (self.folder / "files", self.scenario_folder_of(self.form)):
            found.update(scenario.digest(folder).encode())
        return found.hexdigest()[:16]

    @property
    def grader_revision(self) -> str:
        """A fingerprint of the grader and of the facts it can ask."""
        found = hashlib.sha256(self.grader_file.read_bytes())
        for path in sorted((self.grader_file.parents[1] / "facts").glob("*.py")):
            found.update(path.read_bytes())
        return found.hexdigest()[:16]

    def values(self, seed: int) -> Values:
        """What this seed draws."""
        own = self.root / "labs" / "names.yaml"
        # An employer's labs need bring no names of their own.
        stock = own if own.is_file() else places.house() / "labs" / "names.yaml"
        names = authored.read(stock, NamesForm)
        source = self._source
        begins = {
            form.text: source.begins("values", name, "text")
            for name, form in self.form.values.items()
            if isinstance(form, ValueForm) and form.text
        }
        declared = {name: _declared(form) for name, form in self.form.values.items()}
        return draw(
            declared,
            seed,
            Names(tuple(names.given), tuple(names.family), tuple(names.companies)),
            lambda template, drawn: authored.render(
                template, drawn, file=source.path, line=begins[template]
            ),
        )

    def world(self, values: Values, subnets: Mapping[str, IPv4Network]) -> Scenario:
        """The lab's world with everything filled in."""
        folder, form = self.scenario_folder_of(self.form), self.form
        addition = scenario.Addition(self.folder / "files", form.setup, self._source)
        return scenario.read(folder, values, subnets, form.hosts, addition)

    def brief(self, values: Values, world: Scenario) -> str:
        """The ticket, as Markdown."""
        return self._page("brief.md", values, world)

    def hints(self, values: Values, world: Scenario) -> tuple[str, ...]:
        """The hints, each more concrete than the last."""
        parts = _HINT.split(self._page("hints.md", values, world))[1:]
        return tuple(part.strip() for part in parts)

    def scenario_folder_of(self, form: LabForm) -> Path:
        """Where the world of `form` stands."""
        return self.root / "scenarios" / form.scenario

    def _refuse_misfit(self, check: Check, checks: tuple[Check, ...]) -> None:
        for host in check.hosts:
            if host not in self.hosts:
                raise AuthoringError(
                    f"check {check.name} asks for {host!r}, which is no host of this lab",
                    file=check.file,
                    line=check.line,
                    remedy=f"hosts are: {', '.join(self.hosts)}; values is reserved",
                )
        for other in check.after:
            if other not in checks:
                raise AuthoringError(
                    f"check {check.name} comes after {other.name}, which is not in this grader",
                    file=check.file,
                    line=check.line,
                )

    @cached_property
    def _source(self) -> authored.Source:
        return authored.Source.of(self.folder / "lab.yaml")

    def _page(self, name: str, values: Values, world: Scenario) -> str:
        path = self.folder / name
        return authored.render(authored.read_text(path), world.context(values), file=path)


def labs(root: Path) -> Iterator[Lab]:
    """Every lab below `root`, by code."""
    found = []
    for path in (root / "labs").glob("jf*_*/*_*/lab.yaml"):
        function = _FUNCTION.match(path.parent.parent.name)
        own = _LETTER.match(path.parent.name)
        if function and own:
            found.append((int(function["number"]), own["letter"], path.parent))
    for number, letter, folder in sorted(found):
        yield Lab(code=f"{number}{letter}", folder=folder, root=root)


def find(code: str, root: Path) -> Lab:
    """The lab for a competency; UnknownCode names the nearest."""
    there = {lab.code: lab for lab in labs(root)}
    if code.lower() in there:
        return there[code.lower()]
    near = difflib.get_close_matches(code.lower(), there, n=3, cutoff=0.4) or list(there)
    raise UnknownCode(
        f"there is no lab {code!r}", remedy=f"nearest: {', '.join(near)}; ./lab list shows all"
    )


def _declared(form: ValueForm | str | int | list[str]) -> Declaration:
    if not isinstance(form, ValueForm):
        return Declaration("fixed", form)
    return Declaration(
        form.kind,  # type: ignore[arg-type]
        getattr(form, form.kind),
        count=form.count,
        secret=form.secret,
        found_in=tuple(form.found_in),
    )


def _module(path: Path) -> ModuleType:
    """The grader at `path`: ours by its name, one of an employer's folder by its place."""
    if path.is_relative_to(_PACKAGE):
        return importlib.import_module(f"graders.{path.parent.name}.{path.stem}")
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError("this is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look up their own module
    spec.loader.exec_module(module)
    return module


def _line_in(error: BaseException, path: Path) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
