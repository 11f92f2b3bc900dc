"""safetensors: what the headers say, folded by module; damaged and hostile headers."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.kinds.base.architectures.modules import ModuleLine, module_lines, runs
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from derivations.reading.networks.safetensors import StoredTensor, read_safetensors
from derivations.truth.tensors import Stored, count_tensors
from tests.conftest import run
from tests.networks.test_model_files import answers, refused

WIDTH = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8, "F8_E4M3": 1, "U8": 1}
Sizes = dict[str, tuple[str, tuple[int, ...]]]


def header_of(tensors: Sizes) -> dict[str, Any]:
    """Entries behind each other, as a writer lays them out."""
    found: dict[str, Any] = {}
    at = 0
    for name, (dtype, shape) in tensors.items():
        size = WIDTH[dtype]
        for axis in shape:
            size *= axis
        found[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    return found


def file_of(path: Path, header: dict[str, Any] | bytes, room: int | None = None) -> Path:
    """The file; its numbers are holes, which take no room on a disk."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    if room is None:
        assert isinstance(header, dict)
        room = max(e["data_offsets"][1] for n, e in header.items() if n != "__metadata__")
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + room)
    return path


def small() -> Sizes:
    """Conv2d(3, 8, 3), BatchNorm2d(8), Linear(288, 10) of PyTorch."""
    return {
        "1.num_batches_tracked": ("I64", ()),
        "0.bias": ("F32", (8,)), "0.weight": ("F32", (8, 3, 3, 3)),
        "1.bias": ("F32", (8,)), "1.running_mean": ("F32", (8,)), "1.running_var": ("F32", (8,)),
        "1.weight": ("F32", (8,)), "4.bias": ("F32", (10,)), "4.weight": ("F32", (10, 288)),
    }  # fmt: skip


def gpt_2() -> Sizes:
    """The tensors of GPT-2 small, with the mask that is kept in every block."""
    width, found = 768, {}
    found["wte.weight"] = ("F32", (50257, width))
    found["wpe.weight"] = ("F32", (1024, width))
    for layer in range(12):
        for name, shape in {
            "ln_1.weight": (width,), "ln_1.bias": (width,),
            "attn.c_attn.weight": (width, 3 * width), "attn.c_attn.bias": (3 * width,),
            "attn.c_proj.weight": (width, width), "attn.c_proj.bias": (width,),
            "ln_2.weight": (width,), "ln_2.bias": (width,),
            "mlp.c_fc.weight": (width, 4 * width), "mlp.c_fc.bias": (4 * width,),
            "mlp.c_proj.weight": (4 * width, width), "mlp.c_proj.bias": (width,),
        }.items():  # fmt: skip
            found[f"h.{layer}.{name}"] = ("F32", shape)
    found["ln_f.weight"] = found["ln_f.bias"] = ("F32", (width,))
    return found


def test_a_small_network_of_pytorch(tmp_path: Path) -> None:
    """3,130 parameters and 17 statistics, as PyTorch counts them."""
    found = answers(file_of(tmp_path / "m.safetensors", header_of(small())))
    assert found["parameters"] == 3_130
    assert (found["not learned"], found["with statistics"]) == (17, 3_147)
    assert (found["F32: bytes"], found["I64: bytes"], found["bytes"]) == (12_584, 8, 12_592)
    assert found["0: parameters"] == 224


def test_gpt_2_in_lines_for_twelve_blocks(tmp_path: Path) -> None:
    """124,439,808 parameters, the count of Hugging Face's model."""
    path = file_of(tmp_path / "gpt2.safetensors", header_of(gpt_2()))
    found = answers(path)
    assert found["parameters"] == 124_439_808
    assert found["h.0–11.attn.c_attn: parameters"] == 12 * (768 * 2304 + 2304)
    text = run("show", str(path)).output
    assert "h.0–11.attn.c_attn (× 12)" in text
    assert "768 × 2,304 + 2,304 = 1,771,776" in text
    assert "which order layers follow" in " ".join(text.split())
    full = run("show", str(path), "--detail", "full").output
    assert "h.11.mlp.c_proj" in full
    assert "(×" not in full


def sharded(folder: Path, stated: int) -> Path:
    """GPT-2 in two files and their index."""
    names, places = gpt_2(), {}
    for number, chosen in enumerate((list(names)[:70], list(names)[70:]), 1):
        file = f"model-0000{number}-of-00002.safetensors"
        file_of(folder / file, header_of({name: names[name] for name in chosen}))
        places |= dict.fromkeys(chosen, file)
    index = {"metadata": {"total_size": stated}, "weight_map": places}
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps(index))
    return path


def test_an_index_with_its_files(tmp_path: Path) -> None:
    path = sharded(tmp_path, 4 * 124_439_808)
    assert answers(path)["parameters"] == 124_439_808
    assert "These are 2 files; as many as the index states." in run("show", str(path)).output
    (tmp_path / "p.yaml").write_text(
        f"kind: architecture\ntitle: t\ngiven: {{model: {path.name}}}\n"
        "published: [{printed: '124,439,808', by: Hugging Face}]\n"
    )
    assert answers(tmp_path / "p.yaml")["bytes"] == 497_759_232
    sharded(tmp_path, 5)
    assert "the index states another number, 5." in run("show", str(path)).output


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda i: i.pop("weight_map"), "an index without 'weight_map'"),
        (lambda i: i["weight_map"].update(x="../m.safetensors"), "'../m.safetensors' is not the name of"),
        (lambda i: i["weight_map"].update(x="/etc/passwd"), "'/etc/passwd' is not the name of"),
        (lambda i: i["weight_map"].update(x=7), "'7' is not the name of"),
        (lambda i: i["weight_map"].update(x="gone.safetensors"),
         "gone.safetensors: cannot be read: No such file or directory"),
        (lambda i: i["weight_map"].update(x="model-00001-of-00002.safetensors"),
         "model-00001-of-00002.safetensors: the tensor 'x': it is not in it"),
        (lambda i: i["weight_map"].pop("wte.weight"), "the tensor 'wte.weight': the index does not say so"),
    ],
)  # fmt: skip
def test_a_wrong_index_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    path = sharded(tmp_path, 0)
    index = json.loads(path.read_text())
    change(index)
    path.write_text(json.dumps(index))
    assert message in refused(path)


def one(**changed: Any) -> dict[str, Any]:
    return {"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24], **changed}}


HOSTILE: dict[str, tuple[dict[str, Any] | bytes, int, str]] = {
    "no tensors": (b"{}", 0, "a header without tensors"),
    "a list": (b"[1]", 0, "the header is no mapping"),
    "no JSON": (b'{"w": ', 0, "byte 14: the header is not JSON"),
    "behind letters of many bytes": ('{"ä": }'.encode(), 0, "byte 15: the header is not JSON"),
    "not UTF-8": (b'{"\xff": 1}', 0, "byte 10: the header is not UTF-8"),
    "deep": (b"[" * 500_000, 0, "the header is nested too deep"),
    "a key twice": (b'{"w": 1, "w": 2}', 0, "the key 'w' stands twice"),
    "a key twice inside": (b'{"w": {"dtype": "F32", "dtype": "F16"}}', 0, "the key 'dtype' stands twice"),
    "no mapping": (b'{"w": 1}', 0, "the tensor 'w': expected dtype, shape and data_offsets"),
    "a key more": (one(strides=[1]), 24, "the tensor 'w': expected dtype, shape and data_offsets"),
    "an unknown type": (one(dtype="F33"), 24, "'F33' is not a type"),
    "a type that is none": (one(dtype=["F32"]), 24, "is not a type; known: BOOL"),
    "a negative size": (one(shape=[-2, -3]), 24, "the shape '[-2, -3]'; expected a list of sizes"),
    "a size of truth": (one(shape=[True, 6]), 24, "the shape '[true, 6]'"),
    "a broken size": (one(shape=[2.0, 3]), 24, "the shape '[2.0, 3]'"),
    "many axes": (one(shape=[1] * 17), 24, "expected a list of sizes"),
    "a huge size": (one(shape=[2**70]), 24, "expected a list of sizes"),
    "digits": (b'{"w": ' + b"9" * 5000 + b"}", 0, "the header has a number of too many digits"),
    "sizes that do not fit": (one(shape=[2, 4]), 24, "24 bytes from 0 to 24; 2 × 4 numbers of 32 bits take 32"),
    "half a byte": (one(dtype="F4", shape=[3], data_offsets=[0, 1]), 1, "3 numbers of 4 bits take 1.5"),
    "offsets that go back": (one(data_offsets=[24, 0]), 24, "the offsets '[24, 0]'; expected [begin, end]"),
    "three offsets": (one(data_offsets=[0, 24, 48]), 24, "expected [begin, end]"),
    "beyond the file": (one(), 20, "the tensors take 24 bytes; the file has 20 for them"),
    "bytes behind": (one(), 30, "the tensors take 24 bytes; the file has 30 for them"),
    "a hole": (one(data_offsets=[4, 28]), 28, "begins at 4 and leaves a gap behind the header, which ends at 0"),
    "an overlap": (
        one() | {"v": {"dtype": "U8", "shape": [8], "data_offsets": [20, 28]}}, 28,
        "the tensor 'v' begins at 20 and overlaps the tensor 'w', which ends at 24",
    ),
    "a name of signs": ({"a\u0007b": one()["w"]}, 24, "the tensor 'a?b': expected a name of 1 to 300"),
    "a long name": ({"a" * 400: one()["w"]}, 24, "expected a name of 1 to 300 printable letters"),
    "surrogates": (b'{"\\ud800": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}}', 0,
                   "expected a name of 1 to 300 printable letters"),
    "many tensors": (
        {f"t{k}": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for k in range(100_001)}, 0,
        "100001 tensors; at most 100000",
    ),
    "kinds without end": (
        {f"m{k}.w": {"dtype": "U8", "shape": [0, k], "data_offsets": [0, 0]} for k in range(500)}
        | {f"v{k}": {"dtype": "U8", "shape": [k, 0], "data_offsets": [0, 0]} for k in range(500)}, 0, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_headers(tmp_path: Path, name: str) -> None:
    header, room, message = HOSTILE[name]
    path = file_of(tmp_path / "m.safetensors", header, room)
    if not message:  # odd, but nothing is wrong with it
        assert answers(path)["parameters"] == 0
        return
    told = refused(path)
    assert "given.model: m.safetensors: " in told
    assert message in told
    assert len(told) < 600


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a file of 0 bytes; the length of the header alone takes 8"),
        (b"\x01\x00", "a file of 2 bytes"),
        (b"\xff" * 8 + b"{}", "byte 0: a header of 18446744073709551615 bytes, where 2 are left"),
        (b"\x03" + bytes(7) + b"{}", "byte 0: a header of 3 bytes, where 2 are left in the file"),
    ],
)
def test_wrong_lengths(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(data)
    assert message in refused(path)


def test_a_long_header_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    with path.open("wb") as file:
        file.write((2**40).to_bytes(8, "little"))
        file.truncate(2**41)
    assert "a header of 1099511627776 bytes; at most 33554432" in refused(path)


def test_numbers_behind_the_header_are_not_read(tmp_path: Path) -> None:
    """A terabyte of them makes no difference."""
    path = file_of(tmp_path / "m.safetensors", one(shape=[2**37, 2], data_offsets=[0, 2**40]))
    assert answers(path)["parameters"] == 2**38


@pytest.mark.parametrize("seed", range(200))
def test_changed_bytes_never_end_in_anything_but_a_message(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    path = file_of(tmp_path / "m.safetensors", header_of(small()))
    data = bytearray(path.read_bytes())
    length = int.from_bytes(data[:8], "little")
    for _ in range(draw.randint(1, 3)):
        data[draw.randrange(8 + length)] = draw.randrange(256)
    path.write_bytes(bytes(data))
    told = ""
    try:
        told = str(len(solve(load(path)).lines))
    except ProblemError as error:
        told = str(error)
    assert told.isdigit() or "given.model: m.safetensors: " in told


@pytest.mark.parametrize("ask", ["macs: true", "memory: true", "conventions: [fvcore]"])
def test_what_needs_layers_is_refused(tmp_path: Path, ask: str) -> None:
    file_of(tmp_path / "m.safetensors", header_of(small()))
    problem = tmp_path / "p.yaml"
    problem.write_text(
        f"kind: architecture\ntitle: t\ngiven: {{model: m.safetensors}}\nask: {{{ask}}}\n"
    )
    told = refused(problem)
    key = ask.split(":", maxsplit=1)[0]
    assert f"p.yaml:4:{9 + len(key)}: ask.{key}: a file of tensors has no layers" in told


def test_types_of_less_than_a_byte(tmp_path: Path) -> None:
    header = one(dtype="F4", shape=[3, 6], data_offsets=[0, 9])
    found = answers(file_of(tmp_path / "m.safetensors", header))
    assert (found["parameters"], found["bytes"]) == (18, 9)


# ---------------------------------------------------------------- folding


def lines_of(names: list[str], shape: tuple[int, ...] = (2,)) -> list[ModuleLine]:
    return module_lines([StoredTensor(name, "U8", shape, 0, 2) for name in names], True)


def test_numbers_in_order() -> None:
    assert runs([0, 1, 2, 5]) == "0–2, 5"
    assert runs([1, 3, 5, 7]) == "1, 3, …, 7"
    assert runs([4]) == "4"
    assert runs([0, 3, 6]) == "0, 3, 6"


def test_numbers_are_folded_where_every_combination_is_there() -> None:
    names = [f"layers.{i}.experts.{j}.w" for i in range(3) for j in range(4)]
    assert [(line.label, line.count) for line in lines_of(names)] == [
        ("layers.0–2.experts.0–3", 12)
    ]
    assert [(line.label, line.count) for line in lines_of(names[:-1])] == [
        ("layers.0–1.experts.0–3", 8), ("layers.2.experts.0–2", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(100))
def test_lines_stand_for_every_tensor_once(seed: int) -> None:
    draw = random.Random(seed)
    names = {
        ".".join(draw.choice("ab01259") + draw.choice(["", "3"]) for _ in range(draw.randint(1, 4)))
        for _ in range(60)
    }
    tensors = [
        StoredTensor(f"{name}.w", "U8", (draw.choice((1, 2)),), 0, 0) for name in sorted(names)
    ]
    lines = module_lines(tensors, draw.random() < 0.8)
    stored = [Stored(t.name, t.dtype, 0, t.shape[0]) for t in tensors]
    totals = count_tensors(stored, {line.label: line.pattern for line in lines}, ())
    assert sum(line.count for line in lines) == len(tensors)
    for line in lines:
        assert totals.lines[line.label] == line.count * line.held[0][1][0]


def test_many_modules_that_differ_are_joined(tmp_path: Path) -> None:
    """60,000 tensors of 300 blocks, each of another size, are 300 lines at most."""
    names = {f"model.{k % 7}.m{k}.w": ("U8", (1 + k % 5,)) for k in range(60_000)}
    path = file_of(tmp_path / "m.safetensors", header_of(names))
    assert len(read_safetensors(path).tensors) == 60_000
    found = answers(path)
    assert found["parameters"] == sum(1 + k % 5 for k in range(60_000))
    assert len(found) < 40
