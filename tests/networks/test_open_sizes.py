"""Model files that leave sizes of their inputs open, and the sizes that a problem states beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.networks.encoder import Graph, Net, part
from tests.networks.test_model_files import answers, refused


def convolution(*shape: int) -> Graph:
    """3 × 3 filters over 3 channels; 0 stands for an open size, nothing for an input of any shape."""
    g = Graph(shape or [1, 3])
    if not shape:
        g.body = part(11, part(1, "input"))
    g.channels["input"] = 3
    g.relu(g.conv("input", 8, 3))
    return g


def problem(folder: Path, given: str) -> Path:
    path = folder / "problem.yaml"
    path.write_text(f"kind: architecture\ntitle: t\ngiven: {given}\nask: {{macs: true}}\n")
    return path


@pytest.mark.parametrize("shape", [(0, 3, 0, 0), (0, 3, 10, 0), (1, 0, 0, 12), (), (0, 3, 10, 12)])
def test_a_problem_states_what_an_onnx_file_leaves_open(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    """What is stated beside the file, or what the file has itself."""
    convolution(*shape).write(tmp_path / "open.onnx")
    convolution(1, 3, 10, 12).write(tmp_path / "known.onnx")
    found = answers(problem(tmp_path, "{model: open.onnx, input: [3, 10, 12]}"))
    assert found == answers(problem(tmp_path, "{model: known.onnx}"))
    assert found["MACs"] == 10 * 12 * 27 * 8


def test_an_open_size_is_told_with_what_to_do(tmp_path: Path) -> None:
    told = refused(convolution(0, 3, 0, 0).write(tmp_path / "n.onnx"))
    assert "the input 'input' is 3 × ? × ?; its sizes have to be known" in told
    assert "as 'input: [...]', without the batch" in told


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "input: [3, 10]",
            "the input 'input' is 3 × ? × 12 in the file; the problem states 3 × 10",
        ),
        ("input: [4, 10, 12]", "is 3 × ? × 12 in the file; the problem states 4 × 10 × 12"),
        ("input: [3, 10, 13]", "is 3 × ? × 12 in the file; the problem states 3 × 10 × 13"),
        ("inputs: {image: [3, 10, 12]}", "there is no input 'image'; known: 'input'"),
        ("input: [3, 10, 12], layers: [FC-1]", "'layers' stands beside 'model', which has it"),
    ],
)
def test_sizes_that_are_not_those_of_the_file(tmp_path: Path, given: str, message: str) -> None:
    convolution(0, 3, 0, 12).write(tmp_path / "n.onnx")
    assert message in refused(problem(tmp_path, f"{{model: n.onnx, {given}}}"))


def test_several_inputs_have_their_sizes_by_name(tmp_path: Path) -> None:
    g = Net([0, 0, 8])
    x = g.op("Gather", g.weight("table", 20, 8), g.ids([0, 0]))
    g.put_out(g.op("Add", x, "input"))
    g.write(tmp_path / "n.onnx")
    found = answers(problem(tmp_path, "{model: n.onnx, inputs: {input: [5, 8], ids: [5]}}"))
    assert found["parameters"] == 160
    assert [5, 8] in [value for name, value in found.items() if name.endswith(": output")]
    told = refused(problem(tmp_path, "{model: n.onnx, input: [5, 8]}"))
    assert "the inputs are 'input', 'ids'; their sizes stand by name, under 'inputs'" in told


def test_a_problem_states_what_a_keras_file_leaves_open(tmp_path: Path) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"name": "image", "batch_shape": [None, None, None, 3]}},
        {
            "class_name": "Conv2D",
            "config": {"name": "c", "filters": 8, "kernel_size": [3, 3], "padding": "same"},
        },
    ]  # fmt: skip
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    (tmp_path / "m.json").write_text(json.dumps(config))
    assert "the input 'image' is ? × ? × 3; its sizes have to be known" in refused(
        tmp_path / "m.json"
    )
    found = answers(problem(tmp_path, "{model: m.json, input: [10, 12, 3]}"))
    assert (found["parameters"], found["MACs"]) == (8 * 27 + 8, 10 * 12 * 27 * 8)
