"""Draws the results that a run has kept, by a Python that has matplotlib.

Its arguments: the file of results, and the image to write.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
# The same results make the same file: nothing in it is drawn by lot, and no time stands in it.
mpl.rcParams["svg.hashsalt"] = "bench"
import matplotlib.pyplot as plt  # noqa: E402 - after the choice of what to draw with

OURS, FLOOR, PEER = "#1f6f8b", "#9aa5b1", "#d9a441"
GROWING = (
    ("start", "ready", "Start: seconds until all are ready"),
    ("grade", "graded", "Grade: seconds until all are graded"),
    ("stop", "stopped", "Stop: seconds until all are gone"),
)

kept, image = sys.argv[1:]
sections: dict[str, dict[str, dict[str, Any]]] = {
    section["name"]: {line["key"]: line for line in section["lines"] if line["samples"]}
    for section in json.loads(Path(kept).read_text(encoding="utf-8"))["sections"]
}


def bars(axes: Any, section: str, what: str) -> None:
    """Medians of what was measured of several, with a stroke up to the 95th percentile."""
    lines = [line for line in sections.get(section, {}).values() if line["what"] == what]
    axes.set_title(what.capitalize(), loc="left", fontsize=10)
    for number, line in enumerate(lines):
        ours, floor = line["who"].startswith("lab"), line["who"].startswith(("floor", "SDK"))
        colour = OURS if ours else FLOOR if floor else PEER
        axes.barh(number, line["median"], color=colour)
        axes.plot([line["median"], line["p95"]], [number, number], color="black", linewidth=1)
    axes.set_yticks(range(len(lines)), [line["who"] for line in lines], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("seconds (bar: median, stroke: to p95)", fontsize=8)


def growth(axes: Any, each: str, whole: str, title: str) -> None:
    """How one verb grows with the number of those who call it at the same moment."""
    found = sections.get("class", {})
    sizes = sorted(int(key.rpartition("-")[2]) for key in found if key.startswith(f"{each}-"))
    axes.set_title(title, loc="left", fontsize=10)
    for key, part, name, style in (
        (whole, "median", "all", "-"),
        (each, "p95", "each, p95", "--"),
        (each, "median", "each, p50", ":"),
    ):
        heights = [found[f"{key}-{size}"][part] for size in sizes if f"{key}-{size}" in found]
        axes.plot(sizes[: len(heights)], heights, style, marker="o", color=OURS, label=name)
    floor = found.get("floor")
    if each == "start" and floor:
        axes.plot(sizes, [3 * size * floor["median"] for size in sizes], color=FLOOR, label="floor")
    axes.set_xlabel("sessions at once", fontsize=8)
    axes.legend(fontsize=8, frameon=False)
    axes.set_ylim(bottom=0)


figure, rows = plt.subplots(2, 3, figsize=(15, 7.5), layout="constrained")
bars(rows[0][0], "start", "start, 3 hosts")
bars(rows[0][1], "start", "stop, 3 hosts")
bars(rows[0][2], "grade", "grade, again, whole process")
for place, (each, whole, title) in zip(rows[1], GROWING, strict=True):
    growth(place, each, whole, title)
for axes in figure.axes:
    axes.spines[["top", "right"]].set_visible(False)
figure.savefig(image, metadata={"Date": None})
