"""The end of a line that ends a statement, in texts that part their rows by nothing else.

``z = 0.5 \\cdot 2 = 1`` and below it ``y = \\sigma(z)`` are two statements; a product may as well be
broken between its factors, so that a line ends only before what can be no factor of it.
"""

from __future__ import annotations

import re

ROWS = re.compile(r"\\\\|\\begin\b|\\cr\b|\\newline\b|(?<!\\)&")
MATRIX = re.compile(r"\\begin\{([a-zA-Z]*matrix)\}(?:(?!\\begin\b).)*?\\end\{\1\}", re.DOTALL)
RELATED = r"\s*(?::=|[=<>≈≤≥]|\\(?:approx|leq?|geq?|equiv|leftarrow|gets|coloneqq)(?![A-Za-z]))"
GROUP = r"\s*(?:\{[^{}\n]*\}|[A-Za-z0-9]|\\[A-Za-z]+)"
LETTER = (
    rf"(?:\\(?:hat|bar|tilde|vec|dot|math[a-z]+|bm|boldsymbol){GROUP}|[A-Za-z]|\\(?!frac)[A-Za-z]+)"
)
CALLED = r"(?:\([A-Za-z0-9.]+(?:, ?[A-Za-z0-9.]+)*\))?"
LEFT = re.compile(
    rf"(?P<name>{LETTER}(?P<scripts>(?:\s*[_^]{GROUP}|')*){CALLED}){RELATED}"
)  # z_1 = , \hat y = , f(x) =
RELATION = re.compile(RELATED)
FACTOR = re.compile(r"[A-Za-z\\](?!(?:cdot|times|odot|left|right|quad|qquad|text)(?![A-Za-z]))")
BEHIND_NUMBER = re.compile(r"(?<![\w.^_{])-?[0-9]+(?:\.[0-9]+)?\s*[.,;]?\Z")
INCOMPLETE = re.compile(r"(?:[-+*/=<>(\[{,^_]|\\[A-Za-z]+)\s*\Z")
SCRIPTS = re.compile(r"((?:\s*[_^]\s*(?:\{[^{}]*\}|\w))+)\s*\Z")
NEAR = 200  # characters, in which the end of a line is looked at
NUMERAL = re.compile(r"(?:[-+*/().0-9 ]|\\cdot|\\times)+(?:[,;=≈]|\\approx|\Z)")  # numbers alone


def parts_rows(source: str) -> bool:
    """Whether ends of lines may part the rows of a text: it has several, and no other sign for rows.

    The rows of matrices are their own.
    """
    return "\n" in source.strip() and ROWS.search(MATRIX.sub("", source)) is None


def ends_statement(source: str, at: int, end: int) -> bool:
    """Whether the white space between two places, with an end of a line, ends a statement.

    Behind a number, a line with a relation is no factor; behind anything else, one that says what a new
    name is by a formula.
    """
    if source.count("\\begin", 0, at) != source.count("\\end", 0, at):
        return False
    line = source[source.rfind("\n", 0, at) + 1 : at]
    following = source[end:].partition("\n")[0]
    if not RELATION.search(line) or line.count("(") != line.count(")"):
        return False
    line = line[-NEAR:]
    if BEHIND_NUMBER.search(line):
        return bool(FACTOR.match(following) and RELATION.search(following))
    left = LEFT.match(following)
    if left is None or INCOMPLETE.search(line):
        return False
    if "(" not in left["name"] and NUMERAL.match(following, left.end()):
        return False
    scripts = SCRIPTS.search(line)
    if scripts and scripts[1].strip() == left["scripts"].strip():
        return False  # w_2 and below it x_2
    name = re.escape(left["name"])
    return re.search(rf"(?<![A-Za-z\\]){name}(?![A-Za-z0-9_^'({{])", source[:at]) is None
