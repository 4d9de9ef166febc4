"""A small learning record store: real HTTP on this machine, wrong in the ways that stores are."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Shelf:
    """What a store has and was asked. `broken` is a status that it answers to everything."""

    url: str = ""
    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    voided: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, dict[str, str], int]] = field(default_factory=list)
    strict: bool = False
    """It refuses whatever it has already, equal or not, as some stores do."""
    most: int = 10**9
    """Bytes that it takes at once."""
    broken: int = 0
    text: bytes = b""
    elsewhere: str = ""
    mute: bool = False
    drips: bool = False
    over: Event = field(default_factory=Event)

    @property
    def batches(self) -> list[int]:
        """How many statements came with each POST."""
        return [count for verb, _, _, count in self.asked if verb == "POST"]


class _Handler(BaseHTTPRequestHandler):
    shelf: Shelf

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Says nothing."""

    def do_POST(self) -> None:
        """Take statements, all or none."""
        data = self.rfile.read(int(self.headers["Content-Length"]))
        found = json.loads(data)
        self.shelf.asked.append(("POST", self.path, _lower(self.headers), len(found)))
        if self._is_wrong():
            return
        if len(data) > self.shelf.most:
            self._say(413, b"too much")
            return
        there = [one for one in found if one["id"] in self.shelf.statements]
        if any(self.shelf.strict or plain(one) != plain(self.shelf.statements[one["id"]])
               for one in there):  # fmt: skip
            self._say(409, b"conflict")
            return
        for one in found:
            added = {"stored": "2026-03-02T12:00:00.000Z", "version": "1.0.0"}
            self.shelf.statements.setdefault(one["id"], one | added)
        self._say(200, json.dumps([one["id"] for one in found]).encode())

    def do_GET(self) -> None:
        """Give one statement."""
        self.shelf.asked.append(("GET", self.path, _lower(self.headers), 0))
        if self._is_wrong():
            return
        ((name, (id,)),) = parse_qs(urlsplit(self.path).query).items()
        if id not in self.shelf.statements or (id in self.shelf.voided) != (name != "statementId"):
            self._say(404, b"none")
            return
        self._say(200, json.dumps(self.shelf.statements[id]).encode())

    def _is_wrong(self) -> bool:
        if self.shelf.mute:
            self.shelf.over.wait(30)
        elif self.shelf.drips:
            self.send_response(400)
            self.end_headers()
            while not self.shelf.over.wait(0.02):
                self.wfile.write(b".")
                self.wfile.flush()
        elif self.shelf.broken:
            self._say(self.shelf.broken, self.shelf.text)
        return bool(self.shelf.mute or self.shelf.drips or self.shelf.broken)

    def _say(self, status: int, text: bytes) -> None:
        self.send_response(status)
        if self.shelf.elsewhere:
            self.send_header("Location", self.shelf.elsewhere)
        self.end_headers()
        self.wfile.write(text)

    def handle(self) -> None:
        """Serve; whoever asked may have gone meanwhile."""
        try:
            super().handle()
        except OSError:
            return


@contextmanager
def record_store(certificate: Path | None = None) -> Iterator[Shelf]:
    """A store that runs, with TLS where there is a certificate (and its key, in one file)."""
    shelf = Shelf()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"shelf": shelf}))
    server.daemon_threads = True
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        scheme = "https"
    shelf.url = f"{scheme}://127.0.0.1:{server.server_port}/xapi/"
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield shelf
    finally:
        shelf.over.set()
        server.shutdown()
        server.server_close()
        serving.join()


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def plain(one: dict[str, Any]) -> dict[str, Any]:
    """A statement without what a store adds."""
    return {name: value for name, value in one.items() if name not in {"stored", "version"}}
