"""Damaged and hostile derivations, drawn at random: one family a way in which a text can be bad.

A family takes a source of random numbers and gives a text. The same seed gives the same texts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from benchmarks.damaged_texts import (
    Text,
    damaged,
    joined,
    numbers_changed,
    random_bytes,
    random_unicode,
    real,
    spliced,
    token_string,
)
from benchmarks.made_formulas import NAMES, formula

FILES = (
    r"\input{/etc/passwd}", r"\include{/etc/shadow}", r"\write18{touch /tmp/written}",
    r"\immediate\write18{id}", r"\openout5=x.tex", r"\openin5=/etc/passwd", r"\read5 to \x",
    r"\csname input\endcsname /etc/passwd", r"\catcode`\@=0", r"\def\x{\x\x}\x",
    r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a}\a", r"\let\frac\input", r"\directlua{os.exit()}",
    r"\usepackage{shellesc}", r"\verbatiminput{/etc/passwd}", r"\loop\iftrue\repeat",
    r"\expandafter\expandafter\input", r"\special{ps: x}", r"{{7*7}}", r"${jndi:ldap://x}$",
    r"__import__('os').system('id')", r"\lstinputlisting{/etc/passwd}", r"<script>alert(1)</script>",
    r"\includegraphics{/etc/passwd}", r"\url{file:///etc/passwd}", r"exec(open('x').read())",
)  # fmt: skip
SIGNS = ("=", "=", "=", r"\approx", "<", r"\le", r"\Rightarrow", r"\leftarrow", r"\ne", r"\in")


def texts(seed: int, count: int) -> Iterator[tuple[str, Text]]:
    """So many texts, each with the name of its family; all families in turn, as often as they weigh."""
    source = random.Random(seed)
    families = [
        (name, family) for name, (weight, family) in FAMILIES.items() for _ in range(weight)
    ]
    for place in range(count):
        name, family = families[place % len(families)]
        yield name, family(source)


# ---------------------------------------------------------------- deep


OPENINGS = (
    ("{", "}"), ("(", ")"), (r"\left(", r"\right)"), (r"\frac{1}{1+", "}"), (r"\sqrt{", "}"),
    ("x^{", "}"), ("x_{", "}"), (r"\sigma(", ")"), (r"\begin{bmatrix}", r"\end{bmatrix}"),
    (r"\begin{cases}", r"\end{cases}"), ("|", "|"), ("[", "]"), ("-", ""), (r"\hat{", "}"),
    (r"\text{", "}"), (r"\underbrace{", "}_{x}"), (r"\boxed{", "}"), (r"\begin{align}", r"\end{align}"),
    (r"\sum_{i=1}^{2}(", ")"), ("e^{-", "}"), (r"\frac{\partial}{\partial x}(", ")"), ("x=", ""),
    (r"\max(1,", ")"), (r"\|", r"\|"), ("2^", ""), ("x_", ""), ("f(", ")"), ("'", ""), (r"\not", ""),
    (r"\lfloor", r"\rfloor"), (r"\mathbf{", "}"), ("1+(", ")"), (r"\frac", "2"), ("(1-", ")"),
)  # fmt: skip


def _nested(source: random.Random) -> Text:
    left, right = source.choice(OPENINGS)
    depth = source.choice((5, 20, 40, 58, 59, 61, 100, 1000, 10_000))
    inner = source.choice(("x", "1", "", "0.5"))
    closed = source.choice((depth, depth, depth - 1, 0))
    return Text(f"{left * depth}{inner}{right * closed} = {source.choice(('1', 'x', ''))}")


def _mixed(source: random.Random) -> Text:
    """Kinds of nesting inside one another."""
    pairs = [source.choice(OPENINGS) for _ in range(source.randint(2, 55))]
    inside = "".join(left for left, _ in pairs) + "x" + "".join(right for _, right in pairs[::-1])
    return Text(f"{inside} = {source.choice(NAMES)}", "x = 0.5")


def _long(source: random.Random) -> Text:
    """Many terms, factors, fractions, roots, signs of one kind on one side."""
    piece = source.choice(
        ("+1", "-x", r"\cdot 2", "x", "w_1 x_1 +", r"\frac{1}{3} +", "(", "^2", "e^{x}", r"\sigma(x)",
         "1 &", r"\\", "=", "0.1 + ", "'", "!", "_1", r"\quad x = 1", ", x = 2", r"\tanh(x) +",
         r"\frac{x}{x+1} \cdot", "W ", "W^T ", r"\odot x", "-", r"\text{and}", "%", "$", "{}", "~")
    )  # fmt: skip
    times = source.choice((30, 100, 300, 1000, 3000))
    return Text(
        f"x {piece * times} 1 = {source.choice(('1', 'x', '2.5'))}", source.choice(("", "x = 1.5"))
    )


# ---------------------------------------------------------------- grammar


def _grammar(source: random.Random) -> Text:
    """Chains of made formulas, every second time damaged."""
    sides = [formula(source, source.randint(0, 6)) for _ in range(source.randint(2, 6))]
    chain = sides[0] + "".join(f" {source.choice(SIGNS)} {side}" for side in sides[1:])
    if source.random() < 0.5:
        chain = damaged(source, chain)
    return Text(
        chain, source.choice(("", "x = 0.5, w = -1.25, b = 0.3", r"z = w x + b, a = \sigma(z)"))
    )


def _same_twice(source: random.Random) -> Text:
    """A large formula against itself, changed in one place: as much work as a comparison can be."""
    side = formula(source, source.randint(5, 9))
    at = source.randrange(len(side))
    put = source.choice(("1", "+1", "", "x", r" \cdot 2"))
    return Text(f"{side} = {side[:at]}{put}{side[at:]}")


# ---------------------------------------------------------------- large numbers


def _tower(source: random.Random) -> Text:
    base = source.choice(("9", "x", "10", "e", "0.5", "2", "(-3)", "0"))
    tower = source.choice(("99", "9999", "10000", "x", "0.5", "-9999"))
    for _ in range(source.randint(0, 6)):
        tower = f"{source.choice(('9', '2', 'x', '10'))}^{{{tower}}}"
    sign = source.choice(("=", r"\approx", "<"))
    return Text(f"{base}^{{{tower}}} {sign} 1", source.choice(("", "x = 9", "x = 9999")))


def _digits(source: random.Random) -> Text:
    def number() -> str:
        size = source.choice((20, 300, 999, 1000, 1001, 5000))
        text = "".join(source.choice("0123456789") for _ in range(size))
        return source.choice((text, f"0.{text}", f"{text}.{text}", f"{text} \\times 10^{{{size}}}"))

    signs = ("+", "-", "/", r"\cdot")
    sides = [f"{number()} {source.choice(signs)} {number()}" for _ in range(3)]
    functions = source.choice(
        ("{}", r"\sigma({})", r"e^{{{}}}", r"\ln({})", r"\sin({})", "({})^{{99}}")
    )
    return Text(f"{functions.format(sides[0])} = {sides[1]} = {sides[2]}")


def _large_values(source: random.Random) -> Text:
    """Functions of numbers far outside of where they have ordinary values."""
    large = source.choice(
        ("10^{9999}", "-10^{9999}", "10^{-9999}", "9^{9999}", "(9^{9999})^{9999}")
    )
    function = source.choice(
        (r"\sigma({})", "e^{{{}}}", r"\ln({})", r"\sin({})", r"\tanh({})", r"\sqrt{{{}}}", "({})!",
         r"\lfloor {} \rfloor", r"\frac{{1}}{{{}}}", "e^{{e^{{{}}}}}", r"\cosh({})", "({})^{{0.5}}",
         "({})^{{({})}}".replace("({})}}", "1.5}}"), r"\log_2({})", r"\arctan({})", r"\binom{{{}}}{{2}}")
    )  # fmt: skip
    shown = function.format(large)
    return Text(rf"{shown} = {shown} + {source.choice(('1', '0', large))} \approx 0.5")


# ---------------------------------------------------------------- sums, arrays


def _sums(source: random.Random) -> Text:
    depth = source.randint(1, 4)
    letters = "ijkl"[:depth]
    bounds = [
        "n",
        "10^9",
        "999999999",
        "300",
        "99",
        "9999",
        "20000",
        "40000",
        "m",
        "-5",
        "10^{9999}",
    ]
    head = "".join(
        rf"\{source.choice(('sum', 'sum', 'prod'))}_{{{letter}={source.choice(('1', '0', '-999', 'i'))}}}"
        f"^{{{source.choice([*bounds, *letters])}}} "
        for letter in letters
    )
    body = source.choice(
        ("{0}", "x_{0}", r"w_{{{0}{1}}} x_{0}", r"\sigma({0} x)", "{0}^{{9999}}", "e^{{{0} {1}}}", "1",
         r"\frac{{1}}{{{0}}}", r"\delta_{{{0}{1}}}", "x^{0}", "{0}^{0}", r"\frac{{{0}}}{{{1} + {0}}}")
    ).format(letters[0], letters[-1])  # fmt: skip
    other = source.choice(("1", f"{head}{body} + 1", f"{head} 2 {body}", "x"))
    return Text(
        f"{head}{body} = {other}", source.choice(("", "n = 1000000", "n = 2000", "n = 3, m = 7"))
    )


def _matrices(source: random.Random) -> Text:
    size = source.choice((2, 3, 8, 20, 40, 63, 64, 200))
    width = source.choice((1, size, size, 3))

    def matrix(cell: str) -> str:
        row = " & ".join([cell] * width)
        return rf"\begin{{bmatrix}} {(row + chr(92) * 2) * size} \end{{bmatrix}}"

    cell = source.choice(("1", "0.5", "x", r"e^{x}", "1/3", r"\sigma(x)", "10^{99}"))
    shown = matrix(cell)[:9_000]
    factors = source.choice(
        ("A", "A A", "A A A A A A A A", "A^T A", "A^{99}", r"A \odot A", "A + A", "A x")
    )
    return Text(
        rf"A = {shown} \\ B = {factors} \\ {factors} = B = A = 2", source.choice(("", "x = 0.5"))
    )


def _shapes(source: random.Random) -> Text:
    size = source.choice(("2", "30", "44", "45", "999", "999999999", "n", "0", "-1"))
    symbols = {"W": f"{size}x{size}", "x": size, "V": f"{size}x2"}
    side = source.choice(
        ("W x", "W W W x", "W^T W W^T W x", r"x x^T", r"W \odot W", r"V^T W V", "W^{50}")
    )
    other = source.choice((side, f"{side} + 1", "x", f"2 {side}"))
    return Text(
        rf"{side} = {other} \\ W \in \mathbb{{R}}^{{{size} \times {size}}}", symbols=symbols
    )


# ---------------------------------------------------------------- many lines, many names


def _relations(source: random.Random) -> Text:
    count = source.choice((50, 300, 800, 1200, 3000))
    kind = source.randrange(5)
    if kind == 0:
        return Text("x" + "".join(f" = {number}" for number in range(count)))
    if kind == 1:
        return Text(" \\\\ ".join(f"x_{{{number}}} = {number}" for number in range(count)))
    if kind == 2:
        return Text("x" + " = x" * count, "x = 1")
    if kind == 3:
        return Text(" \\\\ ".join(f"w = w - {number}" for number in range(count)), "w = 1")
    return Text("x^2 = 4 " + r"\Rightarrow x = 2 " * count)


def _names(source: random.Random) -> Text:
    count = source.choice((50, 300, 1000, 2500))
    names = [f"x_{{{number}}}" for number in range(count)]
    line = " + ".join(names)
    return Text(f"y = {line} \\\\ y = {source.choice((line, line + ' + 1', '1'))}")


def _definitions(source: random.Random) -> Text:
    """Definitions that double with each line, in chains, in circles, by functions of functions."""
    depth = source.choice((3, 5, 8, 12, 25, 60, 200))
    letters = [f"a_{{{number}}}" for number in range(depth + 1)]
    rule = source.choice(
        ("{0} + {0}", "{0} {0}", "{0}^{{999}}", "{0}^{0}", r"\sigma({0}) {0}", "{0}^2 - {0}", "e^{{{0}}}",
         r"\frac{{1}}{{1 + {0}}}", r"{0} \cdot {0} \cdot {0} \cdot {0}", r"\frac{{{0} + x}}{{{0} - x}}",
         r"\max({0}, {0} - 1)", r"\sum_{{i=1}}^{{9}} {0} i", r"\frac{{d}}{{dx}} ({0} x^2)",
         r"\begin{{bmatrix}} {0} \\ {0} \end{{bmatrix}}")
    )  # fmt: skip
    start = source.choice(("3", "x", "0.123456789", "9^{99}", "x^2"))
    lines = [f"a_{{0}} = {start}"]
    lines += [f"{new} = {rule.format(old)}" for old, new in pairwise(letters)]
    last = letters[-1]
    lines.append(
        source.choice(
            (f"{last} = 1", f"{last} + 1 = 2 {last}", rf"\frac{{\partial {last}}}{{\partial x}} = 1",
             rf"\frac{{\partial^2 {last}}}{{\partial x^2}} = 1", f"a_{{0}} = {last}",
             rf"\frac{{\partial {last}}}{{\partial a_{{0}}}} = 2.5", f"{last} \\approx 1.25")
        )
    )  # fmt: skip
    if source.random() < 0.15:
        source.shuffle(lines)
    return Text(" \\\\ ".join(lines), source.choice(("", "x = 0.5", "x = 2")))


def _functions(source: random.Random) -> Text:
    """f of f of f: every level calls the one below several times."""
    depth = source.choice((3, 8, 15, 30))
    heads = "fghuvpqrs"
    names = [f"{heads[n % 9]}_{{{n}}}" for n in range(depth)]
    call = source.choice(
        ("{0}({0}(x))", "{0}(x) + {0}(x + 1)", "{0}(x) {0}(x)", "{0}({0}(x)) + {0}(x)")
    )
    first = source.choice(("x + 1", "x^2", "2 x", r"\sigma(x)", "x^{99}"))
    lines = [f"{names[0]}(x) = {first}"]
    lines += [f"{new}(x) = {call.format(old)}" for old, new in pairwise(names)]
    lines.append(source.choice((f"{names[-1]}(1) = 2", f"{names[-1]}(x) = {names[-1]}(x + 1)",
                                rf"\frac{{d}}{{dx}} {names[-1]}(x) = x", f"{names[-1]}'(2) = 1.5")))  # fmt: skip
    return Text(
        " \\\\ ".join(lines),
        symbols={name.replace("{", "").replace("}", ""): "function" for name in names},
    )


# ---------------------------------------------------------------- commands, environments, documents


def _files(source: random.Random) -> Text:
    inside = source.choice(FILES)
    text = source.choice(
        ("x = {}", "{} = 1", "x = 1 {} = 1", "{}", r"\text{{{}}} x = 1", r"\frac{{{}}}{{2}} = 1")
    )
    return Text(text.format(inside), source.choice(("", inside)))


def _macros(source: random.Random) -> Text:
    """Commands that are defined by one another, so that each is twice as long."""
    depth = source.choice((3, 12, 30, 200))
    names = [rf"\x{chr(97 + n % 26)}{'y' * (n // 26)}" for n in range(depth)]
    lines = [rf"\newcommand{{{names[0]}}}{{{source.choice(('x', '+1', names[-1]))}}}"]
    lines += [rf"\{source.choice(('newcommand', 'def', 'renewcommand'))}{{{new}}}{{{old}{old}}}"
              for old, new in pairwise(names)]  # fmt: skip
    return Text(f"{''.join(lines)} {names[-1]} = 1", document=source.random() < 0.5)


def _environments(source: random.Random) -> Text:
    names = (
        "align",
        "aligned",
        "array",
        "cases",
        "bmatrix",
        "equation",
        "gather",
        "verbatim",
        "x",
        "align*",
    )
    parts = []
    for _ in range(source.randint(1, source.choice((6, 40, 400)))):
        parts.append(rf"\{source.choice(('begin', 'end'))}{{{source.choice(names)}}}")
        parts.append(source.choice(("x = 1", "&", r"\\", "", "1 & 2", "{", "}", "{ll}", "= 2")))
    return Text(" ".join(parts), document=source.random() < 0.5)


def _document(source: random.Random) -> Text:
    """Pages of text in which mathematics begins and does not end, or ends and did not begin."""
    pieces = ("$", "$$", r"\[", r"\]", r"\(", r"\)", "x = 1", "text", "\n\n", "# Q", r"\begin{align}", "`",
              r"\end{align}", "%", "```", "(a) ", r"\item ", r"\$", "$z = 2 + 3 = 6$", "rac{1}{2}", "\x0c",
              r"\begin{verbatim}", r"\begin{displaymath}", "\\", "$x=1$", r"\newcommand{\a}{x", "$= 1$",
              r"\def\a#1{#1#1}", r"\a{x}")  # fmt: skip
    if source.random() < 0.3:
        return Text(source.choice(pieces) * source.choice((100, 2000, 20_000)), document=True)
    count = source.choice((10, 100, 1000))
    return Text(" ".join(source.choice(pieces) for _ in range(count)), document=True)


FAMILIES: Mapping[str, tuple[int, Callable[[random.Random], Text]]] = {
    "real, damaged": (24, real),
    "real, spliced": (10, spliced),
    "real, joined": (3, joined),
    "real, other numbers": (8, numbers_changed),
    "strings of tokens": (6, token_string),
    "bytes": (4, random_bytes),
    "unicode": (4, random_unicode),
    "nested": (5, _nested),
    "nested in turn": (4, _mixed),
    "long": (3, _long),
    "made by a grammar": (10, _grammar),
    "changed in one place": (2, _same_twice),
    "towers": (2, _tower),
    "digits": (1, _digits),
    "large values": (2, _large_values),
    "sums": (4, _sums),
    "matrices": (1, _matrices),
    "shapes": (1, _shapes),
    "relations": (1, _relations),
    "names": (1, _names),
    "definitions": (2, _definitions),
    "functions": (1, _functions),
    "files": (3, _files),
    "macros": (1, _macros),
    "environments": (2, _environments),
    "documents": (1, _document),
}
