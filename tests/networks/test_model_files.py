"""Model files: ONNX and Keras, right, damaged and hostile."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from derivations.reading.networks.keras import read_keras
from derivations.reading.networks.protobuf import DamagedFile
from tests.conftest import Run, run
from tests.networks.encoder import Graph, part, resnet_50, whole


def answers(path: Path) -> dict[str, Any]:
    done = run("solve", str(path), "--json")
    assert (done.code, done.error) == (0, "")
    return {answer["name"]: answer["value"] for answer in json.loads(done.output)[0]["answers"]}


def refused(path: Path) -> str:
    done: Run = run("solve", str(path), "--json")
    assert (done.code, done.output) == (2, "")
    assert done.error.startswith(str(path))
    return done.error


def test_resnet_50_from_onnx_is_that_of_torchvision(tmp_path: Path) -> None:
    found = answers(resnet_50().write(tmp_path / "resnet-50.onnx"))
    assert found["parameters"] == 25_557_032
    assert found["not learned"] == 53_120
    assert found["MACs"] == 4_089_184_256


def test_a_problem_names_a_model_of_its_folder(tmp_path: Path) -> None:
    resnet_50().write(tmp_path / "net.onnx")
    problem = tmp_path / "problem.yaml"
    problem.write_text(
        "kind: architecture\ntitle: t\ngiven: {model: net.onnx}\nask: {conventions: [fvcore]}\n"
    )
    assert answers(problem)["fvcore"] == 4_111_512_576


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("../net.onnx", "'../net.onnx' is not in the folder of the problem"),
        ("gone.onnx", "gone.onnx: cannot be read: No such file or directory"),
        ("net.onx", "'.onx' is not a kind of model file; did you mean '.onnx'?"),
    ],
)
def test_a_model_that_is_not_there(tmp_path: Path, model: str, message: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    resnet_50().write(tmp_path / "net.onnx")
    (inside / "problem.yaml").write_text(
        f"kind: architecture\ntitle: t\ngiven:\n  model: {model}\n"
    )
    told = refused(inside / "problem.yaml")
    assert f"problem.yaml:4:10: given.model: {message}" in told


def damaged(graph: Graph) -> dict[str, bytes]:
    data = graph.model()
    return {
        "empty": b"",
        "cut": data[: len(data) // 2],
        "text": b"this is no model at all, only words\n",
        "no graph": whole(1, 8),
        "endless number": b"\x08" + b"\xff" * 20,
        "huge length": b"\x3a" + b"\xff\xff\xff\xff\x7f" + b"x",
        "huge tensor": part(7, part(5, whole(1, 2**62) + part(8, "w"))),
    }


@pytest.mark.parametrize("name", sorted(damaged(Graph([1, 1, 4, 4]))))
def test_damaged_files_are_told_apart(tmp_path: Path, name: str) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(damaged(resnet_50())[name])
    assert "given.model: net.onnx: " in refused(path)


@pytest.mark.parametrize("seed", range(150))
def test_changed_bytes_never_end_in_anything_but_a_message(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    g = Graph([1, 3, 8, 8])
    g.relu(g.conv("input", 4, 3))
    data = bytearray(g.model())
    for _ in range(draw.randint(1, 4)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    path = tmp_path / "net.onnx"
    path.write_bytes(bytes(data))
    told = ""
    try:
        told = str(len(solve(load(path)).lines))
    except ProblemError as error:
        told = str(error)
    assert told.isdigit() or "net.onnx" in told


def test_an_operation_that_is_not_read_is_named(tmp_path: Path) -> None:
    g = Graph([1, 3, 8, 8])
    g.node("Einsum", ["input"], 3)
    assert "node 0 '/Einsum_1' (Einsum): 'Einsum' is not an operation that is read here" in refused(
        g.write(tmp_path / "n.onnx")
    )


def test_weights_for_other_channels_are_refused(tmp_path: Path) -> None:
    g = Graph([1, 3, 8, 8])
    g.node("Conv", ["input", g.weight("w", 4, 5, 3, 3)], 4)
    assert "'/Conv_1' has weights for 5 channels; 3 come in" in refused(
        g.write(tmp_path / "n.onnx")
    )


def test_a_name_from_nowhere_is_refused(tmp_path: Path) -> None:
    g = Graph([1, 3, 8, 8])
    g.node("Relu", ["later"], 3)
    assert "its input 'later' comes from nowhere" in refused(g.write(tmp_path / "n.onnx"))


# ---------------------------------------------------------------- Keras


def tensor(name: str) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}}


def layer(
    class_name: str, name: str, sources: list[str], new: bool, **config: Any
) -> dict[str, Any]:
    calls: list[Any] = []
    if sources and new:
        args = [tensor(s) for s in sources]
        calls = [{"args": args if len(args) == 1 else [args], "kwargs": {}}]
    elif sources:
        calls = [[[s, 0, 0, {}] for s in sources]]
    return {"class_name": class_name, "config": {"name": name, **config}, "inbound_nodes": calls}


def toy_resnet(new: bool) -> dict[str, Any]:
    """The toy ResNet of Keras' guide to the functional API."""
    shape = {"batch_shape" if new else "batch_input_shape": [None, 32, 32, 3]}
    conv = {"kernel_size": [3, 3], "strides": [1, 1], "activation": "relu", "use_bias": True}
    rows = [
        layer("InputLayer", "img", [], new, **shape),
        layer("Conv2D", "c1", ["img"], new, filters=32, padding="valid", **conv),
        layer("Conv2D", "c2", ["c1"], new, filters=64, padding="valid", **conv),
        layer("MaxPooling2D", "b0", ["c2"], new, pool_size=[3, 3], strides=[3, 3], padding="valid"),
    ]
    for k in (1, 2):
        rows += [
            layer("Conv2D", f"x{k}", [f"b{k - 1}"], new, filters=64, padding="same", **conv),
            layer("Conv2D", f"y{k}", [f"x{k}"], new, filters=64, padding="same", **conv),
            layer("Add", f"b{k}", [f"y{k}", f"b{k - 1}"], new),
        ]
    rows += [
        layer("Conv2D", "c5", ["b2"], new, filters=64, padding="valid", **conv),
        layer("GlobalAveragePooling2D", "gap", ["c5"], new),
        layer("Dense", "d1", ["gap"], new, units=256, activation="relu", use_bias=True),
        layer("Dropout", "drop", ["d1"], new, rate=0.5),
        layer("Dense", "d2", ["drop"], new, units=10, activation="linear", use_bias=True),
    ]
    return {"class_name": "Functional", "config": {"name": "toy_resnet", "layers": rows}}


def archive(path: Path, config: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("metadata.json", "{}")
        file.writestr("config.json", config)
        file.writestr("model.weights.h5", b"\x00" * 100)
    return path


@pytest.mark.parametrize("new", [True, False])
def test_a_keras_archive_is_what_keras_prints(tmp_path: Path, new: bool) -> None:
    path = archive(tmp_path / "toy.keras", json.dumps(toy_resnet(new)).encode())
    assert answers(path)["parameters"] == 223_242


def test_keras_json_beside_a_problem(tmp_path: Path) -> None:
    (tmp_path / "toy.json").write_text(json.dumps(toy_resnet(True)))
    (tmp_path / "p.yaml").write_text("kind: architecture\ntitle: t\ngiven: {model: toy.json}\n")
    assert answers(tmp_path / "p.yaml")["parameters"] == 223_242


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (b" " * (17 << 20), "config.json unpacks to more than"),
        (b"[" * 200_000, "nested too deep"),
        (b"{", "line 1, column 2: not JSON"),
        (b"\xff\xfe", "the configuration is not UTF-8"),
        (b"{}", "no configuration of a Keras model"),
        (b'{"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda", "config": '
         b'{"name": "evil", "batch_input_shape": [null, 3], "function": ["4wEAAAA=", null, null]}}]}}',
         "layer 0 'evil': 'Lambda' is not a layer of Keras that is known here"),
    ],
)  # fmt: skip
def test_hostile_archives_are_refused(tmp_path: Path, config: bytes, message: str) -> None:
    assert message in refused(archive(tmp_path / "m.keras", config))


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    path.write_bytes(b"PK\x03\x04 nothing behind it")
    assert "no readable archive" in refused(path)


def test_every_damaged_byte_of_an_archive_is_read_or_refused(tmp_path: Path) -> None:
    whole = archive(tmp_path / "whole.keras", json.dumps(toy_resnet(True)).encode()).read_bytes()
    path, refusals = tmp_path / "m.keras", 0
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read_keras(path)
        except DamagedFile:
            refusals += 1
    assert refusals > len(whole) / 6
