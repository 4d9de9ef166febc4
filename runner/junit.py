"""The findings of a validation as JUnit XML, which every CI shows.

A test suite for each lab; in it a test case for each trial and for each proof that is about the lab
as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from xml.etree import ElementTree as ET

from runner.findings import Found, Problem, Proof
from runner.printable import one_line, printable

LAB_PROOFS = (
    Proof.PAPER,
    Proof.SEED,
    Proof.RESTART,
    Proof.STEP,
    Proof.CHECK,
    Proof.BUDGET,
)
"""The proofs that are about a lab as a whole: from reading it, or from all its trials together."""
PAPER_PROOFS = (Proof.PAPER, Proof.SEED, Proof.RESTART)
"""Those of them for which a lab need only be read."""
_TEXT_LIMIT = 20_000


def junit(
    labs: Mapping[str, str],
    found: Sequence[Found],
    problems: Mapping[str, Sequence[Problem]],
    proofs: Iterable[Proof] = LAB_PROOFS,
) -> bytes:
    """The file: `labs` has titles by code, `problems` those of each lab as a whole.

    `proofs` are those that were held against the labs as a whole, so that a proof which was stood
    shows as well; one that has a problem shows in any case.
    """
    held = tuple(proofs)
    root = ET.Element("testsuites", name="lab validate")
    for code, title in labs.items():
        own = [one for one in found if one.trial.code == code]
        root.append(_suite(code, title, own, problems.get(code, ()), held))
    _sum_up(root, tuple(root), sum(one.seconds for one in found if one.trial.code in labs))
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(
    code: str,
    title: str,
    found: Sequence[Found],
    problems: Sequence[Problem],
    proofs: tuple[Proof, ...],
) -> ET.Element:
    suite = ET.Element("testsuite", name=one_line(f"{code} {title}"))
    for proof in dict.fromkeys(chain(proofs, (one.proof for one in problems))):
        own = [one for one in problems if one.proof is proof]
        suite.append(_case(code, str(proof), own, 0.0))
    for one in found:
        name = str(one.trial).removeprefix(f"{code} ")
        suite.append(_case(code, name, one.problems, one.seconds))
    _sum_up(suite, tuple(suite), sum(one.seconds for one in found))
    return suite


def _case(code: str, name: str, problems: Sequence[Problem], seconds: float) -> ET.Element:
    case = ET.Element("testcase", classname=code, name=one_line(name), time=f"{seconds:.3f}")
    if problems:
        # One for each case: some readers take the first and leave the others out.
        failure = ET.SubElement(
            case,
            "failure",
            type=", ".join(dict.fromkeys(str(one.proof) for one in problems)),
            message=one_line(str(problems[0])),
        )
        failure.text = printable("\n".join(map(str, problems)), _TEXT_LIMIT)
    return case


def _sum_up(above: ET.Element, inner: Sequence[ET.Element], seconds: float) -> None:
    """Count the cases below; readers want these numbers and do not count themselves."""
    cases = [case for one in inner for case in one.iter("testcase")]
    above.set("tests", str(len(cases)))
    above.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    above.set("errors", "0")
    above.set("skipped", "0")
    above.set("time", f"{seconds:.3f}")
