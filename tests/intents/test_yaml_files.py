"""YAML is read in C where that goes: what is taken, and the line that a mistake is said to be in, stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import ruamel.yaml.main
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from intents.yaml_files import BadYaml, read_plain_yaml, read_yaml
from tests.studio.files import GREET, RETURNS

INTENTS = Path(__file__).parents[2] / "intents"
SIGNS = st.sampled_from(
    [*':-{}[]"|>&*!%@`#,? \n\\\x00\x07\u2028\u00e9', "- ", "<<: *a\n", "2026-13-45", "0o17", "yes", "\t"]
)
CHANGES = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 4), SIGNS), min_size=1, max_size=3)


class Mistake(NamedTuple):
    line: int
    said: str


def outcome(read: Callable[[Path], Any], path: Path) -> Any:
    try:
        found = read(path)
    except BadYaml as error:
        return Mistake(error.line, str(error))
    return found, lines_of(found)


def lines_of(found: Any) -> list[object]:
    """Of everything in it but a value that is not there, in order; none of what is read plainly."""
    if isinstance(found, CommentedSeq):
        return [(found.lc.item(at), lines_of(one)) for at, one in enumerate(found)]
    if isinstance(found, CommentedMap):
        return [(found.lc.key(key), one and found.lc.value(key), lines_of(one)) for key, one in found.items()]
    return [type(found).__name__]


def test_it_is_read_in_c_and_gives_pythons_own_types(tmp_path: Path) -> None:
    assert ruamel.yaml.main.CParser is not None, "ruamel.yaml.clib is not installed"
    path = tmp_path / "one.yml"
    path.write_text("\ufeffsaid: [yes, no, off, 010, 1_000, 12:30, ~]\nlines: |\n  a\n  b\n", "utf-8")
    # YAML 1.2: a shopper's "yes" is no truth value
    assert read_plain_yaml(path) == {"said": ["yes", "no", "off", 10, 1000, "12:30", None], "lines": "a\nb\n"}
    assert type(read_plain_yaml(path)) is dict


@pytest.mark.parametrize("read", [read_plain_yaml, read_yaml])
@pytest.mark.parametrize("text", [GREET, RETURNS])
@given(changes=CHANGES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_read_and_the_line_of_a_mistake_are_those_of_the_careful_reader(
    tmp_path: Path, read: Callable[[Path], Any], text: str, changes: list[tuple[int, int, str]]
) -> None:
    for at, removed, put in changes:
        text = text[:at] + put + text[at + removed :]
    path = tmp_path / "changed.yml"
    path.write_text(text, "utf-8", newline="")
    quick = outcome(read, path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ruamel.yaml.main, "CParser", None)
        careful = outcome(read, path)
    if not isinstance(careful, Mistake) or isinstance(quick, Mistake):  # C takes a little more: a key that is empty
        assert repr(careful) == repr(quick)


def test_files_of_the_repository_have_the_content_and_the_lines_that_the_careful_reader_finds() -> None:
    small = [path for path in sorted(INTENTS.glob("*.yml")) if path.stat().st_size < 12_000]
    assert len(small) > 10
    for path in small:
        quick = outcome(read_yaml, path)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(ruamel.yaml.main, "CParser", None)
            assert quick == outcome(read_yaml, path), path


@pytest.mark.parametrize(
    ("text", "line"), [("a: [1, {b: 2]\nc: 3", 1), ('a: 1\nb: "open\nc: 2\n', 2), ("a: 1\n\tb: 2\n", 2), ("a: \x07", 1)]
)
def test_a_mistake_is_named_by_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(text, "utf-8")
    for read in (read_plain_yaml, read_yaml):
        with pytest.raises(BadYaml) as caught:
            read(path)
        assert caught.value.line == line


def test_what_cannot_be_read_at_all_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadYaml, match="cannot be read"):
        read_plain_yaml(tmp_path / "none.yml")
    (tmp_path / "latin.yml").write_bytes("caf\u00e9".encode("latin-1"))
    with pytest.raises(BadYaml, match="cannot be read"):
        read_plain_yaml(tmp_path / "latin.yml")
    (tmp_path / "deep.yml").write_text("[" * 5000)
    with pytest.raises(BadYaml):
        read_plain_yaml(tmp_path / "deep.yml")
