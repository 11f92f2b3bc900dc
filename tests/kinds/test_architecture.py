"""Architectures of the bank against what others print, folding, and tools that were run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derivations.kinds.base.architectures.calls import read_call
from derivations.kinds.base.architectures.published import agrees
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from derivations.resources import folder
from tests.conftest import Bank, run, solve_text

BANK = folder("problems") / "architectures"

# Parameters by their publications or by the framework's own count, and what the tools printed when
# they were run on torchvision 0.29.2: torchinfo 1.8.0, fvcore 0.1.5.post20221221, calflops 0.3.2,
# ptflops 0.7.5 (where every activation and pooling of the model is a module).
PUBLISHED = {
    "small-network": 26, "three-layers": 41, "first-layer-of-alexnet": 34_944, "cifar-tutorial": 122_570,
    "mnist-convnet": 34_826, "toy-resnet": 223_242, "autoencoder": 28_241, "bidirectional-lstm": 2_757_761,
    "recurrent-stack": 361_866, "torchinfo-example": 21_840, "fvcore-example": 10_050,
    "alexnet-torchvision": 61_100_840, "lenet-5": 60_000, "alexnet": 60_965_224, "vgg-16": 138_357_544,
    "googlenet": 6_624_904, "resnet-18": 11_689_512, "resnet-34": 21_797_672, "resnet-50": 25_557_032,
    "squeezenet": 1_235_496, "densenet-121": 7_978_856, "mobilenet-v2": 3_504_872, "gpt-2-small": 124_439_808,
}  # fmt: skip
TOOLS = {
    "alexnet-torchvision": {"torchinfo": 714682664, "fvcore": 714197696, "calflops": 1429741184, "ptflops": 716441128},
    "resnet-18": {"torchinfo": 1814083944, "fvcore": 1819065856, "calflops": 3636250112, "ptflops": 1825313768},
    "resnet-50": {"torchinfo": 4089238376, "fvcore": 4111512576, "calflops": 8211108352, "ptflops": 4132436968},
    "mobilenet-v2": {"torchinfo": 300809384, "fvcore": 314193216, "calflops": 614967488},
    "googlenet": {"torchinfo": 1498391752, "fvcore": 1504878688, "calflops": 3009356752},
    "densenet-121": {"torchinfo": 2834246312, "fvcore": 2865546752, "calflops": 5716881152},
}  # fmt: skip


def values(bank: Bank, name: str) -> dict[str, int]:
    (entry,) = [e for e in bank.entries if e["id"] == name and e["kind"] == "architecture"]
    return {answer["name"]: answer["value"] for answer in entry["answers"]}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_those_that_are_published(bank: Bank, name: str) -> None:
    assert values(bank, name)["parameters"] == PUBLISHED[name]


@pytest.mark.parametrize("name", TOOLS)
def test_tools_print_these_numbers(bank: Bank, name: str) -> None:
    found = values(bank, name)
    assert {tool: found[tool] for tool in TOOLS[name]} == TOOLS[name]


def test_keras_counts_statistics_too(bank: Bank) -> None:
    keras = {"mobilenet-v2": 3_538_984, "densenet-121": 8_062_504, "mobilenet-v1": 4_253_864}
    assert {name: values(bank, name)["with statistics"] for name in keras} == keras


def test_receptive_fields_of_the_article(bank: Bank) -> None:
    last = {"receptive-field-of-vgg-16": 212, "receptive-field-of-alexnet": 195}
    for name, size in last.items():
        assert [v for k, v in values(bank, name).items() if "receptive field" in k][-1] == size


def test_a_long_table_is_folded_unless_all_of_it_is_asked_for() -> None:
    path = BANK / "densenet-121.yaml"
    printed = {d: run("show", str(path), "--detail", d).output for d in ("standard", "full")}
    assert "(× 24)" in printed["standard"]
    assert "24 blocks, in each" in printed["standard"]
    assert "(×" not in printed["full"]
    assert printed["full"].count("\n") > 4 * printed["standard"].count("\n")


def test_an_arithmetic_progression_is_summed_by_its_mean() -> None:
    text = run("show", str(BANK / "densenet-121.yaml")).output
    assert "112,128" in text
    assert sum(64 + 32 * i for i in range(6)) * 128 + 6 * 256 == 112_128
    assert re.search(r"1 × 1 conv, 128, BN, ReLU \(× 6\) +56 × 56 × 128", text)
    assert "(1 × 1 × 224) × 128 + 2 × 128 = 28,928" in text
    assert "6 × 18,688 = 112,128" in text
    assert "so many times the mean of the two" in text.replace("\n", " ")


def test_a_single_count_is_no_sum_and_has_its_box() -> None:
    text = run("show", str(BANK / "first-layer-of-alexnet.yaml")).output
    assert "Parameters that are learned:\n\n    ⟦34,944⟧" in re.sub(r" {4,}", "    ", text)
    assert "The sum" not in text


def test_the_picture_says_the_same_in_words() -> None:
    text = run("show", str(BANK / "resnet-50.yaml")).output
    assert "[Figure: Volumes of a convolutional network: input 224×224×3; " in text
    assert "56×56×256" in text


@pytest.mark.parametrize(
    ("printed", "count", "verdict"),
    [
        ("61,100,840", 61_100_840, True), ("61,100,840", 61_100_841, False), ("61.1 M", 61_100_840, True),
        ("138M", 138_357_544, True), ("60 M", 60_965_224, False), ("4.089 G", 4_089_184_256, True),
        ("26", 26, True), ("26", 27, False), ("13000", 13_400, True), ("13000", 13_600, False),
    ],
)  # fmt: skip
def test_a_printed_number_is_met_to_its_last_digit(printed: str, count: int, verdict: bool) -> None:
    assert agrees(printed, count) is verdict


def test_a_wrong_publication_needs_a_reason_and_gets_it() -> None:
    text = run("show", str(BANK / "gpt-2-small.yaml")).output
    assert "prints 117M parameters; it is 124,439,808." in " ".join(text.split())


def test_calls_are_read() -> None:
    call = read_call("keras.layers.Conv2D(64, (3, 3), strides=2, padding='same', use_bias=False)")
    assert (call.name, call.values) == ("Conv2D", (64, [3, 3]))
    assert call.named == {"strides": 2, "padding": "same", "use_bias": False}


def test_calls_compute_with_names() -> None:
    numbers = {"maps": 256, "units": 64}
    call = read_call("nn.Linear(6 * 6 * maps, units // 3 - -1, bias=False, p=(-maps, +2))", numbers)
    assert call.values == (36 * 256, 22)
    assert call.named == {"bias": False, "p": [-256, 2]}
    named = read_call("Conv2D(filters=maps, strides=2 + 3 * 4 - 1)", {**numbers, "filters": 3})
    assert named.named == {"filters": 256, "strides": 13}
    assert read_call("Dropout(-0.5, 1e-3)").values == ("-0.5", "1e-3")


NAMED = """\
kind: architecture
title: T
given:
  input: [12, 12, 3]
  numbers: {width: 4, classes: 7}
  blocks:
    one: {layers: [{layer: conv, filters: 2*width, kernel: 3}]}
    other: {with: [width], layers: ["Conv2D(width, 3)"]}
  layers:
    - "Conv2D(width, 3)"
    - {block: one}
    - {block: other, width: width + 1, repeat: width - 2}
    - GAP
    - {layer: dense, units: classes}
"""


def test_layers_and_blocks_name_the_numbers_of_the_network() -> None:
    known = solve_text(NAMED).solution.known
    widths = (4, 8, 5, 5)  # those of a block hide the network's
    into = (3, 4, 8, 5)
    convolutions = sum((9 * i + 1) * n for i, n in zip(into, widths, strict=True))
    assert known["total_params"].true == convolutions + (5 + 1) * 7


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in BANK.glob("*.yaml") if path.stem != "sheet")
)
def test_all_levels_of_detail_are_verified(name: str) -> None:
    for detail in ("brief", "full"):
        assert solve(load(Path(BANK / f"{name}.yaml")), detail).lines


def test_torch_and_keras_calls_mean_the_same() -> None:
    head = "kind: architecture\ntitle: t\n"
    keras = solve_text(
        head
        + "given: {input: [9, 9, 3], layers: ['Conv2D(8, 3, strides=2)', 'Flatten()', 'Dense(5)']}"
    )
    torch = solve_text(
        head + "given: {input: [3, 9, 9], layout: channels-first, layers: "
        "['nn.Conv2d(3, 8, 3, stride=2)', 'nn.Flatten()', 'nn.Linear(128, 5)']}"
    )
    first, second = (v.solution.known["total_params"].true for v in (keras, torch))
    assert first == second == (27 + 1) * 8 + 129 * 5
