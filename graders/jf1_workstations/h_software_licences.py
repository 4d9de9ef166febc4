"""Judges lab 1h: seats that people get or do not, what is installed where, and a report of it."""

from __future__ import annotations

from collections.abc import Iterator

from graders.facts.backup import Noted
from graders.facts.licences import (
    GRANTED,
    Asker,
    LicenceStatus,
    SeatsAsked,
    Status,
    in_words,
)
from graders.facts.packages import Installed
from graders.facts.programs import Started
from graders.facts.table import TableFile
from runner.check import check, require
from runner.host import Host
from runner.values import Values

REPORT = "/root/report.csv"
COLUMNS = ("product", "bought", "installed", "expires", "denied")
LEDGER = "/root/ledger"
LONGEST, SHORTEST = 3600, 600
"""Seconds that a lost seat may stay taken, and that it has to."""
SEATED = ("licences: file /var/lib/seats/*",)
"""What stays of a seat that was taken and given back: the server writes down its last number."""
COMES_BACK = 5
"""Seconds that a client takes to find its seat again when the server was restarted."""


@check(guard=True, within=COMES_BACK)
def work_goes_on(desk: Host, licences: Host, values: Values) -> None:
    """Whoever is at work with a program keeps the seat they have."""
    status = _status(desk, licences)
    for asker in _at_work(values):
        seats = [one for one in status.seats if (one.user, one.host) == (asker.user, asker.host)]
        require(
            any(one.feature == values.text("drawing") and not one.lost for one in seats),
            f"{asker.user}, who was at work with {values.text('drawing')}, has no seat any more",
            hint="what they were doing is lost: ./lab reset brings the day back",
        )


@check(guard=True)
def other_licence_stands(desk: Host, licences: Host, values: Values) -> None:
    """What was licensed properly stays so, as it was."""
    feature = values.text("drawing")
    found = _status(desk, licences).of(feature)
    seats, (expires,) = values.number("drawing_seats"), desk.ask(Noted(f"{LEDGER}/{feature}"))
    require(
        (found.seats, found.expires) == (seats, expires),
        f"{feature} is licensed for {found.seats} seats until {found.expires or 'never'}; "
        f"it was for {seats} until {expires}",
    )


@check(guard=True)
def strangers_stay_out(desk: Host, licences: Host, values: Values) -> None:
    """Who is not in the department gets no seat of the department's program."""
    stranger = values.people("staff")[5].login
    _require_barred(desk, licences, values, "drawing", stranger, "is not in the department and")


@check(guard=True)
def what_was_paid_for_works(ws: Host, licences: Host, pc1: Host, pc2: Host, values: Values) -> None:
    """Every program that may be on a machine, and was, is still on it and works."""
    machines = {host.name: host for host in (ws, licences, pc1, pc2)}
    counted = values.text("counted")
    for program, names in (
        (counted, _entitled(values, "counted")),
        (values.text("scanned"), _entitled(values, "scanned")),
        (f"{counted}-viewer", ("ws", "pc1", "pc2")),
        (values.text("drawing"), values.texts("drawing_on")),
        (values.text("rendering"), values.texts("rendering_on")),
    ):
        for name in names:
            run = machines[name].ask(Started(program, ("--version",)))
            require(run.ok, f"on {name}, {program} does not work any more: {run.last}")


@check(points=3, leaves=SEATED)
def stuck_seat_is_free(desk: Host, licences: Host, values: Values) -> None:
    """The seat that nobody sat on any more is free, and who needed it works again."""
    person, feature = values.people("staff")[3], values.text("drawing")
    old, new = (values["notebooks"][number] for number in (3, 4))
    status = _status(desk, licences)
    require(
        not any((one.user, one.host) == (person.login, f"nb-{old}") for one in status.seats),
        f"a PC that is gone still has a seat of {feature}",
        hint="`seats stat` on the server shows who has which",
    )
    (answer,) = _ask(desk, licences, feature, Asker(person.login, f"nb-{new}"))
    require(
        answer == GRANTED,
        f"{person.login} asks for a seat of {feature} at a new PC and {in_words(answer)}",
    )


@check(points=2, survives_restart=True)
def lost_seats_come_back(desk: Host, licences: Host, values: Values) -> None:
    """A seat whose PC is gone is free by itself within an hour, and not before ten minutes."""
    status = _status(desk, licences)
    for feature in (values.text("drawing"), values.text("rendering")):
        linger = status.of(feature).linger
        said = "for good" if linger is None else f"for {linger} seconds"
        require(
            linger is not None and SHORTEST <= linger <= LONGEST,
            f"a seat of {feature} whose PC is gone stays taken {said}",
            hint="the options of the server settle it, once it has read them",
        )


@check(points=3, survives_restart=True, leaves=SEATED)
def renewal_is_loaded(desk: Host, licences: Host, values: Values) -> None:
    """The renewed program is licensed as it was renewed: seats, days and all."""
    feature, person = values.text("rendering"), values.people("staff")[0].login
    (answer,) = _ask(desk, licences, feature, Asker(person, _elsewhere(values)))
    require(
        answer == GRANTED,
        f"{person} asks for a seat of {feature} and {in_words(answer)}",
        hint="the server says what it makes of each licence file",
    )
    found = _status(desk, licences).of(feature)
    seats, (expires,) = values.number("renewed_seats"), desk.ask(Noted(f"{LEDGER}/{feature}"))
    require(
        (found.seats, found.expires) == (seats, expires),
        f"{feature} is licensed for {found.seats} seats until {found.expires}: that is not what "
        "was renewed",
    )


@check(points=2, after=stuck_seat_is_free, survives_restart=True, leaves=SEATED)
def newcomer_may(desk: Host, licences: Host, values: Values) -> None:
    """Who is new in the department gets a seat of its program."""
    person, feature = values.people("staff")[4].login, values.text("drawing")
    (answer,) = _ask(desk, licences, feature, Asker(person, _elsewhere(values)))
    require(answer == GRANTED, f"{person} asks for a seat of {feature} and {in_words(answer)}")


@check(points=2, after=renewal_is_loaded, survives_restart=True)
def leaver_may_not(desk: Host, licences: Host, values: Values) -> None:
    """Who has left gets no seat of anything, not even if all are free."""
    for feature in ("drawing", "rendering"):
        login = values.person("leaver").login
        _require_barred(desk, licences, values, feature, login, "has left us and")


@check(points=3, after=renewal_is_loaded, disruptive=True, leaves=SEATED)
def a_seat_is_kept(desk: Host, licences: Host, values: Values) -> None:
    """A seat is always there for whom it is kept, however many want one; all others are used."""
    feature, seats = values.text("rendering"), values.number("renewed_seats")
    staff, chief = values.people("staff"), values.person("chief").login
    crowd = [Asker(staff[n % len(staff)].login, _elsewhere(values)) for n in range(seats)]
    *answers, last = _ask(desk, licences, feature, *crowd, Asker(chief, _elsewhere(values)))
    granted = answers.count(GRANTED)
    require(
        granted == seats - 1,
        f"of {seats} seats of {feature}, others than {chief} get {granted} at a time",
        hint="one of them is to be kept, no more",
    )
    require(
        last == GRANTED,
        f"when all others have theirs, {chief} asks for a seat of {feature} and {in_words(last)}",
    )


@check(points=3)
def first_product_is_where_it_is_licensed(
    ws: Host, licences: Host, pc1: Host, pc2: Host, values: Values
) -> None:
    """One product that is licensed by machine is on those it is licensed for, and on no others."""
    _require_removed((ws, licences, pc1, pc2), values, "counted")


@check(points=2)
def second_product_is_where_it_is_licensed(
    ws: Host, licences: Host, pc1: Host, pc2: Host, values: Values
) -> None:
    """The other product that is licensed by machine is where it was moved to, and nowhere else."""
    _require_removed((ws, licences, pc1, pc2), values, "scanned")


@check(points=2)
def report_says_what_was_bought(ws: Host, values: Values) -> None:
    """The report says how many seats or machines may be used of each product."""
    _require_column(
        ws,
        values,
        "bought",
        str(values.number("drawing_seats")),
        str(values.number("renewed_seats")),
        str(len(_entitled(values, "counted"))),
        str(len(_entitled(values, "scanned"))),
    )


@check(points=2)
def report_counts_installations(ws: Host, values: Values) -> None:
    """The report says on how many machines each product is installed."""
    _require_column(
        ws,
        values,
        "installed",
        str(len(values.texts("drawing_on"))),
        str(len(values.texts("rendering_on"))),
        str(len(_entitled(values, "counted"))),
        str(len(_entitled(values, "scanned"))),
    )


@check(points=2)
def report_says_what_ends_when(ws: Host, desk: Host, values: Values) -> None:
    """The report says until when each licence is good."""
    (drawing,) = desk.ask(Noted(f"{LEDGER}/{values.text('drawing')}"))
    (rendering,) = desk.ask(Noted(f"{LEDGER}/{values.text('rendering')}"))
    _require_column(ws, values, "expires", drawing, rendering, "never", "never")


@check(points=2)
def report_counts_denials(ws: Host, values: Values) -> None:
    """The report says how often there were too few seats of each product."""
    _require_column(
        ws,
        values,
        "denied",
        str(values.number("denied_drawing")),
        str(values.number("denied_rendering")),
        "0",
        "0",
    )


def _at_work(values: Values) -> Iterator[Asker]:
    for word in values.text("at_work").split():
        user, _, host = word.partition("@")
        yield Asker(user, host)


def _elsewhere(values: Values) -> str:
    """A notebook at which nobody is at work."""
    return f"nb-{values['notebooks'][5]}"


def _entitled(values: Values, product: str) -> tuple[str, ...]:
    """The machines that a product is licensed for."""
    number = values.number("counted_number") if product == "counted" else 1
    return values.texts(f"{product}_on")[:number]


def _status(desk: Host, licences: Host) -> Status:
    status = desk.ask(LicenceStatus(licences.address["office"]))
    require(
        not status.silent,
        "no licence server answers on licences",
        hint="is the service running, and will it be after a restart?",
    )
    return status


def _ask(desk: Host, licences: Host, feature: str, *askers: Asker) -> tuple[str, ...]:
    return desk.ask(SeatsAsked(licences.address["office"], feature, askers))


def _require_barred(
    desk: Host, licences: Host, values: Values, feature: str, login: str, why: str
) -> None:
    name = values.text(feature)
    (answer,) = _ask(desk, licences, name, Asker(login, _elsewhere(values)))
    require(
        answer == "NOT-ALLOWED",
        f"{login} {why} asks for a seat of {name}, and {in_words(answer)}",
        hint="who may not is told so, whether or not a seat is free",
    )


def _require_removed(machines: tuple[Host, ...], values: Values, product: str) -> None:
    name, entitled = values.text(product), _entitled(values, product)
    too_many = [one for one in machines if one.name not in entitled and _has(one, name)]
    require(
        not too_many,
        f"{name} is installed on {len(too_many)} of the four machines without being licensed there",
        hint="follow each licence to the machine that has it now",
    )
    missing = [one for one in machines if one.name in entitled and not _has(one, name)]
    require(not missing, f"{name} is not where it is licensed: {len(missing)} of them lack it")


def _has(host: Host, product: str) -> bool:
    return host.ask(Installed(product)).there


def _require_column(ws: Host, values: Values, column: str, *expected: str) -> None:
    table = ws.ask(TableFile(REPORT, COLUMNS))
    require(table is not None, f"{REPORT} is not on ws")
    if table is None:
        return
    require(not table.problem, f"{REPORT}: {table.problem}")
    for product, right in zip(_products(values), expected, strict=True):
        rows = table.where("product", product)
        require(len(rows) == 1, f"{REPORT} has {len(rows)} lines for {product}; one was expected")
        given = rows[0].cells[column]
        shown = repr(given) if given else "nothing"
        require(
            given.casefold() == right,
            f"{REPORT}, line {rows[0].line}: {shown} as {column!r} of {product} is not what was to "
            "be found",
        )


def _products(values: Values) -> tuple[str, ...]:
    kinds = ("drawing", "rendering", "counted", "scanned")
    return tuple(values.text(kind) for kind in kinds)
