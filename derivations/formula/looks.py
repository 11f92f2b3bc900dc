"""How a quantity looks: the one place that turns ``w_1``, ``y_hat`` or ``Sigma__2`` into signs.

A name is a letter, a Greek letter by its name, or a word; then in any order

- ``_hat``, ``_bar``, ``_tilde``, ``_star``, ``_plus``, ``_prime``, ``_squared``, ``_change``:
  decorations (ŷ, x̄, w̃, w*, w⁺, w′, R², Δw);
- ``__l``: the layer (or sample, or step) as a superscript in brackets, z⁽ˡ⁾;
- ``_k`` or digits at the end of a letter: a subscript. ``w_ji`` goes to unit j from unit i.

What follows ``@`` tells versions of one quantity apart (a weight before and after an update)
and is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ",
    "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
LATEX_GREEK = {"epsilon": r"\varepsilon", "phi": r"\varphi"}
DECORATIONS = {
    "hat": (r"\hat{%s}", "%s\u0302"),
    "bar": (r"\bar{%s}", "%s\u0304"),
    "tilde": (r"\tilde{%s}", "%s\u0303"),
    "star": (r"%s^{*}", "%s*"),
    "plus": (r"%s^{+}", "%s⁺"),
    "prime": (r"%s^{\prime}", "%s′"),
    "squared": (r"%s^{2}", "%s²"),
    "change": (r"\Delta %s", "Δ%s"),
}
SUBSCRIPTS = str.maketrans("0123456789aehijklmnoprstuvx,+-", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ,₊₋")
SUPERSCRIPTS = str.maketrans("0123456789+-()nijkl", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱʲᵏˡ")
INDICES = re.compile(r"(?!in$)[h-nqtpABC]{2}")
PARTS = re.compile(r"__([A-Za-z0-9+-]+)|_([A-Za-z0-9,]+(?:[+-]\d)?)")
BASE = re.compile(r"([A-Za-z]+?)(\d*)(?=_|$)|([A-Za-z]+\d*[A-Za-z0-9]*)(?=_|$)")


@dataclass(frozen=True, slots=True)
class Look:
    """A name taken apart."""

    base: str
    decorations: tuple[str, ...]
    subscript: str
    superscript: str


@lru_cache(maxsize=4096)
def look(name: str) -> Look:
    """The parts of a name: ``y_hat_1`` is y with a hat and the subscript 1."""
    name = name.partition("@")[0]
    match = BASE.match(name)
    if not match:
        return Look(name, (), "", "")
    base, digits = (match[1], match[2]) if match[1] else (match[3], "")
    decorations: list[str] = []
    subscripts = [digits] if digits else []
    superscript = ""
    for layer, part in PARTS.findall(name[match.end() :]):
        if layer:
            superscript = layer
        elif part in DECORATIONS:
            decorations.append(part)
        else:
            subscripts.append(part)
    comma = "" if all(len(part) == 1 for part in subscripts) else ","
    return Look(base, tuple(decorations), comma.join(subscripts), superscript)


@dataclass(frozen=True, slots=True)
class Spelling:
    """The names that a sheet writes otherwise: y and ŷ for t and y, x₀ for x₁, w_ij for w_ji.

    Quantities keep their names; only what a reader sees is another one.

    Attributes:
        letters: by a letter with its decorations the letter that is written, ``y``: ``y_hat``.
        places: letters whose numbers below are places, counted from ``first``.
        first: 1 or 0.
        turned: letters whose two numbers below change places.
        kept: names whose numbers the author of a problem chose.
    """

    letters: Mapping[str, str] = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    first: int = 1
    turned: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    def name(self, name: str) -> str:
        """The name that is written for a name."""
        plain, sign, version = name.partition("@")
        if not (self.letters or self.turned or self.first != 1) or not BASE.match(plain):
            return name
        parts = look(plain)
        letter = self._letter(parts.base, parts.decorations)
        below = _subscripts(plain)
        if plain not in self.kept:
            below = self._numbers(parts.base, below)
        level = f"__{parts.superscript}" if parts.superscript else ""
        spelled = letter + level + "".join(f"_{part}" for part in below)
        return (plain if look(spelled) == parts else spelled) + sign + version

    def key(self, key: str) -> str:
        """The key of a quantity by the names that are written: ``dL/dw_1`` as ``dL/dw_0``."""
        above, sign, below = key.partition("/d")
        if not sign or not above.startswith("d"):
            return self.name(key)
        return f"d{self.name(above[1:])}/d{self.name(below)}"

    def index(self, whole: str, number: str) -> str:
        """The number that is written for a place in an array."""
        counted = look(whole).base in self.places and number.isdigit()
        return str(int(number) - 1 + self.first) if counted else number

    def _letter(self, base: str, decorations: tuple[str, ...]) -> str:
        whole = "_".join((base, *decorations))
        plain = self.letters.get(base, base)
        plain = base if "_" in plain else plain  # t̃ is written as ỹ where t is y, but no ŷ̂
        return self.letters.get(whole) or "_".join((plain, *decorations))

    def _numbers(self, base: str, below: list[str]) -> list[str]:
        """The numbers below a letter; in ``m_w_1_2``, the average of w's gradient, those of w."""
        if len(below) > 1 and below[0] in self.places | self.turned:
            return [below[0], *self._numbers(below[0], below[1:])]
        if base in self.turned and len(below) == 2 and all(part.isdigit() for part in below):
            below = below[::-1]
        return [self.index(base, part) for part in below]


def _subscripts(name: str) -> list[str]:
    """What stands below a name, part by part: 1 and 12 of ``w__2_1_12``."""
    match = BASE.match(name)
    assert match
    digits = [match[2]] if match[1] and match[2] else []
    rest = [part for layer, part in PARTS.findall(name[match.end() :]) if not layer]
    return [*digits, *(one for part in rest if part not in DECORATIONS for one in part.split(","))]


def _script(text: str) -> str:
    """A subscript in LaTeX: digits and single letters as they are, words upright."""

    def part(word: str) -> str:
        if word in GREEK:
            return LATEX_GREEK.get(word, "\\" + word)
        upright = word.isalpha() and len(word) > 1 and not INDICES.fullmatch(word)
        return rf"\text{{{word}}}" if upright else word

    return ",".join(part(word) for word in text.split(","))


def is_word(name: str) -> bool:
    """Whether the name is printed as a word, ``precision``, that a small space does not part."""
    base = look(name).base
    return len(base) > 2 and base.isalpha() and base not in GREEK


def name_latex(name: str, bold: bool = False, layer_brackets: str = "()") -> str:
    """The name in LaTeX; ``bold`` for a vector or matrix."""
    parts = look(name)
    base = parts.base
    if base in GREEK:
        sign = LATEX_GREEK.get(base, "\\" + base)
        base = rf"\bm{{{sign}}}" if bold else sign
    elif len(base) > 1:
        base = rf"\mathrm{{{base}}}"
    elif bold:
        base = rf"\mathbf{{{base}}}"
    star = ""
    for decoration in parts.decorations:
        pattern = DECORATIONS[decoration][0]
        if pattern.startswith("%s^"):
            star = pattern[3:].strip("{}")
        else:
            base = pattern % base
    if parts.subscript:
        base += f"_{{{_script(parts.subscript)}}}"
    superscript = star
    if parts.superscript:
        superscript += f"{layer_brackets[0]}{_script(parts.superscript)}{layer_brackets[1]}"
    return base + (f"^{{{superscript}}}" if superscript else "")


def name_text(name: str, layer_brackets: str = "()") -> str:
    """The name in Unicode: ``w₁``, ``ŷ``, ``z_hidden``."""
    parts = look(name)
    base = GREEK.get(parts.base, parts.base)
    for decoration in parts.decorations:
        base = DECORATIONS[decoration][1] % base
    if parts.superscript:
        base += superscript_text(f"{layer_brackets[0]}{parts.superscript}{layer_brackets[1]}")
    if parts.subscript:
        words = [GREEK.get(word, word) for word in parts.subscript.split(",")]
        script = ",".join(words)
        short = len(script) < 3 or script.isdigit() or script.endswith("-1")
        base += (
            script.translate(SUBSCRIPTS) if short and _all_in(script, SUBSCRIPTS) else f"_{script}"
        )
    return base


def superscript_text(text: str) -> str:
    """The text as Unicode superscripts where all its characters have one, else ``^text``."""
    return text.translate(SUPERSCRIPTS) if _all_in(text, SUPERSCRIPTS) else f"^{text}"


def _all_in(text: str, table: dict[int, int]) -> bool:
    return all(ord(character) in table for character in text)


FUNCTIONS = {  # head: (LaTeX, Unicode)
    "ln": (r"\ln", "ln"), "log": (r"\log", "log"), "log2": (r"\log_{2}", "log₂"),
    "log10": (r"\log_{10}", "log₁₀"), "exp": (r"\exp", "exp"), "tanh": (r"\tanh", "tanh"),
    "sinh": (r"\sinh", "sinh"), "cosh": (r"\cosh", "cosh"), "sin": (r"\sin", "sin"),
    "cos": (r"\cos", "cos"), "atan": (r"\arctan", "arctan"), "max": (r"\max", "max"),
    "min": (r"\min", "min"), "argmax": (r"\operatorname{arg\,max}", "argmax"),
    "sum_entries": (r"\operatorname{sum}", "sum"), "sign": (r"\operatorname{sign}", "sign"),
    "softmax_rows": (r"\operatorname{softmax}", "softmax"), "rot180": (r"\operatorname{rot}_{180}", "rot₁₈₀"),
    "detach": (r"\operatorname{sg}", "sg"),
}  # fmt: skip


def function_look(head: str, latex: bool) -> str:
    """A function's sign: ``σ'``, ``\\ln``; a name that is not in the table stands upright."""
    base = head.rstrip("'")
    primes = head[len(base) :]
    if base in FUNCTIONS:
        return FUNCTIONS[base][0 if latex else 1] + primes
    if base in GREEK or len(look(base).base) == 1:
        return (name_latex(base) if latex else name_text(base)) + primes
    return (rf"\operatorname{{{base}}}" if latex else base) + primes
