"""Keras: models inside models, layers that are used again, wrappers. Totals are those that Keras prints.

They were printed by `count_params` of Keras 3.15.1 for the same networks, with the statistics.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from tests.conftest import run
from tests.networks.test_model_files import answers, archive, layer, refused, tensor

Row = dict[str, Any]
CONV = {"kernel_size": [3, 3], "strides": [1, 1], "padding": "valid", "activation": "relu"}


def model(rows: list[Row], *outputs: Any, name: str = "model") -> Row:
    ends = [[one, 0, 0] if isinstance(one, str) else list(one) for one in outputs]
    config: Row = {"name": name, "layers": rows}
    if ends:
        config["output_layers"] = ends
    return {"class_name": "Functional" if ends else "Sequential", "config": config}


def given(name: str, *shape: int) -> Row:
    return layer("InputLayer", name, [], True, batch_shape=[None, *shape])


def used(row: Row, *uses: list[Any]) -> Row:
    """The row, called so often: every use names the tensors that it takes."""
    calls = []
    for names in uses:
        args = [tensor(n) if isinstance(n, str) else at(*n) for n in names]
        calls.append({"args": args if len(args) == 1 else [args], "kwargs": {}})
    return {**row, "inbound_nodes": calls}


def at(name: str, call: int, output: int) -> Row:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, call, output]}}


def siamese() -> Row:
    """A sequential model and a dense layer behind it, used for two pictures."""
    base = model(
        [given("in", 28, 28, 1), layer("Conv2D", "conv", [], True, filters=8, **CONV),
         layer("BatchNormalization", "norm", [], True),
         layer("GlobalAveragePooling2D", "pool", [], True)],
        name="base",
    )  # fmt: skip
    rows = [
        given("left", 28, 28, 1),
        given("right", 28, 28, 1),
        used(base, ["left"], ["right"]),
        used(
            layer("Dense", "emb", [], True, units=4, activation="tanh"), ["base"], [("base", 1, 0)]
        ),
        used(layer("Concatenate", "both", [], True, axis=-1), ["emb", ("emb", 1, 0)]),
        used(layer("Dense", "end", [], True, units=1), ["both"]),
    ]
    return model(rows, "end")


def two_outputs() -> Row:
    rows = [given("in", 16), layer("Dense", "a", ["in"], True, units=8),
            layer("Dense", "b", ["in"], True, units=3)]  # fmt: skip
    inner = model(rows, "a", "b", name="inner")
    outer = [
        given("x", 16),
        used(inner, ["x"]),
        used(layer("Dense", "c", [], True, units=5), [("inner", 0, 0)]),
        used(layer("Dense", "d", [], True, units=5), [("inner", 0, 1)]),
        used(layer("Add", "sum", [], True), ["c", "d"]),
    ]
    return model(outer, "sum")


def autoencoder() -> Row:
    """Two sequential models, one behind the other."""
    half = {"strides": [2, 2], "padding": "same", "kernel_size": [3, 3]}
    first = model(
        [given("in", 28, 28, 1), layer("Conv2D", "c", [], True, filters=4, **half),
         layer("Flatten", "f", [], True), layer("Dense", "d", [], True, units=6)], name="first",
    )  # fmt: skip
    second = model(
        [given("code", 6), layer("Dense", "d", [], True, units=784),
         layer("Reshape", "r", [], True, target_shape=[14, 14, 4]),
         layer("Conv2DTranspose", "t", [], True, filters=1, **half)], name="second",
    )  # fmt: skip
    return model([first, second])


def steps(*rows: Row) -> Iterator[Row]:
    """Every layer for each step."""
    for row in rows:
        inner = {"class_name": row["class_name"], "config": row["config"]}
        name = f"each {row['config']['name']}"
        yield layer("TimeDistributed", name, [], True, layer=inner)


def video() -> Row:
    conv = {**CONV, "strides": [2, 2], "padding": "same"}
    lstm = {"class_name": "LSTM", "config": {"units": 9, "return_sequences": True}}
    return model([
        given("in", 5, 20, 20, 3),
        *steps(
            layer("Conv2D", "a", [], True, filters=6, **conv),
            layer("MaxPooling2D", "b", [], True, pool_size=[2, 2]),
            layer("Conv2D", "c", [], True, filters=7, **{**CONV, "activation": "linear"}),
            layer("GlobalAveragePooling2D", "d", [], True),
        ),
        layer("Bidirectional", "both", [], True, layer=lstm, backward_layer=lstm),
        *steps(layer("Dense", "e", [], True, units=3, activation="softmax")),
    ])  # fmt: skip


def video_of_patches() -> Row:
    separable = {
        "kernel_size": [3, 3],
        "strides": [1, 1],
        "padding": "valid",
        "depth_multiplier": 1,
    }
    return model([
        given("in", 5, 8, 8, 3),
        *steps(
            layer("ZeroPadding2D", "a", [], True, padding=[[1, 1], [1, 1]]),
            layer("SeparableConv2D", "b", [], True, filters=6, **separable),
            layer("Flatten", "c", [], True),
        ),
        layer("GRU", "gru", [], True, units=4, reset_after=True),
    ])  # fmt: skip


def translation() -> Row:
    """An encoder whose states begin the decoder."""
    decoder = layer("LSTM", "decoder", ["de"], True, units=16, return_sequences=True)
    states = [at("encoder", 0, 1), at("encoder", 0, 2)]
    decoder["inbound_nodes"][0]["kwargs"] = {"initial_state": states}
    rows = [
        given("source", 9),
        given("target", 7),
        layer("Embedding", "se", ["source"], True, input_dim=50, output_dim=8),
        layer("Embedding", "de", ["target"], True, input_dim=60, output_dim=8),
        layer("LSTM", "encoder", ["se"], True, units=16, return_state=True),
        decoder,
        layer("Dense", "end", ["decoder"], True, units=60),
    ]
    return model(rows, "end")


def crossed() -> Row:
    """Attention to other steps, given by name, and to its own."""
    other = layer("MultiHeadAttention", "other", ["q"], True, num_heads=4, key_dim=8)
    other["inbound_nodes"][0]["kwargs"] = {"value": tensor("m"), "key": tensor("m")}
    own = layer("MultiHeadAttention", "own", ["norm"], True, num_heads=2, key_dim=8)
    own["inbound_nodes"][0]["kwargs"] = {"value": tensor("norm"), "use_causal_mask": False}
    rows = [given("q", 10, 32), given("m", 6, 32), other,
            layer("Add", "sum", ["q", "other"], True),
            layer("LayerNormalization", "norm", ["sum"], True), own]  # fmt: skip
    return model(rows, "own")


def thrice() -> Row:
    dense = layer("Dense", "d", [], True, units=12, activation="relu")
    return model([given("x", 12), used(dense, ["x"], [("d", 0, 0)], [("d", 1, 0)])], ("d", 2, 0))


PRINTED: dict[str, tuple[Callable[[], Row], int]] = {
    "siamese": (siamese, 157), "two outputs": (two_outputs, 252), "autoencoder": (autoencoder, 10_275),
    "video": (video, 1_834), "video of patches": (video_of_patches, 4_731),
    "translation": (translation, 5_100), "crossed": (crossed, 6_416), "thrice": (thrice, 156),
}  # fmt: skip


def written(path: Path, config: Row) -> Path:
    return archive(path, json.dumps(config).encode())


@pytest.mark.parametrize("name", PRINTED)
def test_as_many_parameters_as_keras_prints(tmp_path: Path, name: str) -> None:
    config, total = PRINTED[name]
    assert answers(written(tmp_path / "m.keras", config()))["with statistics"] == total


def test_what_is_used_twice_works_twice_and_is_learned_once(tmp_path: Path) -> None:
    found = answers(written(tmp_path / "m.keras", siamese()))
    assert found["base/conv: parameters"] == 80
    assert found["base (use 2)/conv: parameters"] == 0
    assert found["base/conv: MACs"] == found["base (use 2)/conv: MACs"] == 26 * 26 * 8 * 9
    assert found["emb (use 2): output"] == [4]
    assert found["not learned"] == 16
    text = run("show", str(written(tmp_path / "m.keras", thrice()))).output
    assert "d (use 3): dense, 12" in text


def test_a_window_at_every_step_has_one_more_axis(tmp_path: Path) -> None:
    found = answers(written(tmp_path / "m.keras", video()))
    assert found["each a: output"] == [5, 10, 10, 6]
    assert found["each a: MACs"] == 5 * 10 * 10 * 6 * 27
    assert (found["each b: output"], found["each d: output"]) == ([5, 5, 5, 6], [5, 7])


def broken(change: Callable[[list[Row]], Any]) -> Row:
    config = copy.deepcopy(siamese())
    change(config["config"]["layers"])
    return config


def bomb() -> Row:
    """Each model uses the one inside it three times; 3^18 uses in a small file."""
    inner = model([given("x", 4)], "x", name="m0")
    for depth in range(1, 19):
        uses = ["x"], [(f"m{depth - 1}", 0, 0)], [(f"m{depth - 1}", 1, 0)]
        inner = model(
            [given("x", 4), used(inner, *uses)], (f"m{depth - 1}", 2, 0), name=f"m{depth}"
        )
    return model([given("x", 4), used(inner, ["x"])], "m18")


def deep() -> Row:
    inner = model([given("x", 4)], "x", name="m0")
    for depth in range(1, 25):
        inner = model([given("x", 4), used(inner, ["x"])], f"m{depth - 1}", name=f"m{depth}")
    return inner


def wrapped(
    inner: Any, shape: tuple[int, ...] = (5, 8, 8, 3), class_name: str = "TimeDistributed"
) -> Row:
    return model([given("x", *shape), layer(class_name, "w", [], True, layer=inner)])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (bomb(), "more than 20000 uses of layers and models"),
        (deep(), "more than 20 models inside each other"),
        (broken(lambda rows: rows[3].update(used(rows[3], ["nowhere"]))), "there is no layer 'nowhere' before it"),
        (broken(lambda rows: rows[3].update(used(rows[3], [("base", 7, 0)]))), "there is no layer 'base' before it"),
        (broken(lambda rows: rows[3].update(used(rows[3], [("base", 0, 1)]))), "output 2 of 'base' is not read here"),
        (broken(lambda rows: rows.append(copy.deepcopy(rows[-1]))), "two layers are called 'end'"),
        (broken(lambda rows: rows[2]["config"]["layers"].append("x")), "layer 2 'base': a model without a list of layers"),
        (broken(lambda rows: rows[2]["config"]["layers"][1].update(class_name="Mine")),
         "layer 2 'base': layer 1 'conv': 'Mine' is not a layer of Keras that is known here"),
        (wrapped(None), "a wrapper without a layer"),
        (wrapped({"class_name": "LSTM", "config": {"units": 3}}), "lstm at every step is not read here"),
        (wrapped({"class_name": "Dense", "config": {"units": 3}}, (4,)), "a layer for every step needs steps"),
        (wrapped({"class_name": "LSTM", "config": {"units": 3}}, (4, 4), "Bidirectional"), ""),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, config: Row, message: str) -> None:
    path = written(tmp_path / "m.keras", config)
    if not message:
        assert answers(path)["parameters"] == 2 * 4 * 3 * (4 + 3 + 1)
        return
    assert message in refused(path)


def test_another_layer_back_is_refused(tmp_path: Path) -> None:
    ways = [{"class_name": "LSTM", "config": {"units": k}} for k in (3, 4)]
    row = layer("Bidirectional", "w", [], True, layer=ways[0], backward_layer=ways[1])
    path = written(tmp_path / "m.keras", model([given("x", 4, 4), row]))
    assert "another layer back than forward is not read here" in refused(path)


def places(part: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to everything in a configuration."""
    inner = (
        part.items()
        if isinstance(part, dict)
        else enumerate(part)
        if isinstance(part, list)
        else ()
    )
    for key, value in inner:
        yield (*at, key)
        yield from places(value, (*at, key))


ODD = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    "x",
    [],
    {},
    [[]],
    [None, 0, 0],
    {"config": {"keras_history": [1]}},
]


@pytest.mark.parametrize("seed", range(250))
def test_changed_values_never_end_in_anything_but_a_message(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    config = copy.deepcopy(draw.choice([make for make, _ in PRINTED.values()])())
    for _ in range(draw.randint(1, 3)):
        *path, last = draw.choice(list(places(config)))
        inner = config
        for key in path:
            inner = inner[key]
        inner[last] = copy.deepcopy(draw.choice(ODD))
    file = written(tmp_path / "m.keras", config)
    told = ""
    try:
        told = str(len(solve(load(file)).lines))
    except ProblemError as error:
        told = str(error)
    assert told.isdigit() or "m.keras" in told


def normed(class_name: str, **settings: Any) -> Row:
    """A norm of a map of 8 × 6 × 4."""
    return {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [None, 8, 6, 4]}},
        {"class_name": class_name, "config": {"name": "n", **settings}},
    ]}}  # fmt: skip


@pytest.mark.parametrize(
    ("class_name", "axis", "learned"),
    [
        ("BatchNormalization", -1, 8), ("BatchNormalization", [3], 8), ("LayerNormalization", 3, 8),
        ("LayerNormalization", [-1], 8), ("LayerNormalization", [2, 3], 48),
        ("LayerNormalization", [3, 1, 2], 384), ("GroupNormalization", -1, 8),
    ],
)  # fmt: skip
def test_a_norm_over_the_last_axes(
    tmp_path: Path, class_name: str, axis: int | list[int], learned: int
) -> None:
    config = normed(class_name, axis=axis, **({"groups": 2} if "Group" in class_name else {}))
    assert answers(written(tmp_path / "m.keras", config))["parameters"] == learned


@pytest.mark.parametrize(
    ("class_name", "axis"),
    [
        ("BatchNormalization", 1), ("BatchNormalization", [1, 3]), ("LayerNormalization", [1, 3]),
        ("LayerNormalization", [0, 1, 2, 3]), ("LayerNormalization", []), ("BatchNormalization", "x"),
        ("BatchNormalization", -2), ("BatchNormalization", [2, 3]),
    ],
)  # fmt: skip
def test_a_norm_over_other_axes_is_not_counted_as_one_over_the_last(
    tmp_path: Path, class_name: str, axis: Any
) -> None:
    told = refused(written(tmp_path / "m.keras", normed(class_name, axis=axis)))
    assert f"layer 1 'n': axis {axis} is not read here" in told
