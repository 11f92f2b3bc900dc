"""A grammar that makes formulas of the field, with all that the reader knows."""

from __future__ import annotations

import random
from collections.abc import Callable

FUNCTIONS = (
    r"\sigma", r"\tanh", r"\exp", r"\ln", r"\log_2", r"\sqrt", r"\sin", r"\max", r"\min", r"\cosh",
    r"\operatorname{ReLU}", r"\operatorname{softmax}", "f", r"\operatorname{softplus}", r"\log_{10}",
)  # fmt: skip
NAMES = ("x", "w", "b", "z", "a", "y", "t", "w_1", "x_2", r"\hat{y}", r"\eta", "W", "L", "z^{(2)}")


def formula(source: random.Random, depth: int) -> str:
    """A formula of the field, with all that the reader knows."""
    if depth <= 0:
        return source.choice(
            (source.choice(NAMES), f"{source.randint(0, 99)}", f"{source.random():.3f}")
        )
    rule = source.choice(RULES)
    return rule(source, lambda: formula(source, depth - source.randint(1, 2)))


Inner = Callable[[], str]
RULES: tuple[Callable[[random.Random, Inner], str], ...] = (
    lambda s, f: f"{f()} + {f()}",
    lambda s, f: f"{f()} - {f()}",
    lambda s, f: rf"{f()} \cdot {f()}",
    lambda s, f: f"({f()}) ({f()})",
    lambda s, f: rf"\frac{{{f()}}}{{{f()}}}",
    lambda s, f: f"({f()})^{{{s.choice(('2', '3', '-1', '0.5', '999', f()))}}}",
    lambda s, f: rf"{s.choice(FUNCTIONS)}\left({f()}\right)",
    lambda s, f: rf"\sum_{{i=1}}^{{{s.choice(('3', 'n', '200', '9999', f()))}}} {f()}",
    lambda s, f: rf"\prod_{{j=1}}^{{{s.choice(('3', 'n', '50'))}}} w_j ({f()})",
    lambda s, f: rf"\begin{{bmatrix}} {f()} & {f()} \\ {f()} & {f()} \end{{bmatrix}}",
    lambda s, f: rf"\begin{{bmatrix}} {f()} \\ {f()} \end{{bmatrix}}",
    lambda s, f: rf"\begin{{cases}} {f()} & x > {f()} \\ {f()} & \text{{otherwise}} \end{{cases}}",
    lambda s, f: rf"\frac{{d}}{{dx}} ({f()})",
    lambda s, f: r"\frac{\partial L}{\partial w}",
    lambda s, f: rf"\sqrt{{{f()}}}",
    lambda s, f: rf"\left| {f()} \right|",
    lambda s, f: f"-{f()}",
    lambda s, f: f"({f()})^T",
    lambda s, f: rf"e^{{{f()}}}",
    lambda s, f: rf"\max({f()}, {f()}, 0)",
    lambda s, f: rf"\| {f()} \|^2",
    lambda s, f: rf"({f()}) \odot ({f()})",
)
