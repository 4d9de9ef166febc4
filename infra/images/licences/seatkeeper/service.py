"""What the server does with each request, without any socket: one `Caller` for each connection."""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from os import urandom
from pathlib import Path

from . import licence, options, seats
from .protocol import NOTE, Line, Malformed, Reply, line
from .seats import Refusal, Register, Seat

EACH = 32
"""How many seats one connection may hold."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

OK = line("OK")


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything lies."""

    host_id: Path
    licences: Path
    options: Path
    vendors: Path
    state: Path


@dataclass
class Caller:
    """Who is at the other end of a connection, and which seats they hold by it."""

    administrator: bool = False
    user: str = ""
    host: str = ""
    handles: set[int] = field(default_factory=set)


class Service:
    """The licence service. `log` hears what happens, a line at a time."""

    def __init__(
        self,
        places: Places,
        log: Callable[[str], None],
        *,
        now: Callable[[], float] = time.time,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Raises options.Unreadable: nobody is let in by options that could not be read."""
        self.register = Register()
        self._places, self._log, self._now, self._today = places, log, now, today
        self._owners: dict[int, Caller] = {}
        self._for_all: Mapping[str, Callable[[Caller, Line], Reply]] = {
            "HELLO": self._hello,
            "CHECKOUT": self._checkout,
            "CHECKIN": self._checkin,
            "RESUME": self._resume,
            "BEAT": self._beat,
            "STATUS": self._status,
        }
        self._for_administrators: Mapping[str, Callable[[Caller, Line], Reply]] = {
            "REMOVE": self._remove,
            "REREAD": self._reread_on_request,
        }
        remarks = self._reread()
        for remark in remarks:
            log(remark)
        self._recall()

    @property
    def requests(self) -> frozenset[str]:
        """The words with which a request may begin."""
        return frozenset({*self._for_all, *self._for_administrators})

    def answer(self, caller: Caller, request: Line) -> Reply:
        """The reply to one request; raises Malformed."""
        self.tick()
        known = self._for_administrators.get(request.word)
        if known is not None and not caller.administrator:
            return _refused("NOT-ALLOWED")
        known = known or self._for_all.get(request.word)
        if known is None:
            raise Malformed(f"{request.word} is no request")
        return known(caller, request)

    def gone(self, caller: Caller) -> None:
        """A connection ended: what was not given back lingers."""
        for handle in sorted(caller.handles):
            self._owners.pop(handle, None)
            seat = self.register.lose(handle, self._now())
            if seat is not None:
                self._note("LOST", seat)
        if caller.handles:
            self._keep()
        caller.handles.clear()

    def tick(self) -> None:
        """What time brings: seats that have lingered long enough, licences that lapse."""
        self.register.shelf = licence.on(self.register.shelf, self._today())
        lapsed = self.register.lapse(self._now())
        for seat in lapsed:
            self._note("FREED", seat)
        if lapsed:
            self._keep()

    def _hello(self, caller: Caller, request: Line) -> Reply:
        caller.user, caller.host = _name(request, "user"), _name(request, "host")
        return Reply(OK)

    def _checkout(self, caller: Caller, request: Line) -> Reply:
        feature = _name(request, "feature")
        if not caller.user:
            raise Malformed("CHECKOUT before HELLO")
        if len(caller.handles) >= EACH:
            return _refused(Refusal.LIMIT)
        token = urlsafe_b64encode(b"\0" + urandom(14)).decode().rstrip("=")
        taken = self.register.take(feature, caller.user, caller.host, token, self._now())
        if isinstance(taken, Refusal):
            self._log(f"DENIED {feature} {caller.user}@{caller.host} ({taken})")
            return _refused(taken)
        self._give(caller, taken)
        self._note("OUT", taken)
        self._keep()
        return Reply(_granted(taken, self.register))

    def _checkin(self, caller: Caller, request: Line) -> Reply:
        handle = request.number("handle")
        if handle not in caller.handles:
            return _refused("NO-SUCH-SEAT")
        caller.handles.discard(handle)
        self._owners.pop(handle, None)
        seat = self.register.give_back(handle)
        if seat is None:
            return _refused("NO-SUCH-SEAT")
        self._note("IN", seat)
        self._keep()
        return Reply(OK)

    def _resume(self, caller: Caller, request: Line) -> Reply:
        seat = self.register.resume(request.number("handle"), request.get("token"))
        if seat is None or len(caller.handles) >= EACH:
            return _refused("NO-SUCH-SEAT")
        caller.user, caller.host = seat.user, seat.host
        self._give(caller, seat)
        self._note("BACK", seat)
        self._keep()
        return Reply(_granted(seat, self.register))

    def _give(self, caller: Caller, seat: Seat) -> None:
        """A seat is held by one connection: by the last one that proved to be its client."""
        before = self._owners.get(seat.handle)
        if before is not None:
            before.handles.discard(seat.handle)
        self._owners[seat.handle] = caller
        caller.handles.add(seat.handle)

    def _beat(self, caller: Caller, _: Line) -> Reply:
        lost = sorted(one for one in caller.handles if one not in self.register.held)
        caller.handles.difference_update(lost)
        for handle in lost:
            self._owners.pop(handle, None)
        return Reply(OK, tuple(line("LOST", handle=one) for one in lost))

    def _remove(self, _: Caller, request: Line) -> Reply:
        seat = self.register.give_back(request.number("handle"))
        if seat is None:
            return _refused("NO-SUCH-SEAT")
        self._note("REMOVED", seat)
        self._keep()
        return Reply(OK)

    def _reread_on_request(self, _: Caller, __: Line) -> Reply:
        try:
            remarks = self._reread()
        except options.Unreadable as error:
            self._log(f"REREAD failed: {error}")
            return Reply(line("NO", code="UNREADABLE"), (_remark(str(error)),))
        self._log("REREAD")
        for remark in remarks:
            self._log(remark)
        return Reply(OK, tuple(map(_remark, remarks)))

    def _reread(self) -> tuple[str, ...]:
        """Take up licences and options anew, both or neither."""
        places = self._places
        settled = options.read(places.options)
        try:
            host_id = places.host_id.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            host_id = ""
        shelf = licence.read(places.licences, host_id, places.vendors, self._today())
        self.register.shelf, self.register.options = shelf, settled
        return shelf.remarks

    def _status(self, _: Caller, __: Line) -> Reply:
        register = self.register
        taken = register.taken()
        found = []
        for name in register.features:
            one = register.shelf.best.get(name)
            found.append(
                line(
                    "FEATURE",
                    name=name,
                    seats=one.seats if one else 0,
                    used=taken.get(name, 0),
                    expires=one.expires if one else None,
                    fault=register.fault(name),
                    linger=register.options.lingers.get(name),
                )
            )
            found += [
                line(
                    "SEAT",
                    feature=name,
                    handle=seat.handle,
                    user=seat.user,
                    host=seat.host,
                    since=int(seat.since),
                    lost=None if seat.lost is None else int(seat.lost),
                )
                for seat in register.of(name)
            ]
        return Reply(OK, tuple(found))

    def _recall(self) -> None:
        """The seats as they were when the server stopped."""
        try:
            text = self._places.state.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            self._log(f"the seats of before cannot be read: {error}")
            return
        try:
            seats.recalled(self.register, text, self._now())
        except ValueError as error:
            self._log(f"the seats of before cannot be read: {error}")

    def _keep(self) -> None:
        """Write the seats down, so that a restart does not lose them."""
        state = self._places.state
        draft = state.with_name(f"{state.name}.new")
        try:
            draft.write_text(seats.written(self.register), encoding="utf-8")
            draft.replace(state)
        except OSError as error:
            self._log(f"the seats cannot be written down: {error}")

    def _note(self, what: str, seat: Seat) -> None:
        self._log(f"{what} {seat.feature} {seat.user}@{seat.host} [{seat.handle}]")


def _granted(seat: Seat, register: Register) -> Line:
    one = register.shelf.best.get(seat.feature)
    return line(
        "OK",
        handle=seat.handle,
        token=seat.token,
        expires=one.expires if one else None,
    )


def _refused(code: str) -> Reply:
    return Reply(line("NO", code=code))


def _remark(text: str) -> Line:
    return line(NOTE, text=text)


def _name(request: Line, field_: str) -> str:
    text = request.get(field_)
    if not _WORD.fullmatch(text):
        raise Malformed(f"{field_}= is no name")
    return text
