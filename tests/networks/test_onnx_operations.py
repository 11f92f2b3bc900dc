"""ONNX as exporters write it: recurrent layers, attention in single operations, computed shapes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derivations.errors import ProblemError
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from tests.conftest import run
from tests.networks.encoder import Net, attention, lstm, part, resnet_50, u_net
from tests.networks.test_model_files import answers, refused


def outputs(path: Path) -> dict[str, list[int]]:
    """What every layer puts out, by its name."""
    return {
        k.removesuffix(": output"): v for k, v in answers(path).items() if k.endswith(": output")
    }


# Parameters are those that PyTorch 2.15 counts for these networks (numel of model.parameters()).
@pytest.mark.parametrize(
    ("graph", "parameters", "macs"),
    [
        (lstm(False, False), 1_600 + 6_400 + 165, 7 * 4 * 32 * (16 + 32) + 160),
        (lstm(False, True), 1_600 + 6_400 + 165, 7 * 4 * 32 * (16 + 32) + 160),
        (lstm(True, False), 1_600 + 12_800 + 325, 2 * 7 * 4 * 32 * (16 + 32) + 320),
        (lstm(True, True), 1_600 + 12_800 + 325, 2 * 7 * 4 * 32 * (16 + 32) + 320),
        (attention(False), 10_400, 10 * 32 * (96 + 32 + 2 * 64) + 2 * 10 * 10 * 32),
        (attention(True), 10_400, 10 * 32 * (96 + 32 + 2 * 64) + 2 * 10 * 10 * 32),
        (u_net(), 13_514, 2_744_320),
    ],
)
def test_networks_as_they_are_exported(
    tmp_path: Path, graph: Net, parameters: int, macs: int
) -> None:
    found = answers(graph.write(tmp_path / "net.onnx"))
    assert (found["parameters"], found["MACs"]) == (parameters, macs)


def test_norms_and_gelu_that_are_written_out_are_one_layer_again(tmp_path: Path) -> None:
    text = run("show", str(attention(True).write(tmp_path / "net.onnx"))).output
    assert "embedding, 50 × 32, array, added, LN" in text
    assert "dense, 64, GELU" in text
    assert "4 × 10 × 10 × 8 = 3,200" in text


def test_tied_weights_are_counted_once(tmp_path: Path) -> None:
    g = Net([1, 6])
    x = g.op("Gather", g.weight("table", 90, 8), "input")
    g.put_out(g.op("MatMul", x, g.op("Transpose", "table", perm=[1, 0])))
    found = answers(g.write(tmp_path / "n.onnx"))
    assert (found["parameters"], found["MACs"]) == (90 * 8, 6 * 90 * 8)


def test_a_gate_over_channels_and_padding(tmp_path: Path) -> None:
    """Squeeze and excitation, with computed pads and a resize to a computed size."""
    g = Net([1, 3, 10, 10])
    pads = g.op("Concat", g.numbers(0, 0, 1, 1), g.numbers(0, 0, 2, 2), axis=0)
    x = g.op("Pad", "input", pads, mode="reflect")
    x = g.op("Conv", x, g.weight("w", 8, 3, 3, 3), kernel_shape=[3, 3])
    z = g.op("ReduceMean", x, g.numbers(2, 3), keepdims=0)
    z = g.op("Sigmoid", g.op("Gemm", z, g.weight("v", 8, 8), transB=1))
    x = g.op("Mul", x, g.op("Unsqueeze", z, g.numbers(2, 3)))
    head = g.op("Slice", g.op("Shape", x), g.numbers(0), g.numbers(2), g.numbers(0))
    x = g.op("Resize", x, "", "", g.op("Concat", head, g.numbers(7, 5), axis=0))
    g.put_out(g.op("PRelu", x, g.weight("slope", 8, 1, 1)))
    path = g.write(tmp_path / "n.onnx")
    found = outputs(path)
    assert [v for k, v in found.items() if "Pad" in k] == [[3, 13, 13]]
    assert [v for k, v in found.items() if "Mul" in k] == [[8, 11, 11]]
    assert list(found.values())[-1] == [8, 7, 5]
    assert answers(path)["parameters"] == 8 * 27 + 64 + 8
    assert "reflect padding" in run("show", str(path)).output


def test_a_learned_token_is_put_in_front(tmp_path: Path) -> None:
    """As a vision transformer does: patches, a token, places."""
    g = Net([1, 3, 16, 16])
    x = g.op("Conv", "input", g.weight("w", 12, 3, 4, 4), kernel_shape=[4, 4], strides=[4, 4])
    x = g.op("Transpose", g.op("Reshape", x, g.numbers(1, 12, -1)), perm=[0, 2, 1])
    token = g.op(
        "Expand",
        g.weight("token", 1, 1, 12),
        g.numbers(1, 1, 12),
    )
    x = g.op("Concat", token, x, axis=1)
    x = g.op("Add", x, g.weight("places", 1, 17, 12))
    g.put_out(g.op("Gather", x, g.numbers(0, dims=[]), axis=1))
    path = g.write(tmp_path / "n.onnx")
    assert answers(path)["parameters"] == 12 * 48 + 12 + 17 * 12
    assert [17, 12] in outputs(path).values()


# ---------------------------------------------------------------- shapes against NumPy


def changed(draw: random.Random, g: Net, name: str, x: Any) -> tuple[str, Any]:
    """One operation that moves entries, in the file and with NumPy."""
    axes = range(1, x.ndim)
    kind = draw.choice(
        ["turn", "reshape", "slice", "split", "pick", "more", "less", "mean", "wide"]
    )
    if kind == "turn" and x.ndim > 2:
        order = [0, *draw.sample(list(axes), x.ndim - 1)]
        return g.op("Transpose", name, perm=order), x.transpose(order)
    if kind == "reshape" and x.ndim > 2:
        size = [1, *x.shape[1:-2], -1]
        return g.op("Reshape", name, g.numbers(*size)), x.reshape(size)
    axis = draw.choice(list(axes))
    if kind == "slice":
        start, step = draw.randrange(x.shape[axis]), draw.randint(1, 2)
        cut = (slice(None),) * axis + (slice(start, None, step),)
        found = g.op("Slice", name, *map(g.numbers, (start, 2**62, axis - x.ndim, step)))
        return found, x[cut]
    if kind == "split" and x.shape[axis] > 1:
        first = draw.randint(1, x.shape[axis] - 1)
        sizes = g.numbers(first, x.shape[axis] - first)
        return f"{g.op('Split', name, sizes, outputs=2, axis=axis)}.1", np.split(x, [first], axis)[
            1
        ]
    if kind == "pick" and x.ndim > 2:
        place = draw.randrange(-x.shape[axis], x.shape[axis])
        return g.op("Gather", name, g.numbers(place, dims=[]), axis=axis), x.take(place, axis)
    if kind == "more" and x.ndim < 6:
        return g.op("Unsqueeze", name, g.numbers(axis)), np.expand_dims(x, axis)
    if kind == "less" and x.ndim > 2 and x.shape[axis] == 1:
        return g.op("Squeeze", name, g.numbers(axis)), x.squeeze(axis)
    if kind == "mean" and x.ndim > 2:
        keep = draw.randint(0, 1)
        return g.op("ReduceSum", name, g.numbers(axis), keepdims=keep), x.sum(
            axis, keepdims=bool(keep)
        )
    wide = np.broadcast_shapes(x.shape, (*(1,) * (x.ndim - 1), x.shape[-1]))
    return g.op("Expand", name, g.numbers(*wide)), np.broadcast_to(x, wide)


@pytest.mark.parametrize("seed", range(150))
def test_shapes_are_those_of_numpy(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    shape = [1, *(draw.randint(1, 6) for _ in range(draw.randint(2, 4)))]
    g, name, x = Net(shape), "input", np.zeros(shape)
    for _ in range(draw.randint(2, 8)):
        name, x = changed(draw, g, name, x)
    g.put_out(g.op("Relu", name))
    found = outputs(g.write(tmp_path / "n.onnx"))
    assert list(found.values())[-1] == list(x.shape[1:] or (1,))


# ---------------------------------------------------------------- what is refused


def only(op: str, *inputs: Any, shape: tuple[int, ...] = (1, 3, 8, 8), **attributes: Any) -> Net:
    g = Net(shape)
    names = [g.numbers(*one) if isinstance(one, tuple) else one for one in inputs]
    g.put_out(g.op(op, "input", *names, **attributes))
    return g


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (only("Reshape", (1, 5)), "the shape [1, 5] for one of [1, 3, 8, 8]"),
        (only("Reshape", "input"), "its input 2 depends on the inputs of the network"),
        (only("Transpose", perm=[0, 1, 1, 2]), "the order [0, 1, 1, 2] of 4 axes"),
        (only("Slice", (0,), (1,), (7,)), "axis 7 of a tensor that has 4"),
        (only("Slice", (3,), (1,), (2,)), "a part without any place"),
        (only("Slice", (7,), (0,), (2,), (-2,)), "a part in steps of -2; only forward is read"),
        (only("Split", (5, 5), outputs=2, axis=2), "parts of [5, 5] of 8"),
        (only("Gather", (9,), axis=2), "places that there are not along an axis of 8"),
        (only("Gather", (2, 0, 1), axis=2), "places in another order are not read here"),
        (only("Squeeze", (1,)), "is squeezed that is not of size 1"),
        (only("Unsqueeze", (1, 1)), "the new axes [1, 1]"),
        (only("Expand", (1, 3, 8, 9)), "shapes 1×3×8×8 and 1×3×8×9 do not match"),
        (only("Pad", (0, 1, 0, 0, 0, 0, 0, 0)), "only height and width are padded here"),
        (only("Pad", (0, 0)), "2 pads for 4 axes; expected 8"),
        (only("Resize", "", "", (1, 4, 8, 8)), "only maps are resized"),
        (only("Resize"), "neither sizes nor factors are constants of the file"),
        (only("MatMul", (1, 2, 3)), "a product with a constant of 1 axes"),
        (only("LSTM", (1,), (1,), shape=(1, 7, 8)), "a recurrent layer whose matrix is not among"),
        (only("Concat", (1,), axis=1), "[1, 3, 8, 8] and [1] cannot be joined along axis 1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(tmp_path: Path, graph: Net, message: str) -> None:
    told = refused(graph.write(tmp_path / "n.onnx"))
    assert "n.onnx: node 0 '/" in told
    assert message in told


def test_steps_where_the_batch_is_expected(tmp_path: Path) -> None:
    g = Net([7, 2, 16])
    own = [g.weight("W", 1, 128, 16), g.weight("R", 1, 128, 32)]
    g.put_out(g.op("LSTM", "input", *own, hidden_size=32))
    assert "its steps stand where the batch is expected" in refused(g.write(tmp_path / "n.onnx"))


def test_an_open_batch_is_one_sample(tmp_path: Path) -> None:
    g = Net([0, 3, 4])
    batch = g.op("Gather", g.op("Shape", "input"), g.numbers(0))
    g.put_out(g.op("Relu", g.op("Reshape", "input", g.op("Concat", batch, g.numbers(-1), axis=0))))
    assert list(outputs(g.write(tmp_path / "n.onnx")).values())[-1] == [12]


@pytest.mark.parametrize("seed", range(200))
def test_changed_bytes_never_end_in_anything_but_a_message(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    graphs = (lstm(True, False), lstm(False, True), attention(True), attention(False), u_net())
    data = bytearray(draw.choice(graphs).model())
    for _ in range(draw.randint(1, 4)):
        data[draw.randrange(len(data))] = draw.choice((0, 1, 2, 255, draw.randrange(256)))
    path = tmp_path / "net.onnx"
    path.write_bytes(bytes(data))
    told = ""
    try:
        told = str(len(solve(load(path)).lines))
    except ProblemError as error:
        told = str(error)
    assert told.isdigit() or "net.onnx" in told


def test_a_long_graph_of_changes_of_shape_is_no_trouble(tmp_path: Path) -> None:
    g, x = Net([1, 4, 6]), "input"
    for k in range(3000):
        x = g.op("Reshape", x, g.numbers(*((1, 24) if k % 2 else (1, 6, 4))))
    g.put_out(g.op("Relu", x))
    assert list(outputs(g.write(tmp_path / "n.onnx")).values())[-1] == [24]
    assert resnet_50().count > 100


def test_weights_that_nobody_has_are_refused_at_once(tmp_path: Path) -> None:
    g = Net([1, 6])
    g.put_out(g.op("Gather", g.weight("table", 2**39, 2**39), "input"))
    assert "a size of more than 16777216 is not read here" in refused(g.write(tmp_path / "n.onnx"))


# ---------------------------------------------------------------- as other versions of ONNX write it


def behind_a_convolution(op: str, *inputs: str | tuple[int, ...], **attributes: Any) -> Net:
    """One operation behind a convolution to 8 channels of 16 × 16."""
    g = Net([1, 3, 16, 16])
    x = g.op("Conv", "input", g.weight("w", 8, 3, 3, 3), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    names = [g.numbers(*one) if isinstance(one, tuple) else one for one in inputs]
    g.put_out(g.op(op, x, *names, **attributes))
    return g


# The sizes are those of onnx.shape_inference (onnx 1.23).
@pytest.mark.parametrize(
    ("graph", "last"),
    [
        (behind_a_convolution("Pad", (1, 2, 3, 4), "", (2, 3)), [8, 20, 22]),
        (behind_a_convolution("Pad", (2, 4), "", (-1,)), [8, 16, 22]),
        (behind_a_convolution("Resize", "", "", (20, 24), axes=[2, 3], mode="linear"), [8, 20, 24]),
        (behind_a_convolution("Resize", "", "", (24,), axes=[3], mode="linear"), [8, 16, 24]),
        (only("MaxPool", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER"), [3, 4, 4]),
    ],
)
def test_axes_that_are_named(tmp_path: Path, graph: Net, last: list[int]) -> None:
    assert list(outputs(graph.write(tmp_path / "n.onnx")).values())[-1] == last


@pytest.mark.parametrize(
    ("attributes", "size", "words"),
    [
        ({"output_shape": [16, 17]}, [5, 16, 17], "7 × 2 + 3 − 1) × (7 × 2 + 3)"),
        ({"output_shape": [1, 5, 13, 16]}, [5, 13, 16], "(7 × 2 + 3 − 1) = 5 × 13 × 16"),
        ({"output_shape": [16, 17], "auto_pad": "SAME_UPPER"}, [5, 16, 17], "7 × 2 + 3 − 1)"),
    ],
)
def test_a_transposed_convolution_that_names_its_output(
    tmp_path: Path, attributes: dict[str, Any], size: list[int], words: str
) -> None:
    g = Net([1, 3, 8, 8])
    g.put_out(
        g.op("ConvTranspose", "input", g.weight("w", 3, 5, 3, 3), strides=[2, 2], **attributes)
    )
    path = g.write(tmp_path / "n.onnx")
    assert list(outputs(path).values())[-1] == size
    assert words in run("show", str(path)).output


@pytest.mark.parametrize(
    ("least", "most", "word"),
    [((0,), (6,), "ReLU6"), ((0,), (), "ReLU"), ((), (6,), "clip"), ((-1,), (1,), "clip")],
)
def test_only_from_0_to_6_a_clip_is_relu6(
    tmp_path: Path, least: tuple[int, ...], most: tuple[int, ...], word: str
) -> None:
    g = Net([1, 3, 16, 16])
    x = g.op("Conv", "input", g.weight("w", 8, 3, 3, 3), kernel_shape=[3, 3])
    bounds = [g.factors(*one, dims=[]) if one else "" for one in (least, most)]
    g.put_out(g.op("Clip", x, *bounds))
    assert f"3 × 3 conv, 8, {word} " in run("show", str(g.write(tmp_path / "n.onnx"))).output


def test_scales_of_groups_are_not_taken_for_those_of_channels(tmp_path: Path) -> None:
    """ONNX 18 has one for each group, ONNX 21 one for each channel."""
    for count, told in ((8, ""), (2, "2 biases or scales for 8 channels; only one for each")):
        g = Net([1, 8, 4, 4])
        own = [g.weight(name, count) for name in ("scale", "shift")]
        g.put_out(g.op("GroupNormalization", "input", *own, num_groups=2))
        path = g.write(tmp_path / f"{count}.onnx")
        if told:
            assert told in refused(path)
        else:
            assert answers(path)["parameters"] == 16


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (only("If"), "(If): subgraphs are not read here"),
        (only("Loop", (1,), (1,)), "(Loop): subgraphs are not read here"),
        (only("QuantizeLinear"), "quantised operations are not read here; export the network"),
        (only("DequantizeLinear"), "quantised operations are not read here"),
        (only("ConvInteger"), "quantised operations are not read here"),
    ],
)
def test_what_is_left_out_is_named(tmp_path: Path, graph: Net, message: str) -> None:
    assert message in refused(graph.write(tmp_path / "n.onnx"))


def test_a_name_stands_for_one_tensor(tmp_path: Path) -> None:
    g = Net([1, 4])
    first = g.op("Relu", "input")
    g.body += part(1, part(1, "input") + part(2, first) + part(4, "Tanh"))
    g.put_out(first)
    assert f"its output '{first}' is the name of another tensor already" in refused(
        g.write(tmp_path / "n.onnx")
    )


def test_a_function_of_the_file_is_told(tmp_path: Path) -> None:
    g = Net([1, 4])
    g.put_out(g.op("Act", "input"))
    path = tmp_path / "n.onnx"
    path.write_bytes(g.model() + part(25, part(1, "Act")))
    assert "functions that the file defines itself are not read here" in refused(path)


def with_weights(op: str, shape: list[int], *sizes: tuple[int, ...], **attributes: Any) -> Net:
    """One operation on the input, with weights of these sizes."""
    g = Net(shape)
    own = [g.weight(f"w{k}", *dims) for k, dims in enumerate(sizes)]
    g.put_out(g.op(op, "input", *own, **attributes))
    return g


IMAGE = [1, 3, 8, 8]


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (with_weights("Gemm", [1, 8], (4, 8), (1,), transB=1), "1 biases or scales for 4 units"),
        (with_weights("Gemm", [1, 8], (4, 8), (), transB=1), "1 biases or scales for 4 units"),
        (with_weights("Conv", IMAGE, (8, 3, 3, 3), (7,)), "7 biases or scales for 8 filters"),
        (with_weights("ConvTranspose", IMAGE, (3, 8, 3, 3), (3,)), "3 biases or scales for 8 filters"),
        (with_weights("BatchNormalization", IMAGE, (3,), (3,), (3,), (4,)), "4 biases or scales for 3"),
        (with_weights("LayerNormalization", [1, 5, 8], (8,), axis=1), "8 biases or scales for 40 entries"),
    ],
)  # fmt: skip
def test_one_number_for_all_is_not_counted_as_one_for_each(
    tmp_path: Path, graph: Net, message: str
) -> None:
    assert message in refused(graph.write(tmp_path / "n.onnx"))


def test_a_bias_as_a_row_is_one_for_each_unit(tmp_path: Path) -> None:
    graph = with_weights("Gemm", [1, 8], (4, 8), (1, 4), transB=1)
    assert answers(graph.write(tmp_path / "n.onnx"))["parameters"] == 36
