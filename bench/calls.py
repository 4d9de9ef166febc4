"""A profile of what the engine was asked, and how long it took to answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from bench.ground import Bench

if TYPE_CHECKING:
    from requests import Response

_NAMES = re.compile(r"/(containers|networks|images|exec)/(?!json|create)[^/?]+")
_VERSION = re.compile(r"^https?://|^http\+docker://[^/]+|/v[0-9.]+(?=/)")
MOST = 12
"""So many kinds of calls are told, the longest first."""


def counted(bench: Bench, work: Callable[[], object]) -> Sequence[tuple[str, float]]:
    """The calls that `work` makes: "3 x POST /containers/*/start" and the seconds of all three."""
    seen: dict[str, list[float]] = {}
    lock = Lock()

    def heard(response: Response, *_: object, **__: object) -> None:
        name = f"{response.request.method} {_kind(str(response.request.path_url))}"
        with lock:
            seen.setdefault(name, []).append(response.elapsed.total_seconds())

    hooks: dict[str, list[Any]] = bench.engine.api.hooks
    hooks["response"].append(heard)
    try:
        work()
    finally:
        hooks["response"].remove(heard)
    longest = sorted(seen.items(), key=lambda item: -sum(item[1]))
    return [(f"{len(took)} x {name}", sum(took)) for name, took in longest[:MOST]]


def _kind(url: str) -> str:
    path = _VERSION.sub("", url.partition("?")[0])
    return _NAMES.sub(r"/\1/*", path)
