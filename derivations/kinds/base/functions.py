"""Functions in a problem file: activations by name, with parameters, or defined by the author."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from derivations.calculus.differentiate import ByOutput, Rules, Slopes, differentiate
from derivations.errors import ReadError, misspelt, nearest, those_known
from derivations.formula.evaluation import Function
from derivations.formula.expressions import FUNCTIONS, RESERVED, read_expression
from derivations.formula.looks import name_latex, name_text
from derivations.formula.tree import Apply, Formula, names, rewrite, substitute
from derivations.kinds.base.fields import (
    FORMULA_SCHEMA,
    NUMBER_SCHEMA,
    TEXT_SCHEMA,
    Expression,
    Numeral,
    OrAs,
    Strict,
    found,
    refuse,
)
from derivations.models import activations


class Branch(Strict):
    """One case of a piecewise function: its value, and when it holds."""

    value: Expression
    when: Expression = "otherwise"


def _branch(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        if len(value) not in (1, 2):
            raise refuse(f"found {found(value)}, expected [value, condition]")
        return dict(zip(("value", "when"), value, strict=False))
    return value


BranchField = Annotated[
    Branch,
    BeforeValidator(_branch),
    OrAs({"type": "array", "items": FORMULA_SCHEMA, "minItems": 1, "maxItems": 2}),
]


class CustomFunction(Strict):
    """A function of the author's own: ``expression`` in one variable, or ``piecewise`` cases."""

    name: str = "f"
    variable: str = "z"
    expression: Expression | None = None
    piecewise: tuple[BranchField, ...] | None = None
    derivative: Expression | None = Field(
        None, description="the derivative, if it is to be written in another form"
    )

    @model_validator(mode="after")
    def _one_definition(self) -> CustomFunction:
        if (self.expression is None) == (self.piecewise is None):
            raise refuse("expected either 'expression' or 'piecewise'")
        if not self.name.isidentifier():
            raise refuse(f"found {found(self.name)}, expected a name of letters and digits")
        return self

    def read(self, constants: bool = False) -> Function:
        """The function as a formula; with ``constants`` other names may stand in it.

        Raises:
            ReadError: a name other than the variable, or an unknown function.
        """
        if self.expression is not None:
            body = _checked(self.expression, self.variable, constants)
        else:
            parts: list[Formula] = []
            for branch in self.piecewise or ():
                parts += [
                    _checked(branch.value, self.variable, constants),
                    _checked(branch.when, self.variable, constants),
                ]
            body = Apply("cases", tuple(parts))
        return Function((self.variable,), body)

    def read_derivative(self) -> Formula | None:
        """The derivative as the author writes it."""
        return None if self.derivative is None else _checked(self.derivative, self.variable)


def _checked(text: str, variable: str, constants: bool = False) -> Formula:
    formula = read_expression(text, FUNCTION_NAMES, {variable})
    strange = [name for name in names(formula) if name != variable]
    if strange and not constants:
        raise ReadError(f"'{strange[0]}' is not known here; the variable is '{variable}'")
    return by_table_key(formula)


class TableFunction(Strict):
    """An activation of the table with parameters of its own: ``{name: leaky_relu, alpha: 0.1}``."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": NUMBER_SCHEMA})
    name: str
    parameters: dict[str, Numeral] = Field(default_factory=dict)


def _activation(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return TableFunction(name=activations.find(value))
        except ValueError as error:
            raise refuse(str(error)) from None
    if isinstance(value, dict) and not {"expression", "piecewise"} & set(value):
        name = value.get("name")
        hint = misspelt(value, ["expression", "piecewise"])
        if not isinstance(name, str):
            raise refuse(
                f"expected the name of an activation, or 'expression' or 'piecewise'{hint}"
            )
        try:
            key = activations.find(name)
        except ValueError as error:
            own = f"'{name}' has neither 'expression' nor 'piecewise'{hint}"
            raise refuse(own if hint else str(error)) from None
        parameters = {k: v for k, v in value.items() if k not in ("name", "parameters")}
        parameters |= value.get("parameters") or {}
        known = activations.ACTIVATIONS[key].parameters
        for parameter in parameters:
            if parameter not in known:
                hint = nearest(parameter, known)
                raise refuse(
                    f"'{parameter}' is not a parameter of {key}{hint}{those_known(hint, known)}"
                )
        return {"name": key, "parameters": parameters}
    if not isinstance(value, (dict, TableFunction, CustomFunction)):
        raise refuse(f"found {found(value)}, expected the name of an activation")
    return value


def _activation_tag(value: Any) -> str:
    custom = isinstance(value, CustomFunction) or (
        isinstance(value, dict) and bool({"expression", "piecewise"} & set(value))
    )
    return "custom" if custom else "table"


_Function = Annotated[
    Annotated[TableFunction, Tag("table")] | Annotated[CustomFunction, Tag("custom")],
    Discriminator(_activation_tag),
]
ActivationField = Annotated[_Function, BeforeValidator(_activation), OrAs(TEXT_SCHEMA)]

ALSO = {"sigma": "sigmoid", "ReLU": "relu", "ELU": "elu", "SiLU": "silu", "GELU": "gelu", "SELU": "selu", "step": "heaviside", "H": "heaviside"}  # fmt: skip
MANY = 10_000
ARGUMENTS = {"log": (1, 2), "dot": (2, 2), "max": (1, MANY), "min": (1, MANY), "mean": (1, MANY)}
FUNCTION_NAMES = activations.NAMES | set(ALSO) | set(activations.ALIASES)


def by_table_key(formula: Formula, own: Mapping[str, Any] | None = None) -> Formula:
    """Calls of ``σ`` or ``ReLU`` as calls of the table's ``sigmoid`` and ``relu``.

    Raises:
        ReadError: a call with too few or too many arguments.
    """

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply):
            return None
        _check_arguments(node, own or {})
        base = node.head.rstrip("'")
        key = ALSO.get(base) or activations.ALIASES.get(base)
        if key is None or base in (own or {}):
            return None
        args = tuple(by_table_key(arg, own) for arg in node.args)
        return replace(node, head=key + node.head[len(base) :], args=args)

    return rewrite(formula, rule)


def _check_arguments(call: Apply, own: Mapping[str, Any]) -> None:
    """A function of one number is called with one, log with one or two, max with any."""
    base = call.head.rstrip("'")
    if base not in FUNCTIONS | FUNCTION_NAMES | set(own) or base == "cases":
        return
    least, most = ARGUMENTS.get(base, (1, 1))
    if not least <= len(call.args) <= most:
        expected = str(least) if least == most else f"{least} or {most}"
        raise ReadError(
            f"'{base}' is called with {len(call.args)} values; expected {expected}",
            call.span[0] if call.span else 0,
        )


@dataclass(slots=True)
class Functions:
    """All that a derivation knows of the functions it calls."""

    bodies: dict[str, Function] = field(default_factory=lambda: dict(activations.bodies()))
    by_output: dict[str, ByOutput] = field(default_factory=dict)
    slopes: dict[str, Function] = field(default_factory=lambda: dict(activations.slopes()))
    looks: dict[str, tuple[str, str]] = field(
        default_factory=lambda: dict(activations.function_looks())
    )

    used: dict[str, object] = field(default_factory=dict)  # what was added, by its head

    def __post_init__(self) -> None:
        for name in activations.ACTIVATIONS:
            self.by_output.setdefault(name, _table_rule(name, {}))

    def add(self, use: TableFunction | CustomFunction, constants: bool = False) -> str:
        """Make the function known; the head under which formulas call it.

        With ``constants``, names besides the variable stand for positive constants.

        Raises:
            ReadError: the author's formula cannot be read, or its name is taken.
        """
        if isinstance(use, TableFunction):
            return self._add_row(use)
        if use.name in FUNCTIONS | RESERVED | set(activations.ACTIVATIONS):
            raise ReadError(f"'{use.name}' is a function already; choose another name")
        if self.used.setdefault(use.name, use) != use:
            raise ReadError(f"two functions are called '{use.name}'; give each a 'name' of its own")
        function = use.read(constants)
        self.bodies[use.name] = function
        slope = use.read_derivative()
        if slope is None:
            slope = differentiate(function.body, use.variable, Slopes(self.slopes, self.bodies))
        self.slopes[use.name] = Function(function.parameters, slope)
        self.by_output[use.name] = _custom_rule(self.slopes[use.name])
        self.looks[use.name] = (name_latex(use.name), name_text(use.name))
        return use.name

    def _add_row(self, use: TableFunction) -> str:
        """A row of the table; with other parameters than before it is a function of its own."""
        row = activations.ACTIVATIONS[use.name]
        chosen = {**row.parameters, **use.parameters}
        head, k = use.name, 1
        while self.used.setdefault(head, chosen) != chosen:
            k += 1
            head = f"{use.name}_{k}"
        if chosen != dict(row.parameters) or head != use.name:
            self.bodies[head] = activations.body(use.name, chosen)
            self.slopes[head] = _renamed(activations.slope(use.name, chosen), use.name, head)
            self.by_output[head] = _table_rule(use.name, chosen)
            latex, text = row.look
            self.looks[head] = (f"{latex}_{{{k}}}", f"{text}_{k}") if k > 1 else row.look
        return head

    @property
    def rules(self) -> Rules:
        """For the deriver."""
        return Rules(Slopes(self.slopes, self.bodies), self.by_output)

    def callable(self) -> dict[str, Function]:
        """For evaluation: functions and, under the name with a prime, their derivatives."""
        return self.bodies | {f"{name}'": slope for name, slope in self.slopes.items()}


def _renamed(function: Function, old: str, new: str) -> Function:
    """The function with calls of ``new`` in the place of calls of ``old``."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or node.head != old:
            return None
        return replace(node, head=new)

    return Function(function.parameters, rewrite(function.body, rule))


def _table_rule(name: str, parameters: Mapping[str, str]) -> ByOutput:
    return lambda z, a: activations.slope_by_output(name, z, a, parameters)


def _custom_rule(slope: Function) -> ByOutput:
    return lambda z, a: substitute(slope.body, {slope.parameters[0]: z})
