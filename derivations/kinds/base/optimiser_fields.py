"""Optimiser, schedule, clipping and penalty as they stand in a problem file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from derivations.errors import nearest, those_known, unknown
from derivations.formula.numerals import exact
from derivations.kinds.base.fields import (
    NUMBER_SCHEMA,
    TEXT_SCHEMA,
    NotNegative,
    Numeral,
    OrAs,
    Positive,
    Strict,
    found,
    refuse,
)
from derivations.models import optimisers, schedules
from derivations.models.rules import DOMAINS, Setting

NUMERAL: TypeAdapter[str] = TypeAdapter(Numeral)


def within(text: str, domain: str) -> bool:
    """Whether a number lies in a domain of the table of optimisers."""
    value = exact(text)
    if domain == "share":
        return bool(0 <= value < 1)
    return bool(value >= 0) if domain == "weight" else bool(value > 0)


def _in_domain(value: Any, name: str, setting: Setting) -> str:
    """The numeral of a setting, or a mistake that names it."""
    try:
        text = NUMERAL.validate_python(value)
    except ValidationError:
        raise refuse(f"'{name}' is {found(value)}, expected {DOMAINS[setting.domain]}") from None
    if not within(text, setting.domain):
        raise refuse(f"'{name}' is {found(value)}, expected {DOMAINS[setting.domain]}")
    return text


def _rate(value: Any) -> str:
    text = NUMERAL.validate_python(value)
    if not within(text, "rate"):
        raise refuse(f"found {text}, expected {DOMAINS['rate']}")
    return text


Rate = Annotated[Numeral, BeforeValidator(_rate)]


def _above_zero(value: Any) -> str:
    text = NUMERAL.validate_python(value)
    if not within(text, "small"):
        raise refuse(f"found {text}, expected {DOMAINS['small']}")
    return text


Bound = Annotated[Numeral, BeforeValidator(_above_zero)]


class OptimiserField(Strict):
    """An optimiser by its name, with settings and conventions: ``{name: adam, beta_1: 0.8}``."""

    model_config = ConfigDict(
        json_schema_extra={
            "additionalProperties": {"anyOf": [{"type": "number"}, {"type": "string"}]}
        }
    )
    name: str
    settings: dict[str, str] = Field(default_factory=dict)
    options: dict[str, str] = Field(default_factory=dict)


class ScheduleField(Strict):
    """A schedule by its name: ``{name: step, every: 2, gamma: 0.5, warm_up: 3}``."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": NUMBER_SCHEMA})
    name: str
    settings: dict[str, str] = Field(default_factory=dict)
    wholes: dict[str, Positive] = Field(default_factory=dict)
    warm_up: NotNegative = Field(
        0, description="updates (or epochs) over which the rate rises to its start"
    )
    per: Literal["update", "epoch"] = Field("update", description="what the schedule counts")
    counts_from: Literal[0, 1] = Field(0, description="the count of the first update")
    times: Positive = Field(
        1, description="with restarts: how much longer each period is than the one before"
    )


def _named(value: Any, what: str) -> tuple[str, dict[str, Any]]:
    """The name and the other keys; a name alone is a mapping without other keys."""
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise refuse(f"found {found(value)}, expected the name of {what}, or a mapping with 'name'")
    return value["name"], {key: entry for key, entry in value.items() if key != "name"}


def _optimiser(value: Any) -> Any:
    if isinstance(value, OptimiserField):
        return value
    name, rest = _named(value, "an optimiser")
    try:
        key = optimisers.find(name)
    except ValueError as error:
        raise refuse(str(error)) from None
    row = optimisers.OPTIMISERS[key]
    settings, options = {}, {}
    for word, entry in rest.items():
        if word in row.choices:
            options[word] = _option(word, entry, row.choices[word])
        elif word in row.settings:
            settings[word] = _in_domain(entry, word, row.settings[word])
        else:
            known = [*row.settings, *row.choices]
            raise refuse(_stranger(word, row.title, known))
    needed = {*optimisers.used_settings(key, optimisers.updates(key, options))}
    for word in settings:
        if word not in needed:
            raise refuse(f"'{word}' has no place in {row.title} with these conventions")
    return {"name": key, "settings": settings, "options": options}


def _stranger(word: str, title: str, known: list[str]) -> str:
    hint = nearest(word, known)
    return f"'{word}' is no setting of {title}{hint}{those_known(hint, known)}"


def _option(choice: str, value: Any, options: Mapping[str, Any]) -> str:
    word = str(value).lower() if isinstance(value, bool) else str(value)
    if word not in options:
        raise refuse(unknown(word, f"a convention for '{choice}'", options))
    return word


def _schedule(value: Any) -> Any:
    if isinstance(value, ScheduleField):
        return value
    name, rest = _named(value, "a schedule")
    try:
        key = schedules.find(name)
    except ValueError as error:
        raise refuse(str(error)) from None
    row = schedules.SCHEDULES[key]
    common = ("warm_up", "counts_from", "per", *(("times",) if row.restarts else ()))
    fields: dict[str, Any] = {"name": key, "settings": {}, "wholes": {}}
    for word, entry in rest.items():
        if word in common:
            fields[word] = int(entry) if str(entry) in ("0", "1") else entry
        elif word in row.wholes:
            fields["wholes"][word] = entry
        elif word in row.settings:
            fields["settings"][word] = _in_domain(entry, word, row.settings[word])
        else:
            known = [*row.wholes, *row.settings, *common]
            raise refuse(_stranger(word, row.title, known))
    for word in row.wholes:
        if word not in fields["wholes"]:
            what = "of the model" if word == "width" else "a number of updates or epochs"
            raise refuse(f"{row.title} needs '{word}', {what}")
    return fields


OptimiserUse = Annotated[OptimiserField, BeforeValidator(_optimiser), OrAs(TEXT_SCHEMA)]
ScheduleUse = Annotated[ScheduleField, BeforeValidator(_schedule), OrAs(TEXT_SCHEMA)]


class Clip(Strict):
    """Gradients that are too large are cut, each by itself or all by their norm."""

    value: Bound | None = Field(None, description="each gradient lies between -value and value")
    norm: Bound | None = Field(None, description="the norm of all gradients is at most this")
    epsilon: Bound | None = Field(None, description="added to the norm; nothing if left out")


class Penalty(Strict):
    """Weights are drawn towards 0, by a term of the loss or apart from the gradient."""

    strength: Bound = Field(description="λ")
    form: Literal["l2", "decoupled"] = Field(
        "l2", description="a term of the loss, or apart from it"
    )
    term: Literal["half", "whole"] = Field(
        "half", description="λ/2 times the sum of squares, or λ times it"
    )
    of: Literal["parameters", "weights"] = Field(
        "parameters", description="of all parameters, or of the weights alone, not the biases"
    )


class Training(Strict):
    """What every run of learning gives: the optimiser and all that changes its steps."""

    optimiser: OptimiserUse = OptimiserField(name="gradient_descent")
    rate: Rate | None = Field(None, description="the learning rate")
    schedule: ScheduleUse = ScheduleField(name="constant")
    clip: Clip | None = None
    penalty: Penalty | None = None
