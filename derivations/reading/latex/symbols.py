"""What the symbols of a text stand for, where somebody has said so.

A name is declared as ``function`` (or ``function sigmoid``: the head that it calls), ``scalar`` or
any domain (``in (0,1)``, ``positive``), ``index`` or ``index 1..3``, ``vector`` or ``3``, ``matrix``
or ``3x2``. Declarations come before all habits of the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from derivations.formula.looks import DECORATIONS, Look, look
from derivations.reading.latex.words import TAKEN

FUNCTION, SCALAR, INDEX, VECTOR, MATRIX = "function", "scalar", "index", "vector", "matrix"
LAYER = "layer"  # a letter that stands above names as a label, z^l
SHAPE = re.compile(r"(?:(vector|matrix)\s*)?([0-9]+|[A-Za-z])(?:\s*[x×]\s*([0-9]+|[A-Za-z]))?")
BOUNDS = re.compile(r"index\s+(\S+?)\s*\.\.\s*(\S+)")


def head_of(name: str) -> str:
    """The head that a function of this name has: ``D(b)`` is no derivative."""
    return f"{name}_" if name in TAKEN else name


@dataclass(frozen=True, slots=True)
class Symbol:
    """One declaration: the kind, and what belongs to it.

    ``head`` is what a function calls, ``shape`` the sizes of an array as they are written,
    ``bounds`` the first and last value of an index, ``domain`` the words for a scalar, ``over`` the
    names that it is defined over: f(z) is then f.
    """

    kind: str
    head: str = ""
    shape: tuple[str, ...] = ()
    bounds: tuple[str, str] | None = None
    domain: str = ""
    over: frozenset[str] = frozenset()


ERROR = Symbol(SCALAR, head="e")  # the letter e for an error, beside e^x


def declared(text: str, name: str = "") -> Symbol:
    """The symbol that a declaration says: ``3x2``, ``function``, ``in (0,1)``.

    Raises:
        ValueError: the declaration is empty.
    """
    words = text.strip()
    if not words:
        raise ValueError(f"'{name}' is declared as nothing")
    if words.startswith(FUNCTION):
        return Symbol(FUNCTION, words.removeprefix(FUNCTION).strip())
    if match := BOUNDS.fullmatch(words):
        return Symbol(INDEX, bounds=(match[1], match[2]))
    if words in (INDEX, VECTOR, MATRIX):
        return Symbol(words)
    match = SHAPE.fullmatch(words)
    if match and (match[1] or match[3] or match[2].isdigit()):
        shape = tuple(part for part in match.groups()[1:] if part)
        if len(shape) > 1 and shape[1] == "1" and shape[0] != "1":
            shape = shape[:1]  # one column is a vector
        return Symbol(MATRIX if len(shape) > 1 or match[1] == MATRIX else VECTOR, shape=shape)
    return Symbol(SCALAR, domain="" if words in (SCALAR, "real", "number") else words)


def canonical(name: str) -> str:
    """One spelling for all names that look the same: ``w1`` and ``w_1`` are w₁."""
    return spelled(look(name))


def spelled(parts: Look) -> str:
    """The name with these parts."""
    marks = "".join(f"_{mark}" for mark in DECORATIONS if mark in parts.decorations)
    layer = f"__{parts.superscript}" if parts.superscript else ""
    below = parts.subscript
    if "," in below and all(len(part) == 1 for part in below.split(",")):
        below = below.replace(",", "")
    return parts.base + marks + layer + (f"_{below}" if below else "")


@dataclass(frozen=True, slots=True)
class Symbols:
    """The declarations of a text, by name."""

    known: Mapping[str, Symbol] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    comma: bool = False  # whether decimals stand behind commas
    quantities: frozenset[str] = frozenset()  # letters for functions that are none
    chances: frozenset[str] = frozenset()  # the names of probabilities
    moves: bool = False  # whether dL is the differential of L
    logarithms: frozenset[str] = frozenset()  # letters of which only the logarithm has a name

    @classmethod
    def of(cls, known: Mapping[str, Symbol]) -> Symbols:
        """From names to what they are declared as."""
        spellings: dict[str, str] = {}
        for name in known:
            spellings.setdefault(canonical(name), name)
        return cls(dict(known), spellings, frozenset(look(name).base for name in known))

    def more(self, known: Mapping[str, Symbol], words: frozenset[str] = frozenset()) -> Symbols:
        """These, and what a text itself shows: symbols, and words that are no declared names."""
        symbols = Symbols.of({**known, **self.known})
        words |= symbols.words | self.words
        return replace(self, known=symbols.known, spellings=symbols.spellings, words=words)

    def name(self, spelling: str) -> str:
        """The declared name that looks like this one, or this one."""
        return self.spellings.get(spelling, spelling)

    def get(self, name: str) -> Symbol | None:
        """What a name is declared as."""
        return self.known.get(self.name(name))

    def is_function(self, name: str) -> bool:
        """Whether it is declared as a function."""
        symbol = self.get(name)
        return symbol is not None and symbol.kind == FUNCTION

    def is_array(self, name: str) -> bool:
        """Whether it is declared as a vector or matrix."""
        symbol = self.get(name)
        return symbol is not None and symbol.kind in (VECTOR, MATRIX)


NONE = Symbols()
