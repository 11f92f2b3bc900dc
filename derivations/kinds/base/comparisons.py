"""The definitions into which the loss of a sample expands, and its slopes by what is predicted.

Each loss of the table `models.sample_losses` has a function here that writes both in names; the
numbers of the sample decide only what is structure: the true class, and which targets are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Formula,
    Name,
    Number,
    apply,
    difference,
    neg,
    number,
    power,
    product,
    quotient,
    sum_of,
)
from derivations.kinds.base.loss_fields import Given, wanted

LOGARITHMS = {"2": "log2", "e": "ln", "10": "log10"}
ONE, TWO = Number("1"), Number("2")
Names = Sequence[Name]


@dataclass(frozen=True, slots=True)
class Worked:
    """A loss in names.

    Attributes:
        definitions: in order; the last one is the loss.
        slopes: of the loss by each input, in order.
        laws: of definitions whose line names one.
    """

    definitions: tuple[tuple[str, Formula], ...]
    slopes: tuple[tuple[str, Formula], ...]
    laws: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of a loss: the names of its inputs and targets, and its place among the others.

    ``index`` is empty where there is only one sample.
    """

    given: Given
    place: int
    index: str
    loss: str
    inputs: Mapping[str, Names]
    targets: Names

    def name(self, letter: str, k: int | None = None) -> str:
        """``s``, ``s_2`` of sample 2, ``y_2_3`` of its third entry."""
        return letter + self.index + ("" if k is None else f"_{k}")

    @property
    def names(self) -> Names:
        """The inputs of a loss that has one array of them."""
        return self.inputs[self.given.form]

    @property
    def natural(self) -> Callable[[Formula], Formula]:
        """A slope in natural logarithms in the base of the loss."""
        if self.given.base == "e":
            return lambda slope: slope
        below = apply("ln", number(int(self.given.base)))
        return lambda slope: quotient(slope, below)

    def log(self, of: Formula) -> Formula:
        """The logarithm in the base of the loss."""
        return apply(LOGARITHMS[self.given.base], of)


# ---------------------------------------------------------------- probabilities


def _softmax(sample: Sample) -> tuple[list[tuple[str, Formula]], Names]:
    """The sum of the exponentials and the probabilities, from logits."""
    if sample.given.logits is None:
        return [], sample.names
    total = sample.name("s")
    powers = [apply("exp", z) for z in sample.names]
    definitions: list[tuple[str, Formula]] = [(total, sum_of(*powers))]
    names = []
    for k, above in enumerate(powers, 1):
        names.append(Name(sample.name("y", k)))
        definitions.append((names[-1].id, quotient(above, Name(total))))
    return definitions, names


def _smoothed(sample: Sample) -> tuple[list[tuple[str, Formula]], list[Formula]]:
    """The targets that count, 0 and 1 as numbers: t̃ = (1 − ε) t + ε/K where labels are smoothed."""
    plain: list[Formula] = list(sample.targets)
    if sample.given.classes is not None:
        plain = [number(int(value)) for value in wanted(sample.given, sample.place)]
    if sample.given.label_smoothing is None:
        zero = [value == 0 for value in wanted(sample.given, sample.place)]
        return [], [number(0) if out else t for t, out in zip(plain, zero, strict=True)]
    share, count = Name("epsilon"), number(len(plain))
    definitions, names = [], []
    for k, t in enumerate(plain, 1):
        name = sample.name("t_tilde", k)
        kept = product(difference(ONE, share), t)
        rest = quotient(share, count)
        definitions.append((name, rest if t == number(0) else sum_of(kept, rest)))
        names.append(Name(name))
    return definitions, list(names)


def _whole(sample: Sample, targets: list[Formula]) -> tuple[list[tuple[str, Formula]], Formula]:
    """The sum of the targets, which is 1: a name of its own where they are given one by one."""
    if sample.given.classes is not None:
        return [], ONE
    name = sample.name("S")
    return [(name, sum_of(*(t for t in targets if t != number(0))))], Name(name)


def _slope(sample: Sample, t: Formula, y: Formula, whole: Formula) -> Formula:
    """Of −t log y by the logit, the probability or its logarithm."""
    if sample.given.logits is not None:
        predicted = y if whole == ONE else product(y, whole)
        return sample.natural(predicted if t == number(0) else difference(predicted, t))
    if t == number(0):
        return number(0)
    if sample.given.log_predictions is not None:
        return neg(t)
    below = (
        y if sample.given.base == "e" else product(y, apply("ln", number(int(sample.given.base))))
    )
    return neg(quotient(t, below))


def cross_entropy(sample: Sample) -> Worked:
    """−Σ t log y; of a label only the true class is left."""
    definitions, names = _softmax(sample)
    more, targets = _smoothed(sample)
    definitions += more
    logs: list[Formula] = [
        y if sample.given.log_predictions is not None else sample.log(y) for y in names
    ]
    terms = [
        log if t == ONE else product(t, log)
        for t, log in zip(targets, logs, strict=True)
        if t != number(0)
    ]
    definitions.append((sample.loss, neg(sum_of(*terms))))
    return _with_slopes(sample, definitions, names, targets)


def _with_slopes(
    sample: Sample,
    definitions: list[tuple[str, Formula]],
    names: Names,
    targets: list[Formula],
) -> Worked:
    whole: Formula = ONE
    if sample.given.logits is not None:
        more, whole = _whole(sample, targets)
        definitions = [*more, *definitions]
        if more and sample.given.label_smoothing is not None:  # over the smoothed targets
            definitions = [*definitions[1:-1], more[0], definitions[-1]]
    slopes = tuple(
        (x.id, _slope(sample, t, y, whole))
        for x, t, y in zip(sample.names, targets, names, strict=True)
    )
    return Worked(tuple(definitions), slopes, {sample.loss: "cross-entropy"})


def kl_divergence(sample: Sample) -> Worked:
    """Σ t log(t/y); what has the target 0 adds nothing."""
    definitions, names = _softmax(sample)
    _, targets = _smoothed(sample)
    if sample.given.log_predictions is not None:
        terms = [
            product(t, difference(apply("ln", t), z))
            for t, z in zip(targets, names, strict=True)
            if t != number(0)
        ]
    else:
        terms = [
            product(t, sample.log(quotient(t, y)))
            for t, y in zip(targets, names, strict=True)
            if t != number(0)
        ]
    definitions.append((sample.loss, sum_of(*terms)))
    worked = _with_slopes(sample, definitions, names, targets)
    return Worked(worked.definitions, worked.slopes)


def jensen_shannon(sample: Sample) -> Worked:
    """Half the divergence of each distribution from their mean m."""
    zeros = [value == 0 for value in wanted(sample.given, sample.place)]
    empty = [exact(text) == 0 for text in sample.given.rows("predictions")[sample.place]]
    definitions: list[tuple[str, Formula]] = []
    middle = []
    for k, (t, y) in enumerate(zip(sample.targets, sample.names, strict=True), 1):
        middle.append(Name(sample.name("m", k)))
        both = [x for x, out in ((t, zeros[k - 1]), (y, empty[k - 1])) if not out]
        definitions.append((middle[-1].id, quotient(sum_of(*both), TWO)))

    def divergence(of: Names, out: list[bool]) -> Formula:
        parts = zip(of, middle, out, strict=True)
        return sum_of(*(product(p, sample.log(quotient(p, m))) for p, m, no in parts if not no))

    first, second = sample.name("A"), sample.name("B")
    definitions += [
        (first, divergence(sample.targets, zeros)), (second, divergence(sample.names, empty)),
    ]  # fmt: skip
    half = quotient(sum_of(Name(first), Name(second)), TWO)
    root = sample.given.loss.conventions["form"] == "distance"
    below: Formula = TWO
    if root:
        definitions.append((sample.name("J"), half))
        half = apply("sqrt", Name(sample.name("J")))
        below = product(number(4), Name(sample.loss))
    definitions.append((sample.loss, half))
    slopes = tuple(
        (y.id, quotient(sample.log(quotient(y, m)), below))
        for y, m in zip(sample.names, middle, strict=True)
    )
    return Worked(tuple(definitions), slopes)


# ---------------------------------------------------------------- scores


def multiclass_hinge(sample: Sample) -> Worked:
    """What the scores of wrong classes have above that of the true one less the margin."""
    assert sample.given.classes is not None
    true = sample.given.classes[sample.place] - sample.given.classes_from
    form = sample.given.loss.conventions["form"]
    right, margin = sample.names[true], Name("Delta")
    wrong = [(k, z) for k, z in enumerate(sample.names, 1) if k != true + 1]
    if form == "largest":
        top = sample.name("r")
        largest = apply("max", *(z for _, z in wrong)) if len(wrong) > 1 else wrong[0][1]
        loss = apply("max", number(0), sum_of(Name(top), neg(right), margin))
        counts = apply("iverson", apply(">", Name(sample.loss), number(0)))
        slopes: dict[str, Formula] = {
            z.id: product(counts, apply("iverson", apply("==", z, Name(top)))) for _, z in wrong
        }
        slopes[right.id] = neg(counts)
        definitions: list[tuple[str, Formula]] = [(top, largest), (sample.loss, loss)]
        return Worked(tuple(definitions), tuple((z.id, slopes[z.id]) for z in sample.names))
    definitions = [
        (sample.name("m", k), apply("max", number(0), sum_of(z, neg(right), margin)))
        for k, z in wrong
    ]
    margins = {z.id: Name(name) for (name, _), (_, z) in zip(definitions, wrong, strict=True)}
    total: Formula = sum_of(*margins.values())
    share: Callable[[Formula], Formula] = lambda formula: formula  # noqa: E731  # one of two
    if form == "mean":
        share = lambda formula: quotient(formula, number(len(sample.names)))  # noqa: E731  # one of two
    definitions.append((sample.loss, share(total)))
    counted = {z: apply("iverson", apply(">", m, number(0))) for z, m in margins.items()}
    slopes = {z: share(one) for z, one in counted.items()}
    slopes[right.id] = neg(share(sum_of(*counted.values())))
    return Worked(tuple(definitions), tuple((z.id, slopes[z.id]) for z in sample.names))


# ---------------------------------------------------------------- vectors


def cosine(sample: Sample) -> Worked:
    """The cosine of the angle between prediction and target, made into a loss."""
    d, n_y, n_t, c = (sample.name(letter) for letter in ("d", "n_y", "n_t", "c"))
    pairs = list(zip(sample.names, sample.targets, strict=True))
    definitions: list[tuple[str, Formula]] = [
        (d, sum_of(*(product(y, t) for y, t in pairs))),
        (n_y, apply("sqrt", sum_of(*(power(y, 2) for y, _ in pairs)))),
        (n_t, apply("sqrt", sum_of(*(power(t, 2) for _, t in pairs)))),
        (c, quotient(Name(d), product(Name(n_y), Name(n_t)))),
    ]
    slopes = [
        difference(
            quotient(t, product(Name(n_y), Name(n_t))),
            quotient(product(Name(c), y), power(Name(n_y), 2)),
        )
        for y, t in pairs
    ]
    form = sample.given.loss.conventions["form"]
    apart = form == "embedding" and (sample.given.labels or ())[sample.place] == -1
    loss: Formula = difference(ONE, Name(c))
    signed: Callable[[Formula], Formula] = neg
    if form == "similarity":
        loss = neg(Name(c))
    elif apart:
        loss = apply("max", number(0), difference(Name(c), Name("margin")))
        signed = lambda slope: product(  # noqa: E731  # one of two
            apply("iverson", apply(">", Name(sample.loss), number(0))), slope
        )
    definitions.append((sample.loss, loss))
    named = [(y.id, signed(s)) for (y, _), s in zip(pairs, slopes, strict=True)]
    return Worked(tuple(definitions), tuple(named))


def _apart(first: Names, second: Names) -> Formula:
    """The squared distance of two vectors."""
    return sum_of(*(power(difference(a, b), 2) for a, b in zip(first, second, strict=True)))


def triplet(sample: Sample) -> Worked:
    """How much nearer the positive is than the negative, up to the margin."""
    a, p, n = (sample.inputs[field] for field in ("anchor", "positive", "negative"))
    squared = sample.given.loss.conventions["distance"] == "squared"
    near, far = sample.name("d_p"), sample.name("d_n")
    shape: Callable[[Formula], Formula] = (lambda f: f) if squared else (lambda f: apply("sqrt", f))
    definitions = (
        (near, shape(_apart(a, p))),
        (far, shape(_apart(a, n))),
        (sample.loss, apply("max", number(0), sum_of(Name(near), neg(Name(far)), Name("alpha")))),
    )
    counts = apply("iverson", apply(">", Name(sample.loss), number(0)))

    def along(one: Name, other: Name, distance: str) -> Formula:
        if squared:
            return product(TWO, apply("group", difference(one, other)))
        return quotient(difference(one, other), Name(distance))

    slopes: list[tuple[str, Formula]] = []
    for field_of in (a, p, n):
        for k, x in enumerate(field_of):
            towards, away = along(a[k], p[k], near), along(a[k], n[k], far)
            slope: Formula = difference(towards, away)
            if field_of is p:
                slope = along(p[k], a[k], near)
            elif field_of is n:
                slope = away
            slopes.append(
                (x.id, product(counts, apply("group", slope) if field_of is a else slope))
            )
    return Worked(definitions, tuple(slopes))


def contrastive(sample: Sample) -> Worked:
    """The squared distance of a pair that is alike, else what its distance lacks of the margin."""
    u, v = (sample.inputs[field] for field in ("first", "second"))
    assert sample.given.similar is not None
    half = sample.given.loss.conventions["factor"] == "half"
    d, h = sample.name("d"), sample.name("h")
    definitions: list[tuple[str, Formula]] = [(d, apply("sqrt", _apart(u, v)))]
    alike = sample.given.similar[sample.place]
    if not alike:
        definitions.append((h, apply("max", number(0), difference(Name("m"), Name(d)))))
    square = power(Name(d if alike else h), 2)
    definitions.append((sample.loss, quotient(square, TWO) if half else square))
    slopes: list[tuple[str, Formula]] = []
    for one, other in ((u, v), (v, u)):
        for x, y in zip(one, other, strict=True):
            away = difference(x, y)
            if alike:
                slope: Formula = away if half else product(TWO, away)
            else:
                pull = Name(h) if half else product(TWO, Name(h))
                slope = neg(quotient(product(pull, away), Name(d)))
            slopes.append((x.id, slope))
    return Worked(tuple(definitions), tuple(slopes))


EXPANSIONS: dict[str, Callable[[Sample], Worked]] = {
    "categorical_cross_entropy": cross_entropy,
    "kl_divergence": kl_divergence,
    "jensen_shannon": jensen_shannon,
    "multiclass_hinge": multiclass_hinge,
    "cosine": cosine,
    "triplet": triplet,
    "contrastive": contrastive,
}
PARAMETERS = {  # the letters of parameters, by loss
    "multiclass_hinge": {"margin": "Delta"},
    "cosine": {"margin": "margin"},
    "triplet": {"margin": "alpha"},
    "contrastive": {"margin": "m"},
}
