"""Every layer: its shape, parameters and operations against small computations with NumPy."""

from __future__ import annotations

from itertools import product as pairs
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from derivations.formula.evaluation import evaluate
from derivations.formula.printing import text
from derivations.formula.tree import Formula
from derivations.models.layers import layers, tokens
from derivations.models.parameter_types import PARAMETER_TYPES
from derivations.models.sizes import pads
from derivations.models.traces import LayerError, Trace, output_size, size_formula


def trace(name: str, shape: tuple[int, ...], **fields: Any) -> Trace:
    module = layers()[name]
    return module.trace(module.Fields(**fields), shape)


def count(formula: Formula | None) -> Any:
    """The whole number (or numbers) that a formula of numerals writes; 0 for none."""
    if formula is None:
        return 0
    found = evaluate(formula, {}, {})
    return tuple(map(int, found)) if isinstance(found, tuple) else int(found)


def slid(size: int, kernel: int, padding: int, stride: int) -> int:
    """How often a window fits, by sliding it."""
    padded = np.zeros(size + 2 * padding)
    return sum(1 for start in range(0, len(padded), stride) if start + kernel <= len(padded))


def test_every_layer_is_tried_here() -> None:
    assert set(layers()) == {
        "activation", "adaptive_pool", "add", "attention", "batch_norm", "concat", "conv",
        "conv_transpose", "crop", "dense", "depthwise_conv", "dropout", "embedding", "flatten",
        "global_pool", "group_norm", "gru", "instance_norm", "layer_norm", "lstm", "matmul",
        "multiply", "permute", "pool", "positions", "reshape", "rms_norm", "rnn", "upsample",
        "zero_pad", "array", "elementwise", "expand", "reduce", "resize", "slice",
    }  # fmt: skip  # the new ones in test_architectures.py


@pytest.mark.parametrize(
    ("size", "kernel", "padding", "stride"),
    [
        p
        for p in pairs((1, 5, 8, 13), (1, 2, 3, 5), (0, 1, 2), (1, 2, 3))
        if p[1] <= p[0] + 2 * p[2]
    ],
)
def test_the_size_is_how_often_the_window_fits(
    size: int, kernel: int, padding: int, stride: int
) -> None:
    expected = slid(size, kernel, padding, stride)
    formula, rounded = size_formula(size, kernel, padding, stride)
    assert output_size(size, kernel, padding, stride) == expected == count(formula)
    assert rounded == ((size + 2 * padding - kernel) % stride != 0)


def test_a_window_that_does_not_fit_is_refused() -> None:
    with pytest.raises(LayerError, match=r"^a window of 5 does not fit into an input of 3$"):
        output_size(3, 5, 0, 1)
    with pytest.raises(
        LayerError, match=r"^a window of 6 does not fit into an input of 3 with padding 1$"
    ):
        output_size(3, 6, 1, 1)


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        ((8, 8, 3), {"filters": 4, "kernel": 3}),
        ((8, 9, 2), {"filters": 5, "kernel": [3, 2], "stride": [2, 1], "padding": 1}),
        ((7, 7, 1), {"filters": 2, "kernel": 3, "stride": 2, "bias": False}),
        ((8, 8, 1), {"filters": 1, "kernel": 3, "stride": 2, "padding": [0, 1]}),
        ((6, 6, 3), {"filters": 2, "kernel": 5, "padding": "same"}),
        ((6, 6, 3), {"filters": 2, "kernel": 5, "padding": "valid"}),
    ],
)
def test_a_convolution_is_counted_by_doing_it(
    shape: tuple[int, int, int], fields: dict[str, Any]
) -> None:
    found = trace("conv", shape, **fields)
    kernel, stride = (np.broadcast_to(fields.get(key, 1), 2) for key in ("kernel", "stride"))
    padding = fields.get("padding", 0)
    edges = {"same": (kernel - 1) // 2, "valid": np.zeros(2, int)}.get(str(padding))
    edges = np.broadcast_to(padding, 2) if edges is None else edges
    weights = np.zeros((fields["filters"], *kernel, shape[2]))
    padded = np.zeros((shape[0] + 2 * edges[0], shape[1] + 2 * edges[1], shape[2]))
    starts = [range(0, padded.shape[a] - kernel[a] + 1, stride[a]) for a in (0, 1)]
    products = sum(weights.size for _ in pairs(*starts))
    bias = fields.get("bias") is not False
    assert found.output == (len(starts[0]), len(starts[1]), fields["filters"]) == count(found.shape)
    assert count(found.weights) == weights.size
    assert count(found.biases) == (fields["filters"] if bias else 0)
    assert found.operations is not None
    outputs = count(found.operations.outputs)
    assert outputs == len(starts[0]) * len(starts[1]) * fields["filters"]
    assert outputs * count(found.operations.multiplications) == products
    assert outputs * count(found.operations.additions) == products - outputs
    assert count(found.operations.bias_additions) == int(bias)
    reached = [starts[a][-1] + kernel[a] for a in (0, 1)]
    assert bool(found.note) == (reached != [*padded.shape[:2]])
    assert found.learns


@pytest.mark.parametrize("shape", [(5,), (4, 4, 3)])
@pytest.mark.parametrize("bias", [None, True, False])
def test_a_dense_layer_has_a_weight_for_each_pair(
    shape: tuple[int, ...], bias: bool | None
) -> None:
    found = trace("dense", shape, units=7, bias=bias)
    weights = np.zeros((7, np.zeros(shape).size))
    assert found.output == (7,)
    assert count(found.weights) == weights.size
    assert count(found.biases) == (0 if bias is False else 7)
    assert found.operations is not None
    assert count(found.operations.outputs) * count(found.operations.multiplications) == weights.size
    assert count(found.operations.additions) == weights.shape[1] - 1


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        ((8, 8, 3), {"kernel": 2}),
        ((7, 9, 2), {"kernel": 2}),
        ((7, 7, 2), {"kernel": 3, "stride": 2}),
        ((7, 7, 2), {"kernel": 3, "stride": 1, "padding": 1, "mode": "average"}),
        ((9, 8, 1), {"kernel": [3, 2]}),
    ],
)
def test_pooling_keeps_the_channels_and_learns_nothing(
    shape: tuple[int, int, int], fields: dict[str, Any]
) -> None:
    found = trace("pool", shape, **fields)
    kernel = np.broadcast_to(fields["kernel"], 2)
    stride = np.broadcast_to(fields.get("stride", kernel), 2)
    edge = fields.get("padding", 0)
    sizes = [slid(shape[a], kernel[a], edge, stride[a]) for a in (0, 1)]
    assert found.output == (*sizes, shape[2]) == count(found.shape)
    assert (found.weights, found.biases, found.learns) == (None, None, False)
    assert found.operations is not None
    assert count(found.operations.outputs) == sizes[0] * sizes[1] * shape[2]
    reached = [(sizes[a] - 1) * stride[a] + kernel[a] for a in (0, 1)]
    assert bool(found.note) == (reached != [shape[0] + 2 * edge, shape[1] + 2 * edge])
    maxima = 0 if fields.get("mode") == "average" else kernel[0] * kernel[1]
    assert count(found.operations.maxima) == maxima


def test_batch_normalisation_learns_two_numbers_a_channel_and_keeps_two() -> None:
    found = trace("batch_norm", (5, 5, 6))
    assert found.output == (5, 5, 6)
    assert (count(found.weights), count(found.biases), count(found.frozen)) == (6, 6, 12)


@pytest.mark.parametrize("name", ["activation", "dropout"])
def test_some_layers_change_nothing(name: str) -> None:
    found = trace(name, (5, 5, 6))
    assert (found.output, found.learns, found.operations) == ((5, 5, 6), False, None)


def test_flattening_is_one_long_vector() -> None:
    found = trace("flatten", (5, 4, 6))
    assert found.output == (120,)
    assert count(found.shape) == 120
    assert found.shape is not None
    assert text(found.shape) == "5 · 4 · 6"


@pytest.mark.parametrize(
    ("name", "fields", "keras"),
    [
        ("conv", {"filters": 1, "kernel": 2}, "Conv2D"),
        ("dense", {"units": 2}, "Dense"),
        ("pool", {"kernel": 2}, "MaxPooling2D"),
        ("pool", {"kernel": 2, "mode": "average"}, "AveragePooling2D"),
        ("batch_norm", {}, "BatchNormalization"),
        ("activation", {"function": "relu"}, "Activation"),
        ("dropout", {"rate": "0.25"}, "Dropout"),
        ("flatten", {}, "Flatten"),
    ],
)
def test_the_class_in_keras(name: str, fields: dict[str, Any], keras: str) -> None:
    assert trace(name, (6, 6, 2), **fields).keras == keras


def test_sizes_are_written_as_a_teacher_writes_them() -> None:
    def written(name: str, shape: tuple[int, ...], part: str, **fields: Any) -> str:
        return text(getattr(trace(name, shape, **fields), part))

    assert written("dense", (4, 5, 3), "weights", units=7) == "(4 · 5 · 3) · 7"
    assert written("dense", (9,), "weights", units=7) == "9 · 7"
    assert written("conv", (8, 9, 3), "weights", filters=4, kernel=[3, 2]) == "(3 · 2 · 3) · 4"
    assert (
        written("conv", (8, 9, 3), "shape", filters=4, kernel=3) == "(8 − 3 + 1) × (9 − 3 + 1) × 4"
    )
    assert written("conv", (8, 9, 3), "shape", filters=4, kernel=3, stride=2, padding=1) == (
        "(⌊(8 + 2 · 1 − 3)/2⌋ + 1) × ((9 + 2 · 1 − 3)/2 + 1) × 4"
    )
    assert written("pool", (8, 9, 3), "shape", kernel=2) == "(8/2) × ⌊9/2⌋ × 3"
    assert written("pool", (8, 8, 3), "shape", kernel=2, padding=1) == (
        "((8 + 2 · 1 − 2)/2 + 1) × ((8 + 2 · 1 − 2)/2 + 1) × 3"
    )


@pytest.mark.parametrize(
    ("token", "numbers", "fields"),
    [
        ("CONV", [5, 16], {"layer": "conv", "kernel": 5, "filters": 16}),
        ("FC", [10], {"layer": "dense", "units": 10}),
        ("DENSE", [10], {"layer": "dense", "units": 10}),
        ("POOL", [2], {"layer": "pool", "kernel": 2, "mode": "max"}),
        ("MAXPOOL", [2], {"layer": "pool", "kernel": 2, "mode": "max"}),
        ("AVGPOOL", [2], {"layer": "pool", "kernel": 2, "mode": "average"}),
        ("RELU", [], {"layer": "activation", "function": "relu"}),
        ("BN", [], {"layer": "batch_norm"}),
        ("DROPOUT", [], {"layer": "dropout"}),
        ("FLATTEN", [], {"layer": "flatten"}),
    ],
)
def test_the_notation_of_courses(token: str, numbers: list[int], fields: dict[str, Any]) -> None:
    module = layers()[tokens()[token]]
    assert module.parse(token, numbers) == fields
    module.Fields(**fields)


@pytest.mark.parametrize("token", ["CONV", "FC", "POOL", "RELU", "BN", "DROPOUT", "FLATTEN"])
def test_a_wrong_number_of_numbers_is_refused(token: str) -> None:
    with pytest.raises(LayerError):
        layers()[tokens()[token]].parse(token, [1, 2, 3])


@pytest.mark.parametrize("name", ["conv", "pool"])
def test_a_window_needs_a_volume(name: str) -> None:
    fields = {"kernel": 2, **({"filters": 1} if name == "conv" else {})}
    with pytest.raises(LayerError, match="needs an input of height, width and channels"):
        trace(name, (10,), **fields)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("kernel", 0, "found 0, expected a whole number, 1 or more"),
        ("kernel", "2.5", "found 2.5, expected a whole number, 1 or more"),
        ("kernel", True, "found True, expected a whole number, 1 or more"),
        ("kernel", "²", "found ², expected a whole number, 1 or more"),
        ("kernel", "9" * 5000, "expected a whole number, 1 or more"),
        (
            "kernel",
            [1, 2, 3, 4],
            "found a list of 4, expected a whole number, 1 or more, or a list of one to three",
        ),
        ("padding", "half", "found half, expected a number of pixels, 'same' or 'valid'"),
        ("padding", -1, "found -1, expected 0 or more pixels, 'same' or 'valid'"),
        ("padding", "٣", "found ٣, expected a number of pixels, 'same' or 'valid'"),
        ("strides", 1, "Extra inputs are not permitted"),
    ],
)
def test_sizes_are_whole_numbers(field: str, value: Any, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        layers()["conv"].Fields(**{"filters": 1, "kernel": 3, field: value})
    assert message in str(refused.value)


def test_sizes_are_read_from_numerals_and_for_both_axes() -> None:
    fields = layers()["conv"].Fields(filters=1, kernel="3", stride=["1", 2], padding=" Same ")
    assert (fields.kernel, fields.stride, fields.padding) == ((3, 3), (1, 2), "same")


def test_equal_padding_needs_an_odd_kernel_and_stride_one() -> None:
    assert pads("same", (9, 9), (5, 3), (1, 1)) == (2, 1)
    assert pads("valid", (9, 9), (5, 3), (1, 1)) == (0, 0)
    assert pads((3, 4), (9, 9), (5, 3), (2, 2)) == (3, 4)
    for kernel, stride in [((4, 3), (1, 1)), ((3, 3), (1, 2))]:
        with pytest.raises(LayerError, match="padding 'same' needs an odd kernel and stride 1"):
            pads("same", (9, 9), kernel, stride)


def test_what_is_learned_is_told_apart() -> None:
    learned = {name for name, row in PARAMETER_TYPES.items() if row.learnable}
    assert learned == {"conv", "dense", "batch_norm_scale", "embedding"}
    assert all(row.title and row.examples for row in PARAMETER_TYPES.values())


@pytest.mark.parametrize("written", [2, "2"])  # numerals of a file are text
@pytest.mark.parametrize("layer", ["rnn", "lstm", "gru"])
def test_a_recurrent_layer_may_have_two_vectors_of_biases(layer: str, written: object) -> None:
    fields = layers()[layer].Fields.model_validate({"layer": layer, "units": 3, "biases": written})
    assert fields.biases == 2
