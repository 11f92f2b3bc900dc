"""Definitions of a problem file: expressions over givens and earlier names, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from derivations.calculus.differentiate import NotDifferentiable
from derivations.errors import ReadError, nearest
from derivations.formula.expressions import read_expression
from derivations.formula.shapes import Shape, infer
from derivations.formula.tokens import NAME, name_like
from derivations.formula.tree import Apply, Formula, Name, names, position, walk
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Expression, Matrix, Numeral, Vector
from derivations.kinds.base.functions import FUNCTION_NAMES, CustomFunction, Functions, by_table_key


def _shape_tag(value: Any) -> str:
    if not isinstance(value, (list, tuple)):
        return "number"
    return "matrix" if value and isinstance(value[0], (list, tuple)) else "vector"


Quantity = Annotated[
    Annotated[Numeral, Tag("number")]
    | Annotated[Vector, Tag("vector")]
    | Annotated[Matrix, Tag("matrix")],
    Discriminator(_shape_tag),
]


def _define_tag(value: Any) -> str:
    return "group" if isinstance(value, dict) else "expression"


Definition = Annotated[
    Annotated[Expression, Tag("expression")] | Annotated[dict[str, Expression], Tag("group")],
    Discriminator(_define_tag),
]


def shape_of(value: Any) -> Shape:
    """The shape of a given value: nested tuples of numerals."""
    return (len(value), *shape_of(value[0])) if isinstance(value, tuple) else ()


class Definitions:
    """Names with their formulas and shapes.

    Args:
        given: the values that the file gives, by name.
        define: expressions by name; a mapping inside is a titled group.
        functions: functions of the author's own.
        field: the key under which the definitions stand in the file.
        constants: whether functions may have names in them that have no value.

    Raises:
        FieldError: unknown names and functions, shapes that do not fit, ..., all at once.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        define: Mapping[str, Any],
        functions: Mapping[str, CustomFunction] | None = None,
        field: str = "define",
        constants: bool = False,
    ) -> None:
        self.own = dict(functions or {})
        self.functions = Functions()
        self.mistakes = Mistakes()
        self.inputs: dict[str, Shape] = {name: shape_of(value) for name, value in given.items()}
        self.shapes: dict[str, Shape] = dict(self.inputs)
        self.groups: list[tuple[str, list[str]]] = []
        self.formulas: dict[str, Formula] = {}
        for name in given:
            self._check_name(name, ("given", name))
        self._add_functions(constants)
        self._read(define, field)
        self.mistakes.raise_all()

    def _add_functions(self, constants: bool) -> None:
        for name, function in self.own.items():
            try:
                self.functions.add(function.model_copy(update={"name": name}), constants)
            except (ReadError, NotDifferentiable) as error:
                self.mistakes.add(("functions", name), str(error))

    def _read(self, define: Mapping[str, Any], field: str) -> None:
        for name, entry in define.items():
            if isinstance(entry, dict):
                self.groups.append((name, list(entry)))
                for inner, text in entry.items():
                    self._define(inner, text, (field, name, inner))
            else:
                if not self.groups or self.groups[-1][0]:
                    self.groups.append(("", []))
                self.groups[-1][1].append(name)
                self._define(name, entry, (field, name))

    def _check_name(self, name: str, path: tuple[str | int, ...]) -> None:
        if not NAME.fullmatch(name):
            words = f"'{name}' is not a name; letters, digits and _, as in w_1 or y_hat"
            self.mistakes.add(path, words + name_like(name))

    def _define(self, name: str, text: str, path: tuple[str | int, ...]) -> None:
        self._check_name(name, path)
        if name in self.shapes:
            where = "given" if name in self.inputs else "defined"
            self.mistakes.add(path, f"'{name}' is already {where}")
            return
        self.shapes[name] = ()
        with self.mistakes.at(path, text):
            formula = self.read(text, set(self.shapes) - {name})
            self.shapes[name] = infer(formula, self.shapes)
            self.formulas[name] = formula

    def read(self, text: str, known: set[str] | None = None) -> Formula:
        """An expression over the names that are known so far.

        Raises:
            ReadError: it cannot be read, or uses a name that is not known.
        """
        known = set(self.shapes) if known is None else known
        formula = by_table_key(
            read_expression(text, FUNCTION_NAMES | set(self.own), known), self.own
        )
        for used in names(formula):
            if used not in known and not _bound(formula, used):
                raise ReadError(
                    f"'{used}' is neither given nor defined before"
                    f"{nearest(used, filter(NAME.fullmatch, known))}",
                    position(formula, used),
                )
        return formula


def _bound(formula: Formula, name: str) -> bool:
    return any(
        isinstance(node, Apply) and node.head == "bigsum" and node.args[0] == Name(name)
        for node in walk(formula)
    )
