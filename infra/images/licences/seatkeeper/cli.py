"""The two programs: `seatd`, the server, and `seats`, for whoever uses or looks after it."""

from __future__ import annotations

import argparse
import os
import pwd
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from . import licence, options
from .client import Client, Unreachable
from .holding import Claim, Holder
from .protocol import PORT, Line, Reply
from .server import Log, Server
from .service import Places, Service

SETTINGS = Path("/etc/seats")
VENDORS = Path("/usr/local/lib/seatkeeper/vendors")
STATE = Path("/var/lib/seats/state.json")
LOG = Path("/var/log/seats/seatd.log")
CONTROL = Path("/run/seats/control")


def seatd(words: Sequence[str] | None = None) -> int:
    """Serve licences until told to stop."""
    parser = argparse.ArgumentParser(prog="seatd", description="Server of floating licences.")
    parser.add_argument("--settings", type=Path, default=SETTINGS, help="default: %(default)s")
    parser.add_argument("--port", type=int, default=PORT, help="default: %(default)s")
    given = parser.parse_args(words)
    places = Places(
        host_id=given.settings / "hostid",
        licences=given.settings / "licences.d",
        options=given.settings / "options",
        vendors=VENDORS,
        state=STATE,
    )
    log = Log(LOG)
    try:
        service = Service(places, log)
        server = Server(service, address=("0.0.0.0", given.port), control=CONTROL)  # noqa: S104
    except (OSError, options.Unreadable) as error:
        log(f"cannot start: {error}")
        sys.stderr.write(f"seatd: {error}\n")
        return 1
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.append(number))
    log("started")
    server.serve(until=lambda: bool(told))
    server.close()
    log("stopped")
    return 0


def seats(words: Sequence[str] | None = None) -> int:
    """Do what the command line says: 0 done, 1 refused, 2 wrong use, 3 no server."""
    given = _parser().parse_args(words)
    try:
        done: int = given.do(given)
    except Unreachable as error:
        sys.stderr.write(f"seats: {error}\n")
        return 3
    except BrokenPipeError:
        return 1
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="seats", description="Seats of floating licences: look at them, use them, free them."
    )
    parser.add_argument(
        "-s",
        "--server",
        default=os.environ.get("SEATS_SERVER", "licences"),
        metavar="HOST[:PORT]",
        help="default: $SEATS_SERVER or licences",
    )
    every = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, do: object, told: str) -> argparse.ArgumentParser:
        one = every.add_parser(name, help=told, description=told)
        one.set_defaults(do=do)
        return one

    command("stat", _stat, "which seats there are, and who has them")
    check = command("check", _check, "take a seat and give it back at once")
    check.add_argument("feature")
    check.add_argument("--user", default=pwd.getpwuid(os.getuid()).pw_name)
    check.add_argument("--host", default=socket.gethostname())
    hold = command("hold", _hold, "hold seats until ended, as programs do")
    hold.add_argument("feature")
    hold.add_argument("who", nargs="+", metavar="USER@HOST")
    hold.add_argument("--folder", type=Path, required=True, help="remembers the seats, has a log")
    remove = command("remove", _remove, "free a seat by its handle (root, on the server)")
    remove.add_argument("handle", type=int)
    command("reread", _reread, "take up licences and options anew (root, on the server)")
    verify = command("verify", _verify, "whether licence files would count (on the server)")
    verify.add_argument("file", nargs="+", type=Path)
    command(
        "hostid", _host_id, "the id that licences for this machine are made for (on the server)"
    )
    return parser


def _server(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    return host, int(port) if port.isdecimal() else PORT


def _stat(given: argparse.Namespace) -> int:
    with Client(_server(given.server)) as client:
        for one in client.ask("STATUS").before:
            _say(_described(one))
    return 0


def _check(given: argparse.Namespace) -> int:
    with Client(_server(given.server)) as client:
        _done(client.ask("HELLO", user=given.user, host=given.host))
        reply = client.ask("CHECKOUT", feature=given.feature)
        who = f"{given.feature} {given.user}@{given.host}"
        if not reply.ok:
            _say(f"{who}: refused, {reply.code}")
            return 1
        client.ask("CHECKIN", handle=reply.last.number("handle"))
        _say(f"{who}: granted, licence until {reply.last.fields.get('expires', 'unknown')}")
    return 0


def _hold(given: argparse.Namespace) -> int:
    given.folder.mkdir(parents=True, exist_ok=True)
    log = Log(given.folder / "log")
    holders = []
    for who in given.who:
        user, _, host = who.partition("@")
        claim = Claim(given.feature, user, host)
        holders.append(Holder(claim, _server(given.server), given.folder / f"{user}.json", log))
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.append(number))
    wait = 0.0
    while not told:
        open_ones = {one: holder for holder in holders for one in holder.connections}
        heard, _, _ = select.select(list(open_ones), [], [], min(wait, 0.5))
        for one in heard:
            open_ones[one].step(at_once=True)
        wait = min(holder.step() for holder in holders)
    for one in holders:
        one.give_back()
    return 0


def _remove(given: argparse.Namespace) -> int:
    with Client(CONTROL) as client:
        return _done(client.ask("REMOVE", handle=given.handle))


def _reread(_: argparse.Namespace) -> int:
    with Client(CONTROL) as client:
        return _done(client.ask("REREAD"))


def _verify(given: argparse.Namespace) -> int:
    ok = True
    for file in given.file:
        remarks = licence.remarks(file, _own_id(), VENDORS, date.today())  # noqa: DTZ011 - its own day
        ok = ok and all(one.endswith(": ok") for one in remarks)
        for one in remarks:
            _say(one)
    return 0 if ok else 1


def _host_id(_: argparse.Namespace) -> int:
    _say(_own_id() or "none")
    return 0


def _own_id() -> str:
    try:
        return (SETTINGS / "hostid").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _done(reply: Reply) -> int:
    for one in reply.before:
        _say(one.fields.get("text", ""))
    if not reply.ok:
        sys.stderr.write(f"seats: refused, {reply.code}\n")
    return 0 if reply.ok else 1


def _described(one: Line) -> str:
    told = one.fields
    if one.word == "FEATURE":
        until = f"licence until {told['expires']}" if "expires" in told else f"{told.get('fault')}"
        linger = f"{told['linger']} s" if "linger" in told else "until it is removed"
        return (
            f"{told.get('name')}: {told.get('used')} of {told.get('seats')} seats taken, {until}; "
            f"a lost seat lingers {linger}"
        )
    lost = f", LOST since {_moment(told['lost'])}" if "lost" in told else ""
    return (
        f"    {told.get('handle')}  {told.get('user')}@{told.get('host')}"
        f"  since {_moment(told.get('since', ''))}{lost}"
    )


def _moment(seconds: str) -> str:
    if not seconds.isdecimal():
        return "?"
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(int(seconds)))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
