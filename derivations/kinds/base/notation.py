"""The conventions of notation: what a problem, a sheet or an exam says, and what a kind has of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from derivations.formula.looks import FUNCTIONS, Spelling
from derivations.formula.printing import Notation
from derivations.formula.tree import Formula, product
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.strict import Strict
from derivations.reading import yaml


def _digit(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.strip() in ("0", "1") else value


class NotationFields(Strict):
    """The conventions of notation of a problem or a whole sheet."""

    times: Literal["cdot", "times"] = Field("cdot", description="the sign between numbers")
    thousands: bool = Field(False, description="group the digits of large numbers by three")
    decimal: Literal["point", "comma"] = Field(
        "point",
        description="the sign before decimals; with a comma, entries are parted by semicolons",
    )
    bold: bool = Field(True, description="vectors and matrices in bold letters")
    layer_brackets: Literal["()", "[]"] = Field(
        "()", description="brackets around a layer's number"
    )
    logarithm: Literal["ln", "log"] = Field(
        "ln", description="how the natural logarithm is written"
    )
    first_index: Annotated[Literal[1, 0], BeforeValidator(_digit)] = Field(
        1, description="from which number entries, units and classes are counted"
    )
    targets: Literal["t", "y"] | None = Field(
        None, description="t: targets t, predictions y; y: targets y, predictions ŷ"
    )
    weights: Literal["W x + b", "x W + b"] = Field(
        "W x + b", description="the side of the weights: w_ji to unit j from i, or w_ij from i to j"
    )
    samples: Literal["rows", "columns"] = Field(
        "rows", description="what samples are in a matrix of data"
    )

    @property
    def weights_first(self) -> bool:
        """Whether weights stand in front of what they weigh."""
        return self.weights == "W x + b"

    def weighted(self, weight: Formula, value: Formula) -> Formula:
        """w x, or x w."""
        return product(weight, value) if self.weights_first else product(value, weight)


@dataclass(frozen=True, slots=True)
class Letters:
    """The names that a kind gives by itself, which conventions write otherwise.

    Attributes:
        target, prediction: its letters, with their decorations.
        places: letters whose numbers are places in a vector or matrix; of others they count
            steps, layers or time.
        weights: letters with the numbers of two units.
        data: letters with the numbers of a sample and of an entry of it.
        sides: conventions that are followed in formulas alone: ``weights``, ``samples``.
    """

    target: str = ""
    prediction: str = ""
    places: frozenset[str] = frozenset()
    weights: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    sides: frozenset[str] = frozenset()

    def follows(self) -> frozenset[str]:
        """Those of `CHOSEN` that make a difference to the sheet."""
        found = {
            "first_index": self.places, "targets": self.target, "weights": self.weights,
            "samples": self.data,
        }  # fmt: skip
        return self.sides | {name for name, letters in found.items() if letters}


CHOSEN = ("first_index", "targets", "weights", "samples")  # which only some kinds have a use for
TARGETS = {"t": ("t", "y"), "y": ("y", "y_hat")}  # and predictions, by the field


def letters(
    places: str,
    target: str = "",
    prediction: str = "",
    weights: str = "",
    data: str = "",
    sides: str = "",
) -> Letters:
    """Letters, and conventions, with spaces between them."""
    sets = (frozenset(each.split()) for each in (places, weights, data, sides))
    return Letters(target, prediction, *sets)


def notation_of(
    fields: NotationFields,
    of: Letters,
    kept: Iterable[str],
    bold: Iterable[str],
    functions: Mapping[str, tuple[str, str]],
) -> Notation:
    """The notation of a sheet: ``kept`` are names whose numbers the author chose."""
    written: dict[str, str] = {}
    if fields.targets is not None and of.target:
        signs = TARGETS[fields.targets]
        if of.target[0].isupper():  # matrices of them
            signs = (_capital(signs[0]), _capital(signs[1]))
        wanted = zip((of.target, of.prediction), signs, strict=True)
        written = {ours: theirs for ours, theirs in wanted if ours != theirs}
        if of.data:  # matrices of them
            written |= {_capital(ours): _capital(theirs) for ours, theirs in written.items()}
    turned = frozenset[str]() if fields.weights_first else of.weights
    turned |= of.data if fields.samples == "columns" else frozenset()
    return Notation(
        times=fields.times,
        thousands=fields.thousands,
        decimal=fields.decimal,
        layer_brackets=fields.layer_brackets,
        bold=frozenset(bold),
        functions={**functions, "ln": FUNCTIONS[fields.logarithm]},
        spelling=Spelling(written, of.places, fields.first_index, turned, frozenset(kept)),
    )


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


def check_names(spelling: Spelling, keys: Iterable[str]) -> None:
    """No two quantities are written alike.

    Raises:
        FieldError: a name that the author chose is that of another quantity by these conventions.
    """
    seen: dict[str, str] = {}
    for key in keys:
        other = seen.setdefault(spelling.name(key), key)
        if other != key:
            shown = spelling.name(key).partition("@")[0]
            words = f"{other} and {key} would both be written {shown}; choose another name"
            raise FieldError(("notation",), words)


# ---------------------------------------------------------------- what a file inherits


def stated(fields: NotationFields) -> dict[str, Any]:
    """The conventions that somebody wrote down, without defaults."""
    return fields.model_dump(exclude_unset=True)


def inheriting(root: yaml.Mapping, notation: Mapping[str, Any]) -> yaml.Mapping:
    """A problem's file with a sheet's conventions wherever it does not say otherwise itself."""
    found = yaml.step(root, "notation")
    own = found[1] if found else None
    if not notation or not (own is None or isinstance(own, yaml.Mapping)):
        return root  # what is no mapping is refused as it stands
    known = {key.text for key, _ in own.items} if own is not None else set()
    more = [
        (yaml.Scalar(key, True, root.line, root.column), _node(value, root))
        for key, value in notation.items()
        if key not in known
    ]
    place = own or root
    merged = yaml.Mapping((*(own.items if own else ()), *more), place.line, place.column)
    rest = [(key, value) for key, value in root.items if key.text != "notation"]
    name = yaml.Scalar("notation", True, place.line, place.column)
    return yaml.Mapping((*rest, (name, merged)), root.line, root.column)


def _node(value: Any, root: yaml.Mapping) -> yaml.Scalar:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return yaml.Scalar(text, not isinstance(value, str), root.line, root.column)
