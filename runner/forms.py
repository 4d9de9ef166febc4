"""What authors write, as models: unknown keys are refused and every error names its key."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

CODE = re.compile(r"^(?:[1-9]|[1-9][0-9])[a-z]$")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,14}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Code = Annotated[str, StringConstraints(pattern=CODE.pattern)]
Size = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*M$")]


class Form(BaseModel):
    """Strict, immutable and closed: a misspelt key is an error, not an option ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class NetworkForm(Form):
    """One network segment. Public ones get addresses outside the private ranges."""

    title: str
    public: bool = False


class HostForm(Form):
    """One host. Every text may be a template over the lab's values and the world's addresses.

    `networks` maps each network to the host's number on it (the last part of the address), first
    one eth0. `gateway` names the host through which everything else is reached. `dns` names the
    host that resolves names; without it only the names in /etc/hosts are known. `administered`
    hosts are the apprentice's to change: they are restarted where a check must survive that.
    `setup` runs once, as root, when the host is first up; it leaves no copy in the host. `ready`
    must succeed before the world is handed over.
    """

    title: str
    image: Name
    init: Literal["systemd", "none"] = "none"
    command: str = "sleep infinity"
    networks: dict[Name, Annotated[int, Field(ge=2, le=254)] | str]
    gateway: Name | None = None
    dns: Name | None = None
    administered: bool = False
    caps: list[Literal["NET_ADMIN", "NET_RAW", "SYS_NICE", "SYS_ADMIN"]] = []
    devices: list[str] = []
    sysctls: dict[str, str] = {}
    memory: Size = "128M"
    pids: Annotated[int, Field(ge=32, le=4096)] = 256
    login: str = "root"
    setup: str = ""
    ready: str = ""
    ready_within: Annotated[int, Field(ge=1, le=120)] = 30


class ScenarioForm(Form):
    """`scenario.yaml`: a world."""

    title: str
    names: Literal["hosts", "none"] = "hosts"
    domain: str = ""
    networks: Annotated[dict[Name, NetworkForm], Field(min_length=1)]
    hosts: Annotated[dict[Name, HostForm], Field(min_length=1)]


class ValueForm(Form):
    """One drawn value: exactly one of the kinds, and what may be said with it."""

    fixed: Any = None
    choice: list[Any] | None = None
    sample: list[Any] | None = None
    count: Annotated[int, Field(ge=1)] = 1
    number: tuple[int, int] | None = Field(default=None, strict=False)
    password: Annotated[int, Field(ge=8, le=64)] | None = None
    token: Annotated[int, Field(ge=4, le=64)] | None = None
    person: bool | None = None
    people: Annotated[int, Field(ge=1, le=100)] | None = None
    company: bool | None = None
    text: str | None = None
    secret: bool = False
    found_in: list[str] = []

    @property
    def kind(self) -> str:
        """The kind that was given."""
        return next(k for k in KINDS if getattr(self, k) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> ValueForm:
        given = [k for k in KINDS if getattr(self, k) is not None]
        if len(given) != 1:
            listed = ", ".join(given) or "none"
            raise ValueError(f"give exactly one of {', '.join(KINDS)} (found: {listed})")
        return self

    @model_validator(mode="after")
    def _can_be_drawn(self) -> ValueForm:
        if self.choice is not None and not self.choice:
            raise ValueError("choice: at least one option was expected, the list is empty")
        if self.sample is not None and self.count > len(self.sample):
            raise ValueError(f"count: {self.count} of {len(self.sample)} options cannot be drawn")
        if self.number is not None and self.number[0] > self.number[1]:
            raise ValueError(f"number: [low, high] was expected, not {list(self.number)}")
        if self.person is False or self.company is False:
            raise ValueError("person, company: 'true' was expected; leave the value out instead")
        return self


KINDS = (
    "fixed",
    "choice",
    "sample",
    "number",
    "password",
    "token",
    "person",
    "people",
    "company",
    "text",
)


class AssessmentForm(Form):
    """What is said of an assessment; what is not said stays as it was.

    `attempts` is how often somebody may begin one. `wait` is how many minutes lie between the end
    of one and the next. `pass_mark` is how many percent of the points demonstrate the competency;
    what must stay true has to, whatever it is. `feedback` is what a grading says before it is
    handed in: which standards hold, or nothing. `keep_world` is when the world is frozen before it
    is removed: where it is not demonstrated, as it may be disputed then, or always, or never.
    """

    attempts: Annotated[int, Field(ge=1, le=100)] | None = None
    wait: Annotated[int, Field(ge=0, le=43_200)] | None = None
    pass_mark: Annotated[int, Field(ge=1, le=100)] | None = None
    feedback: Literal["standards", "nothing"] | None = None
    keep_world: Literal["not_yet", "always", "never"] | None = None


class LabForm(Form):
    """`lab.yaml`: a task for one competency.

    `hosts` are those of the scenario that it starts, all if not given. `setup` is what the task
    adds to the setup of some of them: a template, run as root after the host's own. `assessment`
    is what holds of this lab where the class has no rule of its own.
    """

    title: str
    competency: Code
    scenario: str
    workstation: Name
    minutes: Annotated[int, Field(ge=5, le=480)]
    hosts: list[Name] | None = None
    setup: dict[Name, str] = {}
    values: dict[Word, ValueForm | str | int | list[str]] = {}
    assessment: AssessmentForm = AssessmentForm()


class AttemptForm(Form):
    """`attempt.yaml`: a way to do the job, right or wrong, that CI plays.

    `fails` names the checks that must come out FAILED; `fails_after_restart` those that hold until
    the hosts are restarted. A wrong attempt is usually a right one (`based_on`) with steps left
    out (`without`) or replaced (a script with the same step name in its own folder).
    `flips` says of a solution which checks, guards too, do not pass where the step is left out;
    `flips_after_restart` the same of steps without which all holds until the hosts are restarted.
    `stops` names, for a step, the later one that does not run through without it.
    `apart` names what is not made in the same world: wrong attempts, and steps that are left out;
    of a solution, its steps that have a world of their own when they are left out.
    """

    title: str
    solution: bool = False
    based_on: Word | None = None
    without: list[Word] = []
    fails: list[Word] = []
    fails_after_restart: list[Word] = []
    flips: dict[Word, list[Word]] = {}
    flips_after_restart: dict[Word, list[Word]] = {}
    stops: dict[Word, Word] = {}
    apart: list[Word] = []

    @model_validator(mode="after")
    def _right_or_wrong(self) -> AttemptForm:
        named = bool(self.fails or self.fails_after_restart)
        if self.solution and named:
            raise ValueError("a solution fails no check: remove 'fails' or 'solution'")
        if not self.solution and not named:
            raise ValueError("a wrong attempt names the checks that must fail: give 'fails'")
        if self.fails and self.fails_after_restart:
            raise ValueError(
                "the hosts are restarted only when everything holds: give 'fails' or "
                "'fails_after_restart'"
            )
        steps = {
            "flips": self.flips.keys(),
            "flips_after_restart": self.flips_after_restart.keys(),
            "stops": self.stops.keys(),
        }
        said = [key for key, named in steps.items() if named]
        if said and not self.solution:
            raise ValueError(f"{said[0]!r} is said of a solution: what needs which of its steps")
        for one, other in combinations(said, 2):
            if twice := sorted(steps[one] & steps[other]):
                raise ValueError(
                    f"step {twice[0]} stands under {one!r} and under {other!r}; without it checks "
                    "fail at once, or only after a restart, or a later step does not run through"
                )
        return self


class NamesForm(Form):
    """`names.yaml`: the stock of names."""

    given: list[str]
    family: list[str]
    companies: list[str]
