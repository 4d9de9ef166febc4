"""Judges lab 1e: queues for two network printers, who may use them, and one printer of its own."""

from __future__ import annotations

import secrets

from graders.facts.departments import JoinedForNow, LeftAgain, MembersOf
from graders.facts.paper import CopyWith, Paper, PaperOf
from graders.facts.printing import (
    Cancelled,
    Operation,
    Printed,
    Queue,
    QueueOf,
    SchedulerStarted,
    SchedulerStopped,
    Submission,
)
from runner.check import check, require
from runner.errors import UnreadableOutput
from runner.host import Host
from runner.values import Person, Values
from runner.verdict import Failure

LABELS = "labels"
KEEPS_THE_JOB = {"retry-job", "retry-current-job"}
JOBS = (
    "*: file /var/spool/cups/*",
    "*: file /var/cache/cups/*",
    "*: file /var/log/cups/*",
    "*: file /etc/cups/printers.conf*",
    "floor?: file /srv/spool/*",
)
"""What stays of a job that was printed: server and printer keep it, and note how the queue is."""
COLOUR, BOTH_SIDES, ONE_SIDE = "color-supported", "two-sided-long-edge", "one-sided"
_SILENT = "as the printer likes it: it was told nothing about sides"


@check(guard=True, leaves=(*JOBS, "desk: file /srv/printed"))
def labels_still_print(desk: Host, values: Values) -> None:
    """Shipping prints its labels as before, through the queue that it knows."""
    title, clerk = _title(), values.person("clerk")
    handed = _handed_in(desk, clerk, Printed(title, LABELS))
    if not desk.ask(CopyWith(title)):
        desk.ask(Cancelled(handed.request), user=clerk.login)
        raise Failure(f"{LABELS} takes a job, but nothing comes out of the label printer")


@check(guard=True)
def departments_are_as_they_were(server: Host, values: Values) -> None:
    """On the print server everybody belongs to the department in which they work, and no other."""
    standing = {
        "finance": _logins(values.people("finance")),
        "sales": _logins(values.people("sales")),
        "dispatch": (values.person("clerk").login,),
    }
    found = server.ask(MembersOf(tuple(standing)))
    for (department, members), now in zip(standing.items(), found, strict=True):
        require(
            now == members,
            f"group {department} has the members {_listed(now or ())}, not {_listed(members)}",
            hint="HR keeps the departments: a queue follows them, not the other way round",
        )


@check(points=3, survives_restart=True, leaves=JOBS)
def office_prints(desk: Host, floor1: Host, values: Values) -> None:
    """Anybody in the office prints on the first floor: under their name, and as they ask for it."""
    person, title = values.people("sales")[0], _title()
    job = Printed(title, values.text("main_queue"), options=(f"sides={ONE_SIDE}",))
    paper = _printed(desk, floor1, person, job)
    require(
        paper.sides == ONE_SIDE,
        f"{person.login} asked for one side; the job came out {paper.sides or _SILENT}",
        hint="does the queue know what its printer can do?",
    )


@check(points=2, after=office_prints, leaves=JOBS)
def default_is_the_printer_for_everybody(desk: Host, floor1: Host, values: Values) -> None:
    """Who names no printer gets the one on the first floor, on any PC of the office."""
    person, expected, job = (
        values.people("finance")[1],
        values.text("main_queue"),
        Printed(_title()),
    )
    handed = _handed_in(desk, person, job, where="no queue in particular")
    if handed.queue != expected:
        desk.ask(Cancelled(handed.request), user=person.login)
        raise Failure(
            f"a job of {person.login} without a queue's name goes to {handed.queue}, "
            f"not to {expected}",
            hint="one default for all PCs is the server's to know",
        )
    _came_out(desk, floor1, person, job, handed)


@check(points=2, after=office_prints, leaves=JOBS)
def paper_is_saved(desk: Host, floor1: Host, values: Values) -> None:
    """Unless somebody asks for one side, the first floor prints on both, turned along the edge."""
    person = values.people("sales")[1]
    paper = _printed(desk, floor1, person, Printed(_title(), values.text("main_queue")))
    require(
        paper.sides == BOTH_SIDES,
        f"a job of {person.login} without a wish came out {paper.sides or _SILENT}",
        hint="defaults can stand on the server's queue or in one account's own settings",
    )


@check(points=2)
def clients_know_what_the_printers_can_do(desk: Host, server: Host, values: Values) -> None:
    """A PC learns from the server whether a printer does colour and both sides."""
    main = _queue(desk, server, values.text("main_queue"), COLOUR, "sides-supported")
    cheques = _queue(desk, server, values.text("cheque_queue"), COLOUR, "sides-supported")
    require(
        main.text(COLOUR) == "true" and BOTH_SIDES in main.texts("sides-supported"),
        f"{values.text('main_queue')} offers {_offered(main)}; its printer does both",
        hint="what does the queue use as a driver?",
    )
    require(
        cheques.text(COLOUR) == "false" and BOTH_SIDES not in cheques.texts("sides-supported"),
        f"{values.text('cheque_queue')} offers {_offered(cheques)}; its printer does neither",
        hint="which printer is behind this queue?",
    )


@check(points=1)
def queues_say_where_and_what(desk: Host, server: Host, values: Values) -> None:
    """Each queue tells people in which room its printer stands and what it is for."""
    for kind in ("main", "cheque"):
        name = values.text(f"{kind}_queue")
        queue = _queue(desk, server, name, "printer-location", "printer-info")
        for attribute, what in (("location", "location"), ("info", "description")):
            found = queue.text(f"printer-{attribute}").strip()
            expected = values.text(f"{kind}_{what}")
            require(found == expected, f"{name} has the {what} {found!r}, not {expected!r}")


@check(points=1)
def queues_outlast_a_fault(desk: Host, server: Host, values: Values) -> None:
    """When a printer fails, its job is tried again and the queue does not stop."""
    for name in (values.text("main_queue"), values.text("cheque_queue")):
        policy = _queue(desk, server, name, "printer-error-policy").text("printer-error-policy")
        require(
            policy in KEEPS_THE_JOB,
            f"after an error {name} does this: {policy}",
            hint="each queue has a policy of its own, taken from the server's when it is made",
        )


@check(points=3, survives_restart=True, leaves=JOBS)
def finance_prints_cheques(desk: Host, floor2: Host, values: Values) -> None:
    """Finance prints on the cheque printer, without being asked for a password."""
    person = values.people("finance")[0]
    _printed(desk, floor2, person, Printed(_title(), values.text("cheque_queue")))


@check(points=3, after=finance_prints_cheques, leaves=JOBS)
def others_are_refused(desk: Host, values: Values) -> None:
    """Nobody else prints on the cheque printer: the server says that it is not allowed."""
    name = values.text("cheque_queue")
    for person in (*values.people("sales"), values.person("clerk")):
        answer = desk.ask(Printed(_title(), name), user=person.login)
        if answer.request:
            desk.ask(Cancelled(answer.request), user=person.login)
            raise Failure(f"{person.login}, who is not in finance, may print on {name}")
        require(
            answer.forbidden,
            f"{person.login} is told {answer.refused!r}, not that it is not allowed",
        )


@check(
    points=2,
    after=others_are_refused,
    disruptive=True,
    leaves=(*JOBS, "server: file /etc/group-", "server: file /etc/gshadow-"),
)
def cheques_follow_the_department(
    desk: Host,
    server: Host,
    floor2: Host,
    values: Values,
) -> None:
    """Who joins finance prints cheques from then on, without anybody touching the printer."""
    joining = values.people("sales")[1]
    problem = server.ask(JoinedForNow(joining.login, "finance"))
    if problem:
        raise UnreadableOutput(f"{joining.login} cannot be put into finance: {problem}")
    try:
        job = Printed(_title(), values.text("cheque_queue"))
        answer = desk.ask(job, user=joining.login)
        require(
            answer.request,
            f"{joining.login} joined finance and is still refused: {answer.refused}",
            hint="is the queue open to people or to a department?",
        )
        _came_out(desk, floor2, joining, job, answer)
    finally:
        server.ask(LeftAgain(joining.login, "finance"))


@check(points=2, after=office_prints, survives_restart=True)
def guests_are_kept_out(desk: Host, server: Host, values: Values) -> None:
    """From the guests' network nobody prints, whoever they say they are."""
    person, address = values.people("sales")[0], server.address["guests"]
    answer = desk.ask(Printed(_title(), values.text("main_queue"), address), user=person.login)
    if answer.request:
        desk.ask(Cancelled(answer.request), user=person.login)
        raise Failure(
            f"a laptop in the guests' network prints on {answer.queue}",
            hint="the server has a card in each of two networks",
        )


@check(points=3, after=labels_still_print, leaves=("server: file /etc/cups/ssl/*",))
def administration_needs_a_password(desk: Host, server: Host, values: Values) -> None:
    """Nobody changes a queue from their PC without proving that they are an administrator."""
    person, address = values.people("sales")[0], server.address["office"]
    for operation in ("CUPS-Accept-Jobs", "CUPS-Add-Modify-Printer"):
        for name in (person.login, "root"):
            # On a queue that accepts jobs already, and without a change: nothing is different if
            # it succeeds.
            answer = desk.ask(Operation(address, LABELS, operation, name))
            require(
                not answer.startswith("successful"),
                f"a PC of the office that says it is {name} may do {operation}, "
                "without any password",
                hint="there is a web page for it, but it is not the only way in",
            )
            require(
                answer != "client-error-not-found" and answer.startswith("client-error"),
                f"asked for {operation} on {LABELS}, the server answers {answer}",
            )


@check(points=1)
def old_queue_is_gone(desk: Host, server: Host, values: Values) -> None:
    """The scrapped printer's queue is no longer there to be chosen, nor are the jobs in it."""
    queue = desk.ask(QueueOf(server.address["office"], values.text("old_queue"), ("printer-name",)))
    require(
        not queue.exists,
        queue.problem or f"{values.text('old_queue')} can still be chosen from any PC",
    )


@check(
    points=3,
    survives_restart=True,
    disruptive=True,
    leaves=(*JOBS, "server: file /etc/cups/classes.conf*"),
)
def dispatch_prints_on_its_own(
    ws: Host,
    server: Host,
    floor1: Host,
    values: Values,
) -> None:
    """With the print server down, the dispatch desk's PC prints on the first floor by itself."""
    clerk, expected, job = values.person("clerk"), values.text("direct_queue"), Printed(_title())
    units = server.ask(SchedulerStopped())
    try:
        handed = _handed_in(ws, clerk, job, where="no queue in particular on ws, the server down")
        if handed.queue != expected:
            ws.ask(Cancelled(handed.request), user=clerk.login)
            raise Failure(f"a job on ws goes to {handed.queue}, not to {expected}")
        _came_out(ws, floor1, clerk, job, handed)
    finally:
        server.ask(SchedulerStarted(units))


def _title() -> str:
    """A name for a job that no other job has."""
    return f"grading-{secrets.token_hex(6)}"


def _printed(pc: Host, printer: Host, person: Person, job: Printed) -> Paper:
    """What comes out of `printer` for a job that `person` hands in at `pc`."""
    return _came_out(pc, printer, person, job, _handed_in(pc, person, job))


def _handed_in(pc: Host, person: Person, job: Printed, *, where: str = "") -> Submission:
    answer = pc.ask(job, user=person.login)
    require(answer.request, f"{person.login} prints on {where or job.queue}: {answer.refused}")
    return answer


def _came_out(pc: Host, printer: Host, person: Person, job: Printed, handed: Submission) -> Paper:
    paper = printer.ask(PaperOf(job.title))
    if paper is None:
        pc.ask(Cancelled(handed.request), user=person.login)
        raise Failure(
            f"{handed.queue} takes a job of {person.login}; nothing comes out on {printer.name}",
            hint="lpstat -t on the server tells how the queue is; its error_log tells more",
        )
    require(
        paper.owner == person.login,
        f"a job of {person.login} came out under the name of {paper.owner}",
    )
    return paper


def _queue(pc: Host, server: Host, name: str, *attributes: str) -> Queue:
    queue = pc.ask(QueueOf(server.address["office"], name, attributes))
    require(not queue.problem, f"{name} cannot be looked up from a PC: {queue.problem}")
    return queue


def _offered(queue: Queue) -> str:
    colour = "colour" if queue.text(COLOUR) == "true" else "no colour"
    sides = "both sides" if BOTH_SIDES in queue.texts("sides-supported") else "one side only"
    return f"{colour} and {sides}"


def _logins(people: tuple[Person, ...]) -> tuple[str, ...]:
    return tuple(sorted(person.login for person in people))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
