"""Variants: drawn from their domains by the stream alone, and problems like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.exams import varying as varying_room
from derivations.exams.filling import item_of, write_document
from derivations.exams.seeds import Stream
from derivations.exams.structures import Recent
from derivations.exams.varying import Varying, variant
from derivations.kinds.base.files import Loaded, check, load
from derivations.pipeline import solve, solve_for
from derivations.reading import yaml
from derivations.steps.relations import Text
from derivations.steps.solution import Prose
from tests.exams.test_filling import GRAPH

NETWORK = """\
kind: network
title: The network of {owner}
text: "{owner} has a network, and {pronoun} wants its loss."
given:
  x: [0.05, 0.10]
  layers:
    - {title: Hidden layer, weights: [[0.15, 0.20], [0.25, 0.30]], biases: [0.35, 0.35],
       activation: sigmoid, names: [h_1, h_2]}
    - {title: Output layer, weights: [[0.40, 0.45]], biases: [0.60], names: [y]}
  target: [0.99]
  loss: half_squared_error
ask: {gradients: true, rate: 0.5}
rounding: {decimals: 4}
vary:
  x: {decimals: [-0.95, 0.95], step: 0.05, exclude: [0]}
  layers[0].weights: {decimals: [-0.9, 0.9], step: 0.05, exclude: [0], different: true}
  layers[0].biases: {decimals: [0.1, 0.5], places: 2}
  layers[0].activation: [sigmoid, tanh]
  layers[1].weights: {decimals: [-0.9, 0.9], step: 0.05, exclude: [0]}
  layers[1].biases: "= [layers_0_biases[1] + 1/4]"
  ask.rate: {choice: [0.1, 0.5, 1]}
  who: {words: [{owner: Anna, pronoun: she}, {owner: Ben, pronoun: he}]}
require:
  - 0.1 < z__2_1 < 2
  - abs(y - t_1) > 0.05
  - apart(h_1, h_2)
  - dL/dw__2_1_1 != 0
"""

PERCEPTRON = """\
kind: perceptron
title: A perceptron
given: {inputs: [[1], [-1]], targets: [1, 0], weights: [2], bias: 0, rate: 1}
vary:
  weights: {integers: [0, 3]}
require: ["weights[1] > 1"]
"""


def problem(text: str) -> Loaded:
    return check(yaml.parse(text.encode(), "p.yaml"), "p")


def stream(student: int | str, secret: bytes = b"secret") -> Stream:
    return Stream(secret, "exam", "p", str(student))


def numbers(value: Any) -> list[float]:
    return (
        [x for part in value for x in numbers(part)] if isinstance(value, list) else [float(value)]
    )


VARYING = Varying(problem(NETWORK))
SOME = [VARYING.variant(stream(n)) for n in range(20)]


def test_every_number_lies_in_its_domain() -> None:
    for one in SOME:
        plain = yaml.plain(one.loaded.file.root)
        given, hidden, last = plain["given"], *plain["given"]["layers"]
        grid = {f"{n * 5 / 100:.2f}" for n in range(-19, 20) if n}
        assert set(given["x"]) <= grid
        weights = [text for row in hidden["weights"] for text in row]
        assert set(weights) <= grid - {"0.95", "-0.95"}
        assert len(set(weights)) == 4  # different: true
        assert all(0.1 <= b <= 0.5 for b in numbers(hidden["biases"]))
        assert hidden["activation"] in ("sigmoid", "tanh")
        assert abs(float(last["biases"][0]) - float(hidden["biases"][0]) - 0.25) < 1e-12
        assert plain["ask"]["rate"] in ("0.1", "0.5", "1")
        assert given["target"] == ["0.99"]  # does not vary
        assert "vary" not in plain
    assert len({one.given["x_1"] for one in SOME}) > 8


def test_the_conditions_hold_in_the_solution() -> None:
    for one in SOME[:8]:
        known = solve(one.loaded).solution.known
        assert 0.1 < float(known["z__2_1"].true) < 2
        assert abs(float(known["y"].true) - 0.99) > 0.05
        assert known["h_1"].shown != known["h_2"].shown
    assert any(one.tried > 1 for one in SOME)  # some draws were refused


def test_words_go_together_and_reach_the_page() -> None:
    for one in SOME:
        (paragraph, *_) = one.derivation.statement
        assert isinstance(paragraph, Prose)
        (words,) = paragraph.pieces
        assert isinstance(words, Text)
        assert words.text in (
            "Anna has a network, and she wants its loss.",
            "Ben has a network, and he wants its loss.",
        )
        assert dict(one.key)["who"] == ("0" if "Anna" in words.text else "1")
    assert len({one.key for one in SOME}) == len(VARYING.structures.known) == 4


def test_the_file_by_itself_has_the_first_words() -> None:
    assert solve(problem(NETWORK)).solution.derivation.title == "The network of Anna"


OWN_WORDS = (
    GRAPH
    + """\
publication: The source prints $y = 7$.
vary:
  x: {integers: [1, 9]}
  given.w: {integers: [2, 9]}
variant:
  title: "A neuron with the weight {given.w}"
  closing: "Its weight was {given.w}."
"""
)


def test_variants_have_texts_of_their_own() -> None:
    one = Varying(problem(OWN_WORDS)).variant(stream(1))
    plain = yaml.plain(one.loaded.file.root)
    weight = plain["given"]["w"]
    assert plain["title"] == f"A neuron with the weight {weight}"
    assert plain["closing"] == f"Its weight was {weight}."
    assert not {"vary", "variant", "publication"} & set(plain)
    own = problem(OWN_WORDS).problem
    assert own.title == "A product"
    assert own.publication == "The source prints $y = 7$."
    assert own.closing == ""


NETWORK_OF_LAYERS = """\
kind: architecture
title: LittleNet
text: "The network has {numbers.width} filters."
given:
  input: [9, 9, 3]
  numbers: {width: 4, units: 8}
  layers:
    - {layer: conv, filters: width, kernel: 3}
    - parallel: [[], [{layer: conv, filters: 5, kernel: 1}]]
    - "Dense(units)"
published: [{printed: "194", by: Somebody}]
vary:
  input[0]: [9, 11]
  layers[1].parallel[1][0].filters: {integers: [5, 7]}
  numbers.width: {integers: [2, 6]}
  numbers.units: "= 2*numbers_width"
variant: {title: A little net}
"""


def test_numbers_of_a_network_vary_wherever_they_stand() -> None:
    varying = Varying(problem(NETWORK_OF_LAYERS))
    assert varying.own_refusals() == []
    for n in range(6):
        one = varying.variant(stream(n))
        given = yaml.plain(one.loaded.file.root)["given"]
        width, inner = (
            int(given["numbers"]["width"]),
            int(given["layers"][1]["parallel"][1][0]["filters"]),
        )
        known = solve(one.loaded).solution.known
        last = (width + inner + 1) * 2 * width
        assert known["total_params"].true == 28 * width + (width + 1) * inner + last
        assert one.derivation.title == "A little net"
        (words,) = one.derivation.statement[0].pieces  # type: ignore[union-attr]
        assert words.text == f"The network has {width} filters."  # type: ignore[union-attr]
        assert one.loaded.problem.published == ()  # type: ignore[attr-defined]


def test_filling_with_the_givens_is_solving_the_variant() -> None:
    for one in SOME[:6]:
        filled, solved = solve_for(one.derivation, one.given), solve(one.loaded)
        assert write_document(item_of(filled)) == write_document(item_of(solved))
        assert one.given["x_1"] in write_document(item_of(filled))


def test_only_the_stream_counts() -> None:
    again = Varying(problem(NETWORK))
    for n in (13, 2, 7):  # in another order, and without the others
        assert again.variant(stream(n)).given == SOME[n].given
        assert variant(problem(NETWORK), stream(n)).draws == SOME[n].draws
    assert again.variant(stream(2, b"another")).given != SOME[2].given


FIXED_TEXT = (
    GRAPH
    + """\
vary:
  x: {decimals: [-1, 1], step: 0.1}
  w: {integers: [1, 9]}
  t: {choice: [-2, 1/3, 0.25]}
"""
)


def test_fixed_vectors() -> None:
    """By hand: bytes of the stream, masked and thrown away as the documentation says."""
    data = list(stream(5).take(64))

    def below(n: int, mask: int) -> int:
        while (drawn := data.pop(0) & mask) >= n:
            pass
        return drawn

    x = f"{(below(21, 31) - 10) / 10:.1f}".replace("-0.0", "0.0")
    w = str(1 + below(9, 15))
    t = ["-2", "1/3", "0.25"][below(3, 3)]
    one = Varying(problem(FIXED_TEXT)).variant(stream(5))
    assert dict(one.given) == {"x": x, "w": w, "t": t}
    assert one.tried == 1


def test_signs_and_orders() -> None:
    text = """\
kind: pooling-numeric
title: Pooling
given: {input: [[1, -4, 2, 1], [5, 0, 3, 4], [7, 6, -4.5, 5], [1, 3, 1, 2]], size: 2, stride: 2, mode: max}
vary:
  input: {shuffle: true}
  mode: [max, average]
"""
    own = sorted([1, -4, 2, 1, 5, 0, 3, 4, 7, 6, -4.5, 5, 1, 3, 1, 2])
    for shuffle, expected in (("shuffle", own), ("signs", sorted(map(abs, own)))):
        varying = Varying(problem(text.replace("shuffle", shuffle)))
        seen = set()
        for n in range(6):
            one = varying.variant(stream(n))
            found = numbers(yaml.plain(one.loaded.file.root)["given"]["input"])
            assert sorted(found if shuffle == "shuffle" else map(abs, found)) == expected
            seen.add(tuple(found))
            solve(one.loaded)
        assert len(seen) == 6
        assert {dict(key)["mode"] for key in varying.structures.known} == {"max", "average"}


def test_sizes_make_structures_of_their_own() -> None:
    text = """\
kind: param-count
title: Parameters
given: {widths: [3, 4, 4, 1]}
vary:
  widths[1]: {integers: [2, 4]}
  widths[2]: "= widths[2]"
"""
    varying = Varying(problem(text))
    shown = {varying.variant(stream(n)).signature for n in range(30)}
    assert len(varying.structures.known) == 3
    assert len(shown) == 3


def test_a_structure_without_numbers_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[object] = []
    holds = varying_room.holds

    def counted(*args: Any) -> bool:
        judged.append(args)
        return holds(*args)

    monkeypatch.setattr(varying_room, "holds", counted)
    varying = Varying(problem(PERCEPTRON))
    found = varying.variants([stream(n) for n in range(100)])
    assert len(judged) == 4  # the weights are 0, 1, 2 or 3
    assert {one.given["w_1@0"] for one in found} == {"2", "3"}
    alone = [variant(problem(PERCEPTRON), stream(n)).signature for n in range(20)]
    assert [one.signature for one in found[:20]] == alone


def test_of_many_structures_the_oldest_makes_room() -> None:
    recent: Recent[int] = Recent(2)
    for n, name in enumerate("abac"):
        recent[((name, n),)] = n
    assert list(recent.values()) == [2, 3]
    known = Varying(problem(PERCEPTRON))
    forgetful = Varying(problem(PERCEPTRON))
    for kept in (forgetful.structures.known, forgetful.conditions, forgetful.judgements):
        kept.most = 1
    streams = [[stream(n) for n in range(50)] for _ in range(2)]
    first, second = (
        varying.variants(each) for varying, each in zip((known, forgetful), streams, strict=True)
    )
    assert [one.given for one in first] == [one.given for one in second]
    assert [one.signature for one in first] == [one.signature for one in second]
    assert len(forgetful.structures.known) == 1 < len(known.structures.known)


def test_taken_answers_are_not_given_again() -> None:
    text = GRAPH + "vary: {x: [0.1, 0.2, 0.3]}\n"
    varying = Varying(problem(text))
    taken: list[Any] = []
    for n in range(3):
        taken.append(varying.variant(stream(n), taken).signature)
    assert len(set(taken)) == 3
    with pytest.raises(
        ProblemError, match="of the answers that are left refused most of them, 2000"
    ):
        varying.variant(stream(4), taken)


MISTAKES = [
    ("vary: {v: {integers: [1, 2]}}", "p.yaml:6:8: vary.v: 'v' is no value of this problem"),
    (
        "vary: {x: {integers: [2, 1]}}",
        "6:22: vary.x.integers: found 2 before 1, expected the smaller",
    ),
    ("vary: {x: {integers: [1, 1], exclude: [1]}}", "vary.x.integers: nothing is left of it"),
    ("vary: {x: {integers: [0.5, 1]}}", "vary.x.integers: expected whole numbers"),
    (
        "vary: {x: {decimals: [0, 1]}}",
        "6:12: vary.x: 'decimals' are drawn with either 'step' or 'places'",
    ),
    ("vary: {x: {integers: [1, 2], signs: true}}", "vary.x: expected one of integers, decimals"),
    ("vary: {x: {integer: [1, 2]}}", "'integer' is not a key here; did you mean 'integers'?"),
    ("vary: {x: 1 - w}", "vary.x: found 1 - w, expected a domain such as {integers: [1, 9]}"),
    ('vary: {x: "= 1 - v"}', "vary.x: column 5 of '1 - v': 'v' is no number of this problem"),
    ('vary: {x: "= 1 - w", w: "= 1 - x"}', "vary.x: 'w' is worked out below it, or by itself"),
    ("vary: {x: {shuffle: true}}", "'shuffle' and 'different' are for vectors and matrices"),
    ("vary: {define.z: {integers: [1, 2]}}", "numbers are drawn for a number"),
    ("vary: {who: {words: [Anna]}}", "{who} stands in no text of this problem"),
    ("vary: {x: {words: [Anna]}}", "'x' cannot stand for words; choose another name"),
    ("vary: {who: {words: [A$b$]}}", "found A$b$, expected a word of a text, without any of $"),
    ("vary: {given: [1]}\nrequire: 1", "require: found 1, expected a list"),
]


@pytest.mark.parametrize(("lines", "message"), MISTAKES)
def test_mistakes_have_their_place(lines: str, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        problem(GRAPH + lines + "\n")
    assert message in str(caught.value)


REQUIRE = [
    ("0 < zz < 1", "require.0: column 5 of '0 < zz < 1': 'zz' is no value of this problem"),
    ("z + 1", "expected a condition such as 0 < z < 1"),
    ("z > 5", "require.0: 0 of 2000 draws passed; 'z > 5' refused most of them, 2000"),
]


@pytest.mark.parametrize(("condition", "message"), REQUIRE)
def test_conditions_that_cannot_be_met(condition: str, message: str) -> None:
    text = (
        GRAPH + f"vary: {{x: {{decimals: [0, 1], step: 0.1}}}}\nrequire: ['{condition}', x != 2]\n"
    )
    with pytest.raises(ProblemError, match=r"p\.yaml:7:1") as caught:
        Varying(problem(text)).variant(stream(1))
    assert message in str(caught.value)


def test_a_draw_without_a_solution_is_drawn_again() -> None:
    text = (
        "kind: graph\ntitle: Q\ngiven: {x: 1}\ndefine: {y: 1/x}\nvary: {x: {integers: [-1, 1]}}\n"
    )
    found = {Varying(problem(text)).variant(stream(n)).given["x"] for n in range(20)}
    assert found == {"-1", "1"}


def test_a_written_variant_is_read_again(tmp_path: Path) -> None:
    for n, one in enumerate(SOME[:4]):
        path = tmp_path / f"{n}.yaml"
        path.write_text(yaml.written(one.loaded.file.root))
        again, first = solve(load(path, "p.yaml")), solve(one.loaded)
        assert write_document(item_of(again)) == write_document(item_of(first))


def test_measures_count() -> None:
    text = """\
kind: graph
title: Q
given: {x: -2, w: 0.50, v: [1, 0, 3]}
define: {z: w*x, a: relu(z), b: relu(-z), s: sigmoid(6*x), m: max(v), y: a + b*(-2) + s + m}
vary: {x: {integers: [-2, -2]}}
"""
    one = Varying(problem(text)).variant(stream(1))
    counted = dict(one.measures)
    assert (
        counted.pop("difficulty")
        == counted["operations"] + counted["negatives"] + counted["digits"]
    )
    assert counted == {
        "steps": 6, "operations": 10, "negatives": 3, "digits": 4, "saturated": 1,
        "relus_off": 1, "relus_on": 1, "ties": 0, "right_option": 0,
    }  # fmt: skip


@pytest.mark.parametrize("last", ["20", "20000"])
def test_grids_that_are_listed_are_drawn_like_others(last: str) -> None:
    text = GRAPH + f"vary: {{x: {{integers: [1, {last}], exclude: [2, 3]}}}}\n"
    data = list(stream(9).take(64))
    count = int(last) - 2
    taken, mask = ((count - 1).bit_length() + 7) // 8, (1 << (count - 1).bit_length()) - 1
    while True:
        number = int.from_bytes(bytes(data.pop(0) for _ in range(taken)), "big") & mask
        if number < count:
            break
    expected = [n for n in range(1, int(last) + 1) if n not in (2, 3)][number]
    assert Varying(problem(text)).variant(stream(9)).given["x"] == str(expected)
