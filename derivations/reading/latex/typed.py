"""Mathematics as it is typed on a keyboard, ``e^(-1.3)``, ``w11_new``, ``80 %``, in the spelling of LaTeX.

Each change makes readable what LaTeX would not say in this way: brackets for braces around an exponent,
several digits below a name, the power ``**``.
"""

from __future__ import annotations

import re

from derivations.formula.looks import GREEK
from derivations.reading.latex.traced import Traced
from derivations.reading.latex.words import FUNCTIONS, PLAIN_WORDS

MARKED = re.compile(
    r"(?<![\w.\\{])(?P<d>[d∂]?)(?P<letter>[A-Za-z])(?P<number>\d{0,2})_?(?P<mark>hat|bar|tilde)(?:_(?P<below>\w{1,3}))?(?![\w(])"
)
SCIENTIFIC = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)[eE]([-+]?\d{1,3})(?![\w.])")
BAR = re.compile(r"(?<=[\w)]) *\|(?= *[\w¬])(?=[^|()\n]*\))")  # of a condition
COUNTS = ("TP", "FP", "TN", "FN")
POWER = re.compile(r"\*\*")
PERCENT = re.compile(r"(?<=[0-9])([ \t]?)%")
BRACKETED = re.compile(r"\^\(((?:[^()\n]|\([^()\n]*\))*)\)")
RAISED = re.compile(r"\^(-?[0-9]+(?:\.[0-9]+)?|-[A-Za-z](?![A-Za-z]))")
WORDS = "|".join(("net", "out", "[A-Z]{2,3}", *sorted(GREEK)))
NAME = rf"(?<![\w.^{{,\\])(?P<base>d?(?:{WORDS}|[^\W\d_]))"
FRESH = re.compile(r"\bnew[ \t]+([A-Za-z])(\d{0,3})(?![\w.({])")
BELOW = re.compile(rf"{NAME}(?P<number>\d{{0,3}})_(?P<below>[A-Za-z0-9]+)(?![\w({{])")
NUMBERED = re.compile(rf"{NAME}(?P<number>\d{{1,3}})(?![\w({{]|\.\d)")
RENEWED = re.compile(r"(?<=[A-Za-z0-9}])\+(?=\s*=)")
LETTER = re.compile(
    rf"(?<![A-Za-z\\])(?P<d>[d∂]?)(?P<letter>{'|'.join(sorted(GREEK))})(?![A-Za-z])"
)
WORD = re.compile(rf"(?<![\w\\{{.,])(?:[A-Za-z]{{3,30}}|{'|'.join(sorted(COUNTS))})(?![\w(])")
SUBSCRIPT = re.compile(r"\d{2,}|[A-Za-z]{1,4}\d{1,3}")  # what is no subscript by itself


def in_latex(source: Traced) -> Traced:
    """A typed piece of mathematics as LaTeX writes it; every character knows where it stood."""
    source = source.substituted(SCIENTIFIC, lambda m: rf"({m[1]} \times 10^{{{int(m[2])}}})")
    source = source.substituted(MARKED, _marked)
    source = source.substituted(BAR, lambda _: r" \mid ")
    source = source.substituted(POWER, lambda _: "^")
    source = source.substituted(PERCENT, lambda m: rf"{m[1]}\%")
    source = source.substituted(BRACKETED, lambda m: f"^{{{m[1]}}}")
    source = source.substituted(RAISED, lambda m: f"^{{{m[1]}}}" if m[1][1:] else m[0])
    source = source.substituted(RENEWED, lambda _: "^+")
    source = source.substituted(FRESH, lambda m: f"{m[1]}_{{{m[2]}{',' if m[2] else ''}new}}")
    source = source.substituted(BELOW, _below)
    source = source.substituted(NUMBERED, lambda m: f"{m['base']}_{{{m['number']}}}")
    source = source.substituted(WORD, _upright)
    return source.substituted(LETTER, lambda m: rf"{m['d']}\{m['letter']}")


def _upright(match: re.Match[str]) -> str:
    """A word that is the name of a quantity; known ones need no font."""
    word = match[0]
    known = word in GREEK or word in PLAIN_WORDS or word.lower() in FUNCTIONS or word[1:] in GREEK
    return word if known else rf"\mathrm{{{word}}}"


def _marked(match: re.Match[str]) -> str:
    """``y_hat``, ``yhat``, ``y1_hat`` and ``y_hat_1``; a word that ends so is none of them."""
    below = match["number"] or match["below"]
    return rf"{match['d']}\{match['mark']}{{{match['letter']}}}" + (
        f"_{{{below}}}" if below else ""
    )


def _below(match: re.Match[str]) -> str:
    """``w1_new``, ``h_11``, ``net_h1`` and ``E_total``; one letter or two are left as they are."""
    places = [place for place in (match["number"], match["below"]) if place]
    if len(places) == 1 and WORD.fullmatch(places[0]):
        return rf"{match['base']}_{{\mathrm{{{places[0]}}}}}"
    if len(places) == 1 and not SUBSCRIPT.fullmatch(places[0]):
        return match[0]
    return f"{match['base']}_{{{','.join(places)}}}"
