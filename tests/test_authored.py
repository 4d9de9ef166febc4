"""What authors get wrong is told with file, line and what is allowed: pairs of both in golden/.

A pair is one text file: the wrong file as it would stand in a house (`=== path`), and the exact
message (`=== says`). Everything else of the house is the trial house.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import authored, catalogue, imagespec, validation
from runner.errors import AuthoringError
from runner.forms import AttemptForm, ScenarioForm

HOUSE = Path(__file__).parent / "house"
PAIRS = sorted((Path(__file__).parent / "golden" / "authoring").glob("*.txt"))
PART = re.compile(r"^=== (.+)\n", re.MULTILINE)


def parts(pair: Path) -> dict[str, str]:
    _, *found = PART.split(pair.read_text(encoding="utf-8"))
    return dict(zip(found[::2], found[1::2], strict=True))


def read_all(root: Path) -> None:
    for lab in catalogue.labs(root):
        validation.read(lab, validation.SEEDS)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of one's own, so far right."""
    return shutil.copytree(HOUSE, tmp_path / "house", ignore=shutil.ignore_patterns("__pycache__"))


def test_the_trial_house_is_right(house: Path) -> None:
    read_all(house)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.stem)
def test_what_is_wrong_is_told_with_its_place(pair: Path, house: Path) -> None:
    files = parts(pair)
    says = files.pop("says")
    for name, text in files.items():
        (house / name).parent.mkdir(parents=True, exist_ok=True)
        if text == "(gone)\n":
            (house / name).unlink()
        else:
            (house / name).write_text(text, encoding="utf-8")
    with pytest.raises(AuthoringError) as caught:
        read_all(house)
    told = f"{caught.value}\n{caught.value.remedy}".strip()
    assert told.replace(f"{house}/", "") == says.strip()


def test_an_image_that_nobody_can_build_is_told(house: Path) -> None:
    path = house / "scenarios" / "pair" / "scenario.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("image: base", "image: bsae", 1))
    with pytest.raises(AuthoringError) as caught:
        read_all(house)
    assert str(caught.value) == f"{path}:9: hosts.web.image: there is no 'bsae'"
    assert caught.value.remedy == f"there are: {', '.join(imagespec.names())}"


def test_there_is_a_pair_for_every_message() -> None:
    assert len(PAIRS) > 50


def test_a_file_that_is_not_utf8_is_told_with_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_bytes(b"title: one\ncompetency: 9a\nscenario: \xe9\n")
    with pytest.raises(AuthoringError) as caught:
        authored.read(path, AttemptForm)
    assert str(caught.value) == f"{path}:3: is not UTF-8 text (byte 36)"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "brief.md"
    path.write_bytes(b"x" * (1 << 20) + b"y")
    with pytest.raises(AuthoringError) as caught:
        authored.read_text(path)
    assert str(caught.value) == f"{path}: is larger than 1048576 bytes; a text file was expected"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AuthoringError) as caught:
        authored.read_text(tmp_path / "brief.md")
    assert str(caught.value) == f"{tmp_path}/brief.md: cannot be read: No such file or directory"


@pytest.mark.parametrize("text", ["[" * 200_000, "a: " * 2, "{" * 200_000, "- " * 100_000 + "x"])
def test_no_nesting_is_too_deep_to_be_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(AuthoringError):
        authored.plain(text, tmp_path / "lab.yaml")


def test_aliases_that_multiply_take_no_time(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    with pytest.raises(AuthoringError, match="unknown key 'a0'"):
        authored.fit(
            authored.plain("\n".join(lines), tmp_path),
            AttemptForm,
            tmp_path / "attempt.yaml",
            "\n".join(lines),
        )


def test_a_list_that_holds_itself_is_told(tmp_path: Path) -> None:
    text = "title: a\nfails: &f [*f]\n"
    with pytest.raises(AuthoringError, match=r"fails\.0: text was expected"):
        authored.fit(authored.plain(text, tmp_path), AttemptForm, tmp_path, text)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_whatever_is_written_is_told_to_be_no_scenario(text: str) -> None:
    path = Path("scenario.yaml")
    with pytest.raises(AuthoringError, match=r"^scenario\.yaml"):
        authored.fit(authored.plain(text, path), ScenarioForm, path, text)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "image", "networks"]), inside, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(ScenarioForm.model_fields)), ANY)
def test_whatever_stands_at_a_key_it_fits_or_is_told(key: str, value: object) -> None:
    data = {"title": "t", "networks": {"a": {"title": "a"}}, "hosts": {"h": {}}, key: value}
    path = Path("scenario.yaml")
    with pytest.raises(AuthoringError) as caught:
        authored.fit(data, ScenarioForm, path, "")
    assert "  " not in str(caught.value) or "  " in str(value)


def render(template: str, **values: object) -> str:
    return authored.render(template, values, file=Path("brief.md"))


def test_templates_are_filled() -> None:
    assert render("{{ a }}-{{ b[0] }}", a=1, b=["x"]) == "1-x"


def test_shell_text_is_left_alone() -> None:
    text = "echo ${#PATH} ${x%%.*} {# no comment #} $((1 << 2))\n"
    assert render(text) == text
    assert render(text + "{{ a }}", a=1) == text + "1"


def test_comments_for_authors_are_taken_out() -> None:
    assert render("a{## why ##}b") == "ab"


def test_blocks_leave_no_empty_lines_and_the_last_newline_stays() -> None:
    text = "{% for x in xs %}\n  {% if x %}\n- {{ x }}\n  {% endif %}\n{% endfor %}\nend\n"
    assert render(text, xs=[1, 0, 2]) == "- 1\n- 2\nend\n"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ x.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ x|attr('__class__') }}",
        "{{ '{0.__class__}'.format(x) }}",
        "{% for i in range(10**9) %}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ 1/0 }}",
        "{{ lipsum.__globals__['os'] }}",
    ],
)
def test_a_template_gets_at_nothing_but_its_values(attack: str) -> None:
    with pytest.raises(AuthoringError, match=r"^brief.md:1: template: "):
        render(attack, x="value")


@pytest.mark.parametrize(
    ("template", "line"),
    [("{{ a }}\n\n{{ b }}", 3), ("x\n{% for a in b %}\n{% endfor %}", 2), ("\n{% if %}", 2)],
)
def test_the_line_is_that_of_the_fault_within_the_file(template: str, line: int) -> None:
    with pytest.raises(AuthoringError) as caught:
        render(template, a="a")
    assert caught.value.where == f"brief.md:{line}"


def test_a_block_begins_below_its_key_and_a_plain_text_beside_it() -> None:
    source = authored.Source(Path("x"), "a: one\nb: |\n  two\nc:\n  three\nd:\n- e: >-\n    four\n")
    assert [source.begins(*at) for at in [("a",), ("b",), ("c",), ("d", 0, "e"), ("z",)]] == [
        1,
        3,
        5,
        8,
        None,
    ]
