"""Losses against PyTorch where it is installed, and every one against the second road."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.formula.evaluation import precision
from derivations.models.losses import LOSSES
from derivations.models.sample_losses import SAMPLE_LOSSES
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import doubles
from tests.conftest import load_text, solve_text
from tests.kinds.test_optimisation import decimal, near, torch

__all__ = ["torch"]  # a fixture

CASES = 200
Given = dict[str, Any]


def problem(given: Given, gradient: bool = True, kind: str = "loss", **more: Any) -> str:
    ask = {"gradient": gradient}
    return json.dumps({"kind": kind, "title": "A loss", "given": given, "ask": ask, **more})


def values_of(text: str) -> dict[str, Any]:
    """The answers of the first road alone, nothing rounded."""
    loaded = load_text(text)
    derivation = loaded.module.derive(loaded.problem)
    with precision(128):
        known = substitute_values(derivation, loaded.module.givens(loaded.problem)).known
    return {answer.name: doubles(known[answer.key].true) for answer in derivation.answers}


# ---------------------------------------------------------------- random cases


def table(source: random.Random, make: Callable[[], Any], rows: int, columns: int) -> Any:
    return [[make() for _ in range(columns)] for _ in range(rows)]


def distribution(source: random.Random, count: int) -> list[str]:
    """Probabilities of three decimals that add up to 1."""
    cuts = sorted(source.sample(range(1, 1000), count - 1))
    return [f"{(b - a) / 1000:.3f}" for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]


def elements(source: random.Random, name: str) -> Given:
    """A table of predictions and targets for a loss of single numbers."""
    rows, columns = source.randint(1, 3), source.randint(1, 3)
    loss: Given = {"name": name}
    given: Given = {"loss": loss}
    form, low, high = "predictions", -3.0, 3.0
    aims: Callable[[], Any] = lambda: decimal(source, -3, 3)  # noqa: E731  # replaced below
    if name in ("hinge", "squared_hinge"):
        aims = lambda: source.choice([1, -1])  # noqa: E731  # signs
    if name.endswith("binary_cross_entropy") or "focal" in name:
        form = source.choice(["predictions", "logits"])
        low, high = (0.01, 0.99) if form == "predictions" else (-3.0, 3.0)
        given["base"] = source.choice(["e", "2", "10"])
        aims = lambda: source.choice([0, 1])  # noqa: E731  # classes
        if name == "binary_cross_entropy":
            aims = lambda: decimal(source, 0, 1)  # noqa: E731  # soft
            if source.random() < 0.3:
                given["label_smoothing"] = decimal(source, 0.05, 0.5)
        elif name == "weighted_binary_cross_entropy":
            aims = lambda: decimal(source, 0, 1)  # noqa: E731  # soft
            loss["positive_weight"] = decimal(source, 0.2, 4)
        else:
            loss["gamma"] = source.choice(["0", "1", "2", "2.5"])
    if name == "quantile":
        loss["tau"] = decimal(source, 0.05, 0.95)
    if name == "balanced_focal":
        loss["alpha"] = decimal(source, 0.1, 0.9)
    if name == "poisson":
        low, high = 0.1, 5.0
        aims = lambda: source.randint(0, 5)  # noqa: E731  # counts
    for word in ("delta", "beta"):
        if word in LOSSES[name].parameters:
            loss[word] = decimal(source, 0.2, 2)
    given[form] = table(source, lambda: decimal(source, low, high), rows, columns)
    given["targets"] = table(source, aims, rows, columns)
    return given


def sample(source: random.Random, name: str) -> Given:
    """A table of samples for a loss of whole samples."""
    rows, columns = source.randint(1, 3), source.randint(2, 4)
    row = SAMPLE_LOSSES[name]
    given: Given = {"loss": {"name": name}}
    for word, choices in row.conventions.items():
        given["loss"][word] = source.choice(list(choices))
    if row.parameters:
        given["loss"]["margin"] = decimal(source, 0.1, 2)
    if row.based:
        given["base"] = source.choice(["e", "2", "10"])

    def numbers() -> Any:
        return table(source, lambda: decimal(source, -3, 3), rows, columns)

    def spread() -> Any:
        return [distribution(source, columns) for _ in range(rows)]

    if name in ("triplet", "contrastive", "cosine"):
        for field in row.inputs:
            given[field] = numbers()
    else:
        form = source.choice(row.inputs)
        given[form] = spread() if form == "predictions" else numbers()
        if form == "log_predictions":
            given.pop("base", None)
    if name == "contrastive":
        given["similar"] = [source.random() < 0.5 for _ in range(rows)]
    if name == "cosine":
        given["targets"] = numbers()
        if given["loss"]["form"] == "embedding":
            given["labels"] = [source.choice([1, -1]) for _ in range(rows)]
    if name == "multiclass_hinge" or (name.startswith("cat") and source.random() < 0.5):
        first = source.choice([0, 1])
        given["classes"] = [source.randrange(columns) + first for _ in range(rows)]
        given["classes_from"] = first
    elif "targets" in row.targets and name != "cosine":
        given["targets"] = spread()
    if name.startswith("cat") and source.random() < 0.3:
        given["label_smoothing"] = decimal(source, 0.05, 0.5)
    return given


def a_case(source: random.Random, name: str) -> Given:
    given = (
        elements(source, name)
        if name in LOSSES and name != "cross_entropy"
        else sample(source, name)
    )
    given["reduction"] = source.choice(["none", "mean", "sum", "batchmean"])
    if source.random() < 0.2:
        given["mean_over"] = "elements"
    return given


# ---------------------------------------------------------------- PyTorch


def each_of(torch: Any, given: Given, x: dict[str, Any]) -> Any:
    """Every loss by PyTorch: of elements a matrix, of samples a vector."""
    F, use, name = torch.nn.functional, given["loss"], given["loss"]["name"]
    scale = {"e": 1.0, "2": torch.log(torch.tensor(2.0)), "10": torch.log(torch.tensor(10.0))}
    log = scale[given.get("base", "e")]
    aim = tensor(torch, given["targets"]) if "targets" in given else None
    margin = float(use.get("margin", 0))
    first = next(iter(x.values()))
    if name in ELEMENTS:
        return ELEMENTS[name](F, torch, given, x, aim) / log
    if name in ("categorical_cross_entropy", "kl_divergence"):
        form = next(iter(x))
        logs = first if form == "log_predictions" else torch.log(first)
        if form == "logits":
            logs = F.log_softmax(first, dim=1)
        if name == "kl_divergence":
            return F.kl_div(logs, aim, reduction="none").sum(dim=1) / log
        share = float(given.get("label_smoothing", 0))
        if form == "logits":
            aim = torch.tensor(given["classes"]) - given["classes_from"] if aim is None else aim
            found = F.cross_entropy(first, aim, reduction="none", label_smoothing=share)
            return found / log
        if aim is None:
            places = torch.tensor(given["classes"]) - given["classes_from"]
            aim = F.one_hot(places, first.shape[1]).to(first.dtype)
        aim = (1 - share) * aim + share / first.shape[1]
        return -(aim * logs).sum(dim=1) / log
    if name == "jensen_shannon":
        middle = torch.log((first + aim) / 2)
        both = F.kl_div(middle, aim, reduction="none") + F.kl_div(middle, first, reduction="none")
        found = both.sum(dim=1) / 2 / log
        return found.sqrt() if use["form"] == "distance" else found
    if name == "multiclass_hinge":
        places = torch.tensor(given["classes"]) - given["classes_from"]
        if use["form"] == "largest":
            right = F.one_hot(places, first.shape[1]).bool()
            top = first.masked_fill(right, -1e9).max(dim=1).values
            return F.relu(top - first[right] + margin)
        found = F.multi_margin_loss(first, places, margin=margin, reduction="none")
        return found * (first.shape[1] if use["form"] == "sum" else 1)
    if name == "cosine":
        if use["form"] == "embedding":
            labels = torch.tensor(given["labels"])
            return F.cosine_embedding_loss(first, aim, labels, margin=margin, reduction="none")
        cosines = F.cosine_similarity(first, aim, dim=1)
        return -cosines if use["form"] == "similarity" else 1 - cosines
    if name == "triplet":
        if use["distance"] == "squared":
            apart = lambda u, v: ((u - v) ** 2).sum(dim=1)  # noqa: E731  # a distance
            return F.triplet_margin_with_distance_loss(
                *x.values(), distance_function=apart, margin=margin, reduction="none"
            )
        return F.triplet_margin_loss(*x.values(), margin=margin, eps=0.0, reduction="none")
    gap = (x["first"] - x["second"]).norm(dim=1)
    alike = torch.tensor(given["similar"]).to(gap.dtype)
    found = alike * gap**2 + (1 - alike) * F.relu(margin - gap) ** 2
    return found / 2 if use["factor"] == "half" else found


def _binary(F: Any, torch: Any, given: Given, x: dict[str, Any], aim: Any) -> Any:
    share = float(given.get("label_smoothing", 0))
    aim = aim * (1 - share) + share / 2
    if "logits" in x:
        return F.binary_cross_entropy_with_logits(x["logits"], aim, reduction="none")
    return F.binary_cross_entropy(x["predictions"], aim, reduction="none")


def _weighted(F: Any, torch: Any, given: Given, x: dict[str, Any], aim: Any) -> Any:
    logits = x["logits"] if "logits" in x else torch.logit(x["predictions"])
    more = torch.tensor(float(given["loss"]["positive_weight"]))
    return F.binary_cross_entropy_with_logits(logits, aim, pos_weight=more, reduction="none")


def _quantile(F: Any, torch: Any, given: Given, x: dict[str, Any], aim: Any) -> Any:
    tau, apart = float(given["loss"]["tau"]), aim - x["predictions"]
    return torch.maximum(tau * apart, (tau - 1) * apart)


def _focal(F: Any, torch: Any, given: Given, x: dict[str, Any], aim: Any) -> Any:
    use = given["loss"]
    y = torch.sigmoid(x["logits"]) if "logits" in x else x["predictions"]
    right = torch.where(aim == 1, y, 1 - y)
    found = -((1 - right) ** float(use["gamma"])) * torch.log(right)
    if "alpha" in use:
        found = found * torch.where(aim == 1, float(use["alpha"]), 1 - float(use["alpha"]))
    return found


ELEMENTS: dict[str, Callable[..., Any]] = {
    "half_squared_error": lambda F, torch, g, x, t: (
        F.mse_loss(x["predictions"], t, reduction="none") / 2
    ),
    "squared_error": lambda F, torch, g, x, t: F.mse_loss(x["predictions"], t, reduction="none"),
    "mean_squared_error": lambda F, torch, g, x, t: F.mse_loss(
        x["predictions"], t, reduction="none"
    ),
    "quadratic": lambda F, torch, g, x, t: F.mse_loss(x["predictions"], t, reduction="none"),
    "absolute_error": lambda F, torch, g, x, t: F.l1_loss(x["predictions"], t, reduction="none"),
    "huber": lambda F, torch, g, x, t: F.huber_loss(
        x["predictions"], t, delta=float(g["loss"]["delta"]), reduction="none"
    ),
    "smooth_l1": lambda F, torch, g, x, t: F.smooth_l1_loss(
        x["predictions"], t, beta=float(g["loss"]["beta"]), reduction="none"
    ),
    "log_cosh": lambda F, torch, g, x, t: torch.log(torch.cosh(x["predictions"] - t)),
    "hinge": lambda F, torch, g, x, t: F.relu(1 - t * x["predictions"]),
    "squared_hinge": lambda F, torch, g, x, t: F.relu(1 - t * x["predictions"]) ** 2,
    "binary_cross_entropy": _binary,
    "weighted_binary_cross_entropy": _weighted,
    "quantile": _quantile,
    "focal": _focal,
    "balanced_focal": _focal,
    "poisson": lambda F, torch, g, x, t: F.poisson_nll_loss(
        x["predictions"], t, log_input=False, eps=0.0, reduction="none"
    ),
    "poisson_of_log": lambda F, torch, g, x, t: F.poisson_nll_loss(
        x["predictions"], t, log_input=True, reduction="none"
    ),
}
NAMES = [*ELEMENTS, *SAMPLE_LOSSES]


def tensor(torch: Any, rows: Any, **more: Any) -> Any:
    return torch.tensor([[float(value) for value in row] for row in rows], **more)


LETTERS = {"predictions": "y", "logits": "z", "log_predictions": "z", "anchor": "a",
           "positive": "p", "negative": "n", "first": "u", "second": "v"}  # fmt: skip


def test_every_loss_is_compared() -> None:
    """The 0-1 loss has no gradient, and the cross-entropy of one class is that of a sample."""
    assert {*LOSSES, *SAMPLE_LOSSES} - set(NAMES) == {"zero_one", "cross_entropy"}


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_and_its_gradient_are_those_of_pytorch(torch: Any, name: str) -> None:
    source = random.Random(f"loss {name}")
    for case in range(CASES // 10 if name in ("half_squared_error", "quadratic") else CASES):
        given = a_case(source, name)
        found = values_of(problem(given))
        x = {
            field: tensor(torch, given[field], requires_grad=True)
            for field in LETTERS
            if field in given
        }
        losses = each_of(torch, given, x)
        ours = [value for key, value in found.items() if key.startswith("L_") or key == "L"]
        count, samples = losses.numel(), losses.shape[0]
        flat = losses.reshape(-1).tolist()
        several = count > 1
        for mine, theirs in zip(ours, flat, strict=False):
            assert near(mine, theirs), (case, given)
        over = {"none": 1, "sum": 1, "batchmean": samples, "mean": count}[given["reduction"]]
        if given["reduction"] == "mean" and given.get("mean_over") == "elements":
            over = (
                next(iter(x.values())).numel()
                if name != "triplet"
                else over * 3 * x["anchor"].shape[1] // 3
            )
        total = losses.sum() / (over if several else 1)
        if several and given["reduction"] != "none":
            assert near(found["L"], total.item()), (case, given)
        total.backward()
        slopes = [value for key, value in found.items() if "/d" in key]
        wanted = [
            slope for at in range(samples) for field in x for slope in x[field].grad[at].tolist()
        ]
        assert len(slopes) == len(wanted)
        for mine, theirs in zip(slopes, wanted, strict=True):
            assert near(mine, theirs), (case, given)


@pytest.mark.parametrize("name", [*NAMES, "zero_one"])
@pytest.mark.parametrize("case", range(3))
def test_a_loss_is_solved_and_confirmed(name: str, case: int) -> None:
    """Every line is judged, the whole compared with formulas of its own in NumPy."""
    given = a_case(
        random.Random(f"{name} {case}"), "absolute_error" if name == "zero_one" else name
    )
    given["loss"] = "zero_one" if name == "zero_one" else given["loss"]
    for detail in ("brief", "full"):
        verified = solve_text(problem(given, name != "zero_one"), detail=detail)
        assert verified.lines


def test_a_kink_is_told() -> None:
    """Where the hinge bends there is a loss, but no gradient."""
    given = {"loss": "hinge", "predictions": [1, 0.5], "targets": [1, 1]}
    assert values_of(problem(given, gradient=False))["L"] == 0.25
    with pytest.raises(Exception, match=r"there is no gradient at this place: the loss has a kink"):
        values_of(problem(given))


def test_a_derivative_that_exists_at_a_border_is_given() -> None:
    given = {"loss": "huber", "predictions": [1, -1, 0], "targets": [0, 0, 0], "reduction": "sum"}
    known = solve_text(problem(given)).solution.known
    assert [known[f"dL/dy_{k}"].shown for k in (1, 2, 3)] == ["1", "-1", "0"]
    flat = {"loss": "absolute_error", "predictions": 2, "targets": 2}
    assert solve_text(problem(flat)).solution.known["dL/dy"].shown == "0"


def test_weights_of_classes_are_those_of_pytorch(torch: Any) -> None:
    """PyTorch divides by the weights of the samples' classes, not by their number."""
    source = random.Random("weights of classes")
    for case in range(CASES):
        rows, columns = source.randint(2, 4), source.randint(2, 4)
        given: Given = {
            "loss": "cross_entropy", "reduction": source.choice(["mean", "sum"]),
            "logits": table(source, lambda: decimal(source, -3, 3), rows, columns),
            "classes": [source.randrange(columns) + 1 for _ in range(rows)],
            "class_weights": [decimal(source, 0.1, 4) for _ in range(columns)],
        }  # fmt: skip
        found = values_of(problem(given))
        z = tensor(torch, given["logits"], requires_grad=True)
        loss = torch.nn.functional.cross_entropy(
            z, torch.tensor(given["classes"]) - 1, reduction=given["reduction"],
            weight=torch.tensor([float(w) for w in given["class_weights"]]),
        )  # fmt: skip
        loss.backward()
        assert near(found["L"], loss.item()), (case, given)
        slopes = [value for key, value in found.items() if "/d" in key]
        for mine, theirs in zip(slopes, z.grad.reshape(-1).tolist(), strict=True):
            assert near(mine, theirs), (case, given)


@pytest.mark.parametrize("seed", range(12))
def test_weighted_losses_are_solved_and_confirmed(seed: int) -> None:
    source = random.Random(f"weighted {seed}")
    name = source.choice(["quantile", "triplet", "kl_divergence", "hinge", "huber"])
    given = {**a_case(source, name), "reduction": source.choice(["mean", "sum"])}
    given.pop("mean_over", None)
    rows = len(next(value for key, value in given.items() if key in LETTERS))
    while rows < 2:
        given = {**a_case(source, name), "reduction": "mean"}
        given.pop("mean_over", None)
        rows = len(next(value for key, value in given.items() if key in LETTERS))
    given["weights"] = [decimal(source, 0.1, 3) for _ in range(rows)]
    given["weights_in_mean"] = source.choice(["weights", "losses"])
    assert solve_text(problem(given, detail="full")).lines


def test_weighted_means_by_hand() -> None:
    given = {"loss": "mse", "predictions": [1, 3], "targets": [0, 0], "weights": [2, 1]}
    found = values_of(problem(given))
    assert near(found["L"], (2 * 1 + 9) / 3)
    assert near(found["dL/dy_1"], 2 * 2 / 3)
    found = values_of(problem({**given, "weights_in_mean": "losses"}))
    assert near(found["L"], (2 * 1 + 9) / 2)
    assert values_of(problem({**given, "reduction": "sum"}))["L"] == 11


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weights": [1]}, "found 1, expected 2, one a sample"),
        ({"weights": [1, 0]}, "found 0, expected a number above 0"),
        ({"class_weights": [1, 2]}, "weights of classes need 'classes'"),
        ({"weights": [1, 2], "reduction": "none"}, "weights go into a mean or a sum"),
        ({"weights_in_mean": "losses"}, "there are no weights"),
        ({"loss": {"name": "focal", "alpha": 0.5}}, "see 'balanced_focal'"),
        ({"loss": {"name": "quantile", "tau": 2}}, "'tau' is 2, expected a number from 0 to 1"),
        ({"predictions": [1], "targets": [1], "weights": [1]}, "a single loss needs no weights"),
    ],
)
def test_weights_that_have_no_place(given: Given, message: str) -> None:
    base: Given = {"loss": "mse", "predictions": [1, 3], "targets": [0, 0]}
    with pytest.raises(ProblemError, match=message):
        solve_text(problem({**base, **given}))
