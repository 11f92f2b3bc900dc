"""A method of learning: an optimiser with its settings, schedule, clipping and penalty, as rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derivations.formula.printing import latex, text
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    names,
    neg,
    number,
    product,
    quotient,
    substitute,
    sum_of,
    times,
)
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.optimiser_fields import OptimiserField, Penalty, Training
from derivations.models import optimisers, schedules
from derivations.models.optimisers import OPTIMISERS
from derivations.models.rules import Update, flat
from derivations.models.schedules import SCHEDULES
from derivations.steps.relations import Typeset

RAW, CLIPPED, PENALISED = "g", "g_tilde", "g_bar"
SHARED = frozenset({"eta_t", "n"})


@dataclass(frozen=True, slots=True)
class Method:
    """The rules of one update, in order, and what they need.

    Attributes:
        settings: numerals by name, eta among them.
        start: what the state is before the first update, as numerals.
        shared: symbols that there are once for all parameters.
        sentences: the conventions, for the sheet.
    """

    fields: Training
    updates: tuple[Update, ...]
    settings: Mapping[str, str]
    start: Mapping[str, str]
    shared: frozenset[str]
    sentences: tuple[str, ...]
    batches: int = 1  # updates of an epoch

    @property
    def title(self) -> str:
        return OPTIMISERS[self.fields.optimiser.name].title

    @property
    def looks_ahead(self) -> bool:
        """Whether the gradient is taken at another point than the parameters."""
        return any(update.before for update in self.updates)

    @property
    def scheduled(self) -> bool:
        """Whether the learning rate changes."""
        schedule = self.fields.schedule
        return schedule.name != "constant" or schedule.warm_up > 0

    def rate(self, k: int) -> Formula:
        """The learning rate of update k, counted from 1."""
        schedule = self.fields.schedule
        done = (k - 1) // self.batches if schedule.per == "epoch" else k - 1
        return schedules.rate(
            schedule.name,
            schedule.wholes,
            done + schedule.counts_from,
            schedule.warm_up,
            schedule.times,
        )

    @property
    def state(self) -> list[str]:
        """The symbols that a table of all state shows, beside the parameters and gradients."""
        symbols = [update.symbol for update in self.updates if update.symbol != "theta"]
        return ["eta_t", *symbols] if self.scheduled else symbols

    def rules(self) -> list[Typeset]:
        """The rules with arrows, as they are stated."""
        lines: list[Typeset] = []
        if self.scheduled:
            general = schedules.general(self.fields.schedule.name)
            lines.append(_typeset("eta_t", substitute(general, WHOLES)))
        for update in self.updates:
            formula = NORM if update.symbol == "n" else update.formula
            lines.append(_typeset(update.symbol, formula))
        return lines


WHOLES = {"every": Name("s"), "over": Name("T"), "width": Name("d"), "rise": Name("n_w")}
NORM = apply("norm", Name("g"))


def _typeset(symbol: str, formula: Formula) -> Typeset:
    of = Name(symbol)
    return Typeset(rf"{latex(of)} \leftarrow {latex(formula)}", f"{text(of)} ← {text(formula)}")


def method_of(
    fields: Training, parameters: int, mistakes: Mistakes, batches: int = 0, at: str = "given"
) -> Method:
    """The method that the fields ask for; what does not fit goes to the mistakes.

    ``batches``: updates of an epoch; 0 where there are no epochs.
    """
    if fields.schedule.per == "epoch" and not batches:
        mistakes.add(
            (at, "schedule", "per"), "there are no epochs here, only updates; see the kind training"
        )
    use = fields.optimiser
    row = OPTIMISERS[use.name]
    rules = optimisers.updates(use.name, use.options)
    gradient, before = _gradient(fields, parameters)
    rules = tuple(_over(rule, "g", gradient) for rule in rules)
    if fields.penalty is not None and fields.penalty.form == "decoupled":
        rules = tuple(map(_decoupled, rules))
    needs_rate = any("eta" in names(rule.formula) for rule in rules)
    if needs_rate and fields.rate is None:
        mistakes.add((at,), f"'rate' is missing; {row.title} has a learning rate")
    if not needs_rate and fields.rate is not None:
        mistakes.add(
            (at, "rate"),
            f"{row.title} has no learning rate under these conventions; see 'rate: factor'",
        )
    if fields.penalty is not None and fields.penalty.of == "weights" and not batches:
        mistakes.add((at, "penalty", "of"), "there are no biases here; see the kind training")
    if use.name == "adamw" and fields.penalty is not None:
        mistakes.add((at, "penalty"), "AdamW has its decay already, as 'lambda' of the optimiser")
    first = [rule for rule in rules if rule.before]
    every = (*first, *before, *(rule for rule in rules if not rule.before))
    begun = optimisers.state_start(use.name, rules)
    settings = _settings(fields, rules, begun)
    start = {symbol: _numeral(use, word) for symbol, word in begun.items()}
    if _scheduled(fields):
        every = tuple(_over(rule, "eta", Name("eta_t")) for rule in every)
    shared = SHARED | {rule.symbol for rule in rules if rule.shared}
    return Method(fields, every, settings, start, shared, _sentences(fields), max(batches, 1))


def _numeral(use: OptimiserField, word: str) -> str:
    """The start of a quantity of the state: a number, or the setting that holds it."""
    row = OPTIMISERS[use.name]
    return use.settings.get(word, row.settings[word].default) if word in row.settings else word


def _scheduled(fields: Training) -> bool:
    return fields.schedule.name != "constant" or fields.schedule.warm_up > 0


def _over(rule: Update, name: str, formula: Formula) -> Update:
    def over(one: Formula) -> Formula:
        return flat(substitute(one, {name: formula}))

    exempt = None if rule.exempt is None else over(rule.exempt)
    return replace(rule, formula=over(rule.formula), exempt=exempt)


def _gradient(fields: Training, parameters: int) -> tuple[Formula, list[Update]]:
    """The gradient that the optimiser goes by, and the rules that make it of the raw one."""
    gradient: Formula = Name(RAW)
    rules: list[Update] = []
    if fields.clip is not None and fields.clip.value is not None:
        bound = Name("c")
        cut = apply("max", neg(bound), apply("min", bound, gradient))
        rules.append(Update(CLIPPED, cut, "clipping"))
        gradient = Name(CLIPPED)
    if fields.clip is not None and fields.clip.norm is not None:
        size: Formula = Name("n")
        if fields.clip.epsilon is not None:
            size = sum_of(size, Name("epsilon_c"))
        scale = quotient(Name("c"), apply("max", size, Name("c")))
        rules.append(Update("n", NORM, "gradient-norm", shared=True))
        rules.append(Update(CLIPPED, product(scale, gradient), "clipping"))
        gradient = Name(CLIPPED)
    if fields.penalty is not None and fields.penalty.form == "l2":
        weight: Formula = Name("lambda")
        if fields.penalty.term == "whole":
            weight = times(number(2), weight)
        total = sum_of(gradient, times(weight, Name("theta")))
        rules.append(Update(PENALISED, total, "penalty", exempt=gradient))
        gradient = Name(PENALISED)
    return gradient, rules


def _decoupled(rule: Update) -> Update:
    """θ - η λ θ - ...: the weights decay apart from the gradient."""
    if rule.symbol != "theta" or not isinstance(rule.formula, Apply):
        return rule
    first, *rest = rule.formula.args
    decay = neg(product(Name("eta"), Name("lambda"), Name("theta")))
    return replace(rule, formula=sum_of(first, decay, *rest), exempt=rule.formula)


def _settings(
    fields: Training, rules: tuple[Update, ...], start: Mapping[str, str]
) -> dict[str, str]:
    use, schedule = fields.optimiser, fields.schedule
    settings: dict[str, str] = {"eta": fields.rate} if fields.rate is not None else {}
    row = SCHEDULES[schedule.name]
    settings |= {
        name: setting.default for name, setting in row.settings.items()
    } | schedule.settings
    table = OPTIMISERS[use.name].settings
    settings |= {
        name: use.settings.get(name, table[name].default)
        for name in optimisers.used_settings(use.name, rules)
        if name not in start.values()
    }
    if fields.clip is not None:
        settings["c"] = fields.clip.value or fields.clip.norm or "1"
        if fields.clip.epsilon is not None:
            settings["epsilon_c"] = fields.clip.epsilon
    if fields.penalty is not None:
        settings["lambda"] = fields.penalty.strength
    return settings


def _sentences(fields: Training) -> tuple[str, ...]:
    """The conventions in words."""
    use = fields.optimiser
    row = OPTIMISERS[use.name]
    said = [
        row.choices[choice][option].sentence
        for choice, option in optimisers.chosen(use.name, use.options).items()
    ]
    if fields.clip is not None and fields.clip.value is not None:
        said.append("Each gradient is cut to the interval from $-c$ to $c$.")
    if fields.clip is not None and fields.clip.norm is not None:
        said.append("Gradients whose norm is above $c$ are scaled down to it, all by one factor.")
    if fields.penalty is not None:
        said += _penalty_words(fields.penalty)
    if _scheduled(fields):
        said.append(_schedule_words(fields))
    return tuple(filter(None, said))


def _penalty_words(penalty: Penalty) -> list[str]:
    some = penalty.of == "weights"
    if penalty.form == "decoupled":
        said = "The weights decay apart from the gradient, by $\\eta\\lambda$ in each update"
        return [f"{said}{'; the biases do not.' if some else '.'}"]
    term = r"$\lambda/2$" if penalty.term == "half" else r"$\lambda$"
    squares = f"The loss has the penalty {term} times the sum of the squared {penalty.of}"
    rest = "; its gradient is added after clipping."
    return [squares + (", not of the biases" if some else "") + rest]


def _schedule_words(fields: Training) -> str:
    schedule = fields.schedule
    row = SCHEDULES[schedule.name]
    said = []
    if schedule.warm_up:
        said.append(
            f"In the first {schedule.warm_up} {schedule.per}s the learning rate rises in equal steps to $\\eta$."
        )
    if schedule.name == "constant":
        return " ".join([*said, "Then it stays there."])
    whole = "".join(
        f", ${latex(WHOLES[name])} = {value}$" for name, value in schedule.wholes.items()
    )
    whose = f"first {schedule.per} after them" if schedule.warm_up else f"first {schedule.per}"
    said.append(
        f"The learning rate goes by {row.title}{whole}; the {whose} has $k = {schedule.counts_from}$."
    )
    if schedule.per == "epoch":
        said.append("All updates of an epoch have the same rate.")
    if row.period:
        said.append("From $k = T$ on it stays as it is.")
    if row.restarts:
        longer = f", and each period is {schedule.times} times as long as the one before"
        said.append(
            f"At $k = T$ it starts again with $k = 0${longer if schedule.times > 1 else ''}."
        )
    return " ".join(said)


def index(formula: Formula, t: int) -> Formula:
    """The formula for update t; ``t + 1`` is written as the number that it is."""

    def number_of(node: Formula) -> Formula:
        return substitute(node, {"t": number(t)})

    if isinstance(formula, Apply):
        if formula == apply("sum", Name("t"), number(1)):
            return number(t + 1)
        return Apply(formula.head, tuple(index(arg, t) for arg in formula.args))
    return number_of(formula)
