"""YAML: every scalar keeps its text, every mistake has its place, hostile files cost nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.errors import ProblemError
from derivations.reading import yaml
from derivations.reading.yaml import Mapping, Scalar, Sequence


def read(source: str | bytes) -> Any:
    data = source.encode("utf-8") if isinstance(source, str) else source
    return yaml.plain(yaml.parse(data, "f.yaml").root)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("a: 0.10", "0.10"), ("a: 1e3", "1e3"), ("a: .nan", ".nan"), ("a: .inf", ".inf"), ("a: 0,5", "0,5"),
        ("a: 012", "012"), ("a: 0o17", "0o17"), ("a: 0x10", "0x10"), ("a: 2024-01-01", "2024-01-01"), ("a: 1:30", "1:30"),
        ("a: yes", "yes"), ("a: NO", "NO"), ("a: on", "on"), ("a: 1_000", "1_000"), ("a: +1", "+1"), ("a: =", "="),
        ("a: true", True), ("a: False", False), ("a: null", None), ("a: ~", None), ("a:", None), ("a: 'true'", "true"),
        ('a: "null"', "null"), ("a: ''", ""), ("a: |\n  x\n  y\n", "x\ny\n"), ("a: >\n  x\n  y\n", "x y\n"),
        ("a: 'it''s'", "it's"), ('a: "x\\ny"', "x\ny"), ("a: ! x", "x"), ("a: {b: 1}", {"b": "1"}), ("a: [0,5]", ["0", "5"]),
        ("a: [1, [2, 3]]", ["1", ["2", "3"]]), ("a: x # not this", "x"), ("a: x#this", "x#this"), ("a: $\\nabla$", "$\\nabla$"),
        ("a: '$\\nabla$'", "$\\nabla$"), ('a: "$\\\\nabla$"', "$\\nabla$"), ('a: "\\u00e9"', "é"),
    ],
)  # fmt: skip
def test_a_value_is_what_stands_there(source: str, value: Any) -> None:
    assert read(source) == {"a": value}


def test_keys_are_words_of_any_kind() -> None:
    assert read("1: a\ntrue: b\nü: c\n'<<': d") == {"1": "a", "true": "b", "ü": "c", "<<": "d"}


def test_a_byte_order_mark_and_windows_lines_do_no_harm() -> None:
    assert read(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n") == {"a": "1", "b": "2"}
    assert read("%YAML 1.1\n---\na: no") == {"a": "no"}


def test_accents_that_are_signs_of_their_own_are_joined() -> None:
    assert read("a: Ubung\nb: U\u0308bung e\u0301") == {"a": "Ubung", "b": "Übung é"}


def test_everything_knows_its_place() -> None:
    root = yaml.parse("ü: [1, {ä: xyz}]\nb:\n  c: 2\n".encode(), "f.yaml").root
    assert isinstance(root, Mapping)
    (first, items), (second, inner) = root.items
    assert (first.line, first.column, second.line, second.column) == (1, 1, 2, 1)
    assert isinstance(items, Sequence)
    assert (items.line, items.column) == (1, 4)
    assert isinstance(items.items[1], Mapping)
    ((key, value),) = items.items[1].items
    assert isinstance(value, Scalar)
    assert (key.column, value.column) == (9, 12)
    assert isinstance(inner, Mapping)
    assert inner.items[0][1] == Scalar("2", True, 3, 6)


@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        ("", "f.yaml:1:1: the file is empty; `derivations new KIND` writes a start"),
        ("# words\n", "f.yaml:1:1: the file is empty; `derivations new KIND` writes a start"),
        ("---\n", "f.yaml:1:1: the file is empty; `derivations new KIND` writes a start"),
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: 'a' stands here a second time; first in line 1"),
        ('"a": 1\na: 2', "f.yaml:2:1: 'a' stands here a second time; first in line 1"),
        ("a: &x 1", "f.yaml:1:4: an anchor, &x; anchors and aliases are not used here"),
        ("a: &x [1]", "f.yaml:1:4: an anchor, &x; anchors and aliases are not used here"),
        ("&x a: 1", "f.yaml:1:1: an anchor, &x; anchors and aliases are not used here"),
        ("a: *x", "f.yaml:1:4: an alias, *x; write the value out"),
        ("b:\n  <<: {a: 1}", "f.yaml:2:3: a merge key, <<; write the values out"),
        ("a: !!python/object:os.system x", "f.yaml:1:4: a tag, tag:yaml.org,2002:python/object:os.system; tags are not used here"),
        ("a: !!str 1", "f.yaml:1:4: a tag, tag:yaml.org,2002:str; tags are not used here"),
        ("a: !secret [1]", "f.yaml:1:4: a tag, !secret; tags are not used here"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: a second document; a file holds one"),
        ("? [a]\n: 1", "f.yaml:1:3: a key is a word, not a list or mapping"),
        ("? {a: 1}\n: 1", "f.yaml:1:3: a key is a word, not a list or mapping"),
        ("a:\n\tb: 1", "f.yaml:2:1: not YAML: a tab at the start of the line; indent with spaces"),
        ("a: b: c", "f.yaml:1:5: not YAML: a second ':' on the line; put a text that holds ': ' in quotes"),
        ("a:\n  - b: 1\n     c: 2", "f.yaml:3:6: not YAML: found 5 spaces before this key, expected 4 as in line 2, which has its value already"),
        ("a: 1\nb\nc: 2", "f.yaml:3:1: not YAML: a ':' with a blank behind it is missing after a key"),
        ("kind:graph\na: 1", "f.yaml:1:6: not YAML: a blank is missing behind 'kind:'"),
        ("a: 1\n- b:c\n", "f.yaml:2:1: not YAML: no key above begins in this column; indent it as its neighbours"),
        ("a: 1\nb:2\n", "f.yaml:2:3: not YAML: a blank is missing behind 'b:'"),
        ("a:\n  - b:2\n    # words\n    c: 1\n", "f.yaml:2:7: not YAML: a blank is missing behind 'b:'"),
        ("a:{b: [1]}\nc: 1", "f.yaml:1:3: not YAML: a blank is missing behind 'a:'"),
        ("a: [0,2, -0,3]", "f.yaml:1:4: found [0,2, -0,3], which can be read as 2 numbers or as 4; expected [0.2, -0.3] or [0, 2, -0, 3]"),
        ("a:\n - [[1, 2],\n    [0,5, 1,0]]", "f.yaml:3:5: found [0,5, 1,0], which can be read as 2 numbers or as 4; expected [0.5, 1.0] or [0, 5, 1, 0]"),
        ("a: 'x", "f.yaml:1:4: not YAML: the quote that begins here is not closed"),
        ("a: [1, 2", "f.yaml:2:1: not YAML: before this a ',' is missing, or the ] for the [ of line 1"),
        ('a: "$\\nabla$"', "f.yaml:1:4: a backslash in double quotes starts a character, not a command; use single quotes"),
        ('a: "\\beta"', "f.yaml:1:4: a backslash in double quotes makes the character U+0008; use single quotes"),
        ('a: "\\0"', "f.yaml:1:4: a backslash in double quotes makes the character U+0000; use single quotes"),
        ('a: "\\uE000"', "f.yaml:1:4: a backslash in double quotes makes the character U+E000; use single quotes"),
        ('é: "\\u202e"', "f.yaml:1:4: a backslash in double quotes makes the character U+202E; use single quotes"),
        ('a: "\\ud800"', "f.yaml:1:7: not YAML: found invalid Unicode character escape code"),
        ("a: é\u202e", "f.yaml:1:5: an invisible or private character, U+202E; remove it"),
        ("a: 1\nb: \ue000", "f.yaml:2:4: an invisible or private character, U+E000; remove it"),
        ("a: \x00", "f.yaml:1:4: an invisible or private character, U+0000; remove it"),
        ("a: \x85", "f.yaml:1:4: an invisible or private character, U+0085; remove it"),
        ("a: \u200b", "f.yaml:1:4: an invisible or private character, U+200B; remove it"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(source: str, mistake: str) -> None:
    with pytest.raises(ProblemError) as refused:
        read(source)
    assert str(refused.value) == mistake


@pytest.mark.parametrize(
    "numbers", ["[1,2,3]", "[0,2]", "[[0,1], [1,0]]", "[1,2,3, 4,5,6]", "[1, 2, 3,4]"]
)
def test_commas_between_numbers_need_no_blanks(numbers: str) -> None:
    wide = numbers.replace(",", ", ").replace("  ", " ")
    assert yaml.plain(yaml.parse(f"a: {numbers}".encode(), "f").root) == yaml.plain(
        yaml.parse(f"a: {wide}".encode(), "f").root
    )


def test_text_that_is_not_utf8_is_refused_with_its_line() -> None:
    with pytest.raises(ProblemError) as refused:
        read(b"a: 1\nb: caf\xe9\n")
    assert str(refused.value) == "f.yaml:2:7: not UTF-8 text; save the file as UTF-8"
    with pytest.raises(ProblemError, match="not UTF-8 text"):
        read("a: 1".encode("utf-16"))


def test_all_duplicates_of_a_file_are_told_at_once() -> None:
    with pytest.raises(ProblemError) as refused:
        read("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n")
    assert [(m.line, m.column) for m in refused.value.mistakes] == [(2, 1), (3, 11), (4, 1)]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_depth_is_bounded(opening: str) -> None:
    with pytest.raises(ProblemError, match="nested deeper than 30"):
        read(opening * 5_000)
    assert read("[" * 30 + "]" * 30)


def test_the_number_of_values_is_bounded() -> None:
    with pytest.raises(ProblemError, match="more than 100000 values"):
        read("[" + "1," * 100_001 + "]")


def test_an_alias_bomb_ends_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(ProblemError, match=r"^f.yaml:1:4: an anchor, &a"):
        read(bomb)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a: " + b"x" * (1 << 20))
    with pytest.raises(ProblemError, match="a file of 1048579 bytes; at most 1048576"):
        yaml.read_file(path)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        ProblemError, match=r"^gone.yaml: cannot be read: No such file or directory$"
    ):
        yaml.read_file(tmp_path / "gone.yaml", "gone.yaml")
    with pytest.raises(ProblemError, match="cannot be read: Is a directory"):
        yaml.read_file(tmp_path)
    (tmp_path / "good.yaml").write_text("a: 1\n", encoding="utf-8")
    assert yaml.plain(yaml.read_file(tmp_path / "good.yaml").root) == {"a": "1"}


def test_a_mistake_is_placed_at_its_path_or_the_nearest_thing_there() -> None:
    file = yaml.parse(b"given:\n  W: [[1, 2], [3]]\n  b: 5\n", "f.yaml")
    assert str(file.mistake(("given", "W", 1), "m")) == "f.yaml:2:15: given.W.1: m"
    assert str(file.mistake(("given", "W", 1, 7), "m")) == "f.yaml:2:15: given.W.1.7: m"
    assert str(file.mistake(("given", "b"), "m", at_key=True)) == "f.yaml:3:3: given.b: m"
    assert str(file.mistake(("given", "none"), "m")) == "f.yaml:2:3: given.none: m"
    assert str(file.mistake((), "m")) == "f.yaml:1:1: m"


def test_the_head_of_a_file_is_read_no_further_than_needed(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "kind: graph\ngiven: {kind: no, title: no}\ntitle: A title\nid: x\nrest: [*\n",
        encoding="utf-8",
    )
    assert yaml.head(path, frozenset({"kind", "title"})) == {"kind": "graph", "title": "A title"}
    assert yaml.head(path, frozenset({"kind", "id", "source"})) == {"kind": "graph", "id": "x"}
    assert yaml.head(tmp_path / "gone", frozenset({"kind"})) == {}


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`\\ \n\t,?1.é", max_size=40))
def test_any_text_is_read_or_refused_in_words(source: str) -> None:
    try:
        read(source)
    except ProblemError as error:
        told = str(error)
    else:
        told = "f.yaml"
    assert told.startswith("f.yaml")
    assert len(told) < 1000


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_in_words(source: bytes) -> None:
    try:
        read(source)
    except ProblemError as error:
        assert str(error).startswith("f.yaml")  # noqa: PT017
