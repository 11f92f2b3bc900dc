r"""Formulas of the field with what they mean: the value of each, written down by hand in Python.

``v.w_1`` is the value of the name ``w_1``, whatever it looks like in LaTeX; ``v.dL_dw`` that of the
derivative ∂L/∂w. Nothing here is shared with a reader.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, exp, fsum, log, log2, log10, prod, sin, sqrt, tanh
from typing import Any, NamedTuple

Meaning = Callable[[Any], Any]


class Written(NamedTuple):
    """A formula and its value."""

    latex: str
    meaning: Meaning


def s(z: float) -> float:
    """σ(z)."""
    return 1 / (1 + exp(-z))


def over(count: int, term: Callable[[int], float]) -> float:
    """The sum of the terms from 1 to count."""
    return fsum(term(i) for i in range(1, count + 1))


ARITHMETIC = (
    Written("0.1 + 0.2", lambda v: 0.3),
    Written(r"0.5 \cdot 2 - 0.3", lambda v: 0.7),
    Written(r"2 \times 3.5 + 1", lambda v: 8.0),
    Written(
        r"0.37 \cdot 1.52 - 0.84 \cdot 0.61 + 0.29", lambda v: 0.37 * 1.52 - 0.84 * 0.61 + 0.29
    ),
    Written("(0.4)(0.6)(1 - 0.6)", lambda v: 0.4 * 0.6 * 0.4),
    Written(r"\frac{1}{2}(0.73 - 1)^2", lambda v: 0.5 * 0.27**2),
    Written(r"\frac{227 - 11 + 2 \cdot 3}{4} + 1", lambda v: 222 / 4 + 1),
    Written(r"\left\lfloor \frac{224 - 11}{4} \right\rfloor + 1", lambda v: 54),
    Written(r"(5 \cdot 5 \cdot 3 + 1) \cdot 16", lambda v: 1216),
    Written("784 \\cdot 128 + 128", lambda v: 784 * 128 + 128),
    Written(r"2 \cdot 3^2 \cdot 64 \cdot 56^2", lambda v: 2 * 9 * 64 * 56**2),
    Written("4{,}608 + 1", lambda v: 4609),
    Written(r"3.2 \times 10^{-3}", lambda v: 0.0032),
    Written("-0.5^2", lambda v: -0.25),
    Written("(-0.5)^2", lambda v: 0.25),
    Written("2^{-3}", lambda v: 0.125),
    Written(r"-\left(0.3 - 0.7\right)", lambda v: 0.4),
    Written("1 - 0.2 - 0.3", lambda v: 0.5),
    Written("6 / 2 / 3", lambda v: 1.0),
    Written(r"\frac{0.4}{0.5} \cdot 2", lambda v: 1.6),
    Written("(84)120", lambda v: 84 * 120),
    Written(r"25\%", lambda v: 0.25),
    Written(r"|0.2 - 0.9|", lambda v: 0.7),
    Written(r"\sqrt{0.3^2 + 0.4^2}", lambda v: 0.5),
    Written(r"\sqrt[3]{8}", lambda v: 2.0),
    Written(r"\max(0, -0.75)", lambda v: 0.0),
    Written(r"\max\{1.2, 3.4, 2.3\}", lambda v: 3.4),
    Written(r"\min(0.3, 0.2)", lambda v: 0.2),
)
NAMES = (
    Written("w x + b", lambda v: v.w * v.x + v.b),
    Written("w_1 x_1 + w_2 x_2 + b", lambda v: v.w_1 * v.x_1 + v.w_2 * v.x_2 + v.b),
    Written("w_{11} x_1 + w_{12} x_2", lambda v: v.w_11 * v.x_1 + v.w_12 * v.x_2),
    Written("w_{jk} - w_{kj}", lambda v: v.w_jk - v.w_kj),
    Written("K - k", lambda v: v.K - v.k),
    Written(r"\hat{y} - y", lambda v: v.y_hat - v.y),
    Written(r"\hat y - y", lambda v: v.y_hat - v.y),
    Written(r"\hat{y}_1 - y_1", lambda v: v.y_hat_1 - v.y_1),
    Written(r"\bar{x} + x", lambda v: v.x_bar + v.x),
    Written(r"z^{(1)} - z^{(2)}", lambda v: getattr(v, "z^(1)") - getattr(v, "z^(2)")),
    Written(r"w_{ji}^{(2)} a_i^{(1)}", lambda v: getattr(v, "w_ji^(2)") * getattr(v, "a_i^(1)")),
    Written(r"w - \eta g", lambda v: v.w - v.eta * v.g),
    Written(r"w_{\text{old}} - \eta g", lambda v: v.w_old - v.eta * v.g),
    Written(r"\beta_1 m + (1 - \beta_1) g", lambda v: v.beta_1 * v.m + (1 - v.beta_1) * v.g),
    Written(r"\frac{m}{1 - \beta_1^t}", lambda v: v.m / (1 - v.beta_1**v.t)),
    Written(
        r"w - \frac{\eta}{\sqrt{v} + \epsilon} m",
        lambda v: v.w - v.eta / (sqrt(v.v) + v.epsilon) * v.m,
    ),
    Written("y_k (1 - y_k)", lambda v: v.y_k * (1 - v.y_k)),
    Written("a(1 - a)", lambda v: v.a * (1 - v.a)),
    Written("(y - t) y (1 - y) x", lambda v: (v.y - v.t) * v.y * (1 - v.y) * v.x),
    Written("-(t - y) y (1 - y)", lambda v: -(v.t - v.y) * v.y * (1 - v.y)),
    Written(r"\delta_1 w_1 + \delta_2 w_2", lambda v: v.delta_1 * v.w_1 + v.delta_2 * v.w_2),
    Written(r"\lambda w^2", lambda v: v.lambda_ * v.w**2),
    Written(r"\frac{n + 2p - f}{s} + 1", lambda v: (v.n + 2 * v.p - v.f) / v.s + 1),
    Written(
        r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}",
        lambda v: (v.x - v.mu) / sqrt(v.sigma**2 + v.epsilon),
    ),
    Written(r"\gamma \hat{x} + \beta", lambda v: v.gamma * v.x_hat + v.beta),
    Written(r"\frac{a}{b + c}", lambda v: v.a / (v.b + v.c)),
    Written(r"\frac{a}{b} c", lambda v: v.a / v.b * v.c),
    Written(r"\frac12 x", lambda v: v.x / 2),
    Written("a / (b c)", lambda v: v.a / (v.b * v.c)),
    Written("x^2 y^3", lambda v: v.x**2 * v.y**3),
    Written("x_1^2 + x_2^2", lambda v: v.x_1**2 + v.x_2**2),
    Written("2x(3y + 1)", lambda v: 2 * v.x * (3 * v.y + 1)),
    Written(r"\mathbf{x} + \mathbf{b}", lambda v: v.x + v.b),
    Written(r"\theta_0 + \theta_1 x", lambda v: v.theta_0 + v.theta_1 * v.x),
    Written(r"\left[ w x + b \right]^2", lambda v: (v.w * v.x + v.b) ** 2),
    Written(r"\Delta w + w", lambda v: getattr(v, "Delta w") + v.w),
    Written("x y z", lambda v: v.x * v.y * v.z),
    Written(r"a \cdot (b - c) \cdot d", lambda v: v.a * (v.b - v.c) * v.d),
)
FUNCTIONS = (
    Written(r"\sigma(0.6)", lambda v: s(0.6)),
    Written(r"\sigma(w x + b)", lambda v: s(v.w * v.x + v.b)),
    Written(r"\sigma(z)(1 - \sigma(z))", lambda v: s(v.z) * (1 - s(v.z))),
    Written(r"1 - \sigma(-z)", lambda v: s(v.z)),
    Written(r"\sigma(z)^2", lambda v: s(v.z) ** 2),
    Written(r"\sigma'(z)", lambda v: s(v.z) * (1 - s(v.z))),
    Written(r"\sigma^2(z)", lambda v: s(v.z) ** 2),
    Written(r"\frac{1}{1 + e^{-z}}", lambda v: s(v.z)),
    Written(r"\frac{1}{1 + \exp(-(w x + b))}", lambda v: s(v.w * v.x + v.b)),
    Written(r"\frac{e^z - e^{-z}}{e^z + e^{-z}}", lambda v: tanh(v.z)),
    Written(r"\tanh(z)", lambda v: tanh(v.z)),
    Written(r"1 - \tanh^2(z)", lambda v: 1 - tanh(v.z) ** 2),
    Written(r"1 - \tanh^2 z", lambda v: 1 - tanh(v.z) ** 2),
    Written(r"2 \sigma(2x) - 1", lambda v: 2 * s(2 * v.x) - 1),
    Written(r"\max(0, z)", lambda v: max(0.0, v.z)),
    Written(r"\mathrm{ReLU}(z - 1)", lambda v: max(0.0, v.z - 1)),
    Written(r"\operatorname{ReLU}(-0.745)", lambda v: 0.0),
    Written(r"\text{ReLU}(0.3 x)", lambda v: 0.3 * v.x),
    Written(r"\ln(1 + e^z)", lambda v: log(1 + exp(v.z))),
    Written(r"\log(0.25)", lambda v: log(0.25)),
    Written(r"\log_2 8", lambda v: 3.0),
    Written(r"\log_{10}(x)", lambda v: log10(v.x)),
    Written(r"-0.3 \log_2 0.3 - 0.7 \log_2 0.7", lambda v: -0.3 * log2(0.3) - 0.7 * log2(0.7)),
    Written(r"-t \ln y - (1 - t) \ln(1 - y)", lambda v: -v.t * log(v.y) - (1 - v.t) * log(1 - v.y)),
    Written(
        r"-\left[ t \ln y + (1-t) \ln (1-y) \right]",
        lambda v: -v.t * log(v.y) - (1 - v.t) * log(1 - v.y),
    ),
    Written(
        r"-y_1 \log \hat{y}_1 - y_2 \log \hat{y}_2",
        lambda v: -v.y_1 * log(v.y_hat_1) - v.y_2 * log(v.y_hat_2),
    ),
    Written(
        r"\frac{e^{z_1}}{e^{z_1} + e^{z_2} + e^{z_3}}",
        lambda v: exp(v.z_1) / (exp(v.z_1) + exp(v.z_2) + exp(v.z_3)),
    ),
    Written(r"e^{-\frac{(x - \mu)^2}{2}}", lambda v: exp(-((v.x - v.mu) ** 2) / 2)),
    Written(r"e^{2x} e^{-x}", lambda v: exp(v.x)),
    Written(r"\exp\left(-\frac{1}{2} x^2\right)", lambda v: exp(-(v.x**2) / 2)),
    Written(r"\sin^2 x + \cos^2 x", lambda v: 1.0),
    Written(r"\sin 2x", lambda v: sin(2 * v.x)),
    Written(r"x \cos(x) - 1", lambda v: v.x * cos(v.x) - 1),
    Written(r"\ln x^2", lambda v: log(v.x**2)),
    Written(r"\ln(x) + \ln y", lambda v: log(v.x) + log(v.y)),
    Written(r"\sqrt{\sigma^2 + 1}", lambda v: sqrt(v.sigma**2 + 1)),
    Written(r"\sigma(\sigma(x))", lambda v: s(s(v.x))),
    Written(r"w_2 \sigma(w_1 x + b_1) + b_2", lambda v: v.w_2 * s(v.w_1 * v.x + v.b_1) + v.b_2),
    Written(r"\begin{cases} x & x > 0 \\ 0.01 x & \text{otherwise} \end{cases}", lambda v: v.x),
    Written(r"\begin{cases} 0 & x \ge 0 \\ 1 & x < 0 \end{cases}", lambda v: 0.0),
)
SUMS = (
    Written(r"\sum_{i=1}^{4} i^2", lambda v: 30),
    Written(r"\frac{1}{3} \sum_{i=1}^{3} i", lambda v: 2.0),
    Written(r"\sum_{k=1}^{3} k x + 1", lambda v: 6 * v.x + 1),
    Written(r"\sum_{i=1}^{3} w_i x_i", lambda v: over(3, lambda i: v(f"w_{i}") * v(f"x_{i}"))),
    Written(
        r"\sum_{i=1}^{3} w_i x_i + b", lambda v: over(3, lambda i: v(f"w_{i}") * v(f"x_{i}")) + v.b
    ),
    Written(
        r"-\sum_{k=1}^{3} t_k \log y_k",
        lambda v: -over(3, lambda i: v(f"t_{i}") * log(v(f"y_{i}"))),
    ),
    Written(
        r"-\sum_{k=1}^3 t_k \log \hat{y}_k",
        lambda v: -over(3, lambda i: v(f"t_{i}") * log(v(f"y_hat_{i}"))),
    ),
    Written(
        r"\frac{1}{3}\sum_{i=1}^{3} (y_i - t_i)^2",
        lambda v: over(3, lambda i: (v(f"y_{i}") - v(f"t_{i}")) ** 2) / 3,
    ),
    Written(
        r"\frac{e^{z_1}}{\sum_{j=1}^{3} e^{z_j}}",
        lambda v: exp(v.z_1) / over(3, lambda i: exp(v(f"z_{i}"))),
    ),
    Written(r"\prod_{i=1}^{3} p_i", lambda v: prod(v(f"p_{i}") for i in (1, 2, 3))),
    Written(r"\sum_{i=1}^{2} \sum_{j=1}^{2} i j", lambda v: 9),
)
DERIVATIVES = (
    Written(r"\frac{\partial L}{\partial w}", lambda v: v.dL_dw),
    Written(
        r"\frac{\partial L}{\partial a} \frac{\partial a}{\partial z}", lambda v: v.dL_da * v.da_dz
    ),
    Written(
        r"\frac{\partial L}{\partial y} \cdot \frac{\partial y}{\partial z} \cdot x",
        lambda v: v.dL_dy * v.dy_dz * v.x,
    ),
    Written(r"w - \eta \frac{\partial L}{\partial w}", lambda v: v.w - v.eta * v.dL_dw),
    Written(r"\frac{dL}{dw}", lambda v: v.dL_dw),
    Written(
        r"\frac{\partial y_1}{\partial z_1} + \frac{\partial y_1}{\partial z_2}",
        lambda v: v.dy_1_dz_1 + v.dy_1_dz_2,
    ),
    Written(
        r"w_{1} - \eta \cdot \frac{\partial E}{\partial w_{1}}", lambda v: v.w_1 - v.eta * v.dE_dw_1
    ),
)
ARRAYS = (
    Written(
        r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \begin{bmatrix} 5 \\ 6 \end{bmatrix}",
        lambda v: (17, 39),
    ),
    Written(
        r"\begin{pmatrix} 1 \\ 2 \end{pmatrix} + \begin{pmatrix} 0.5 \\ -1 \end{pmatrix}",
        lambda v: (1.5, 1),
    ),
    Written(r"0.5 \begin{bmatrix} 2 & 4 \\ 6 & 8 \end{bmatrix}", lambda v: (1, 2, 3, 4)),
    Written(r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}^\top", lambda v: (1, 3, 2, 4)),
    Written(
        r"\begin{bmatrix} 1 & 2 \end{bmatrix} \begin{bmatrix} 3 \\ 4 \end{bmatrix}", lambda v: (11,)
    ),
    Written(
        r"\begin{bmatrix} 1 \\ 2 \end{bmatrix} \odot \begin{bmatrix} 3 \\ 4 \end{bmatrix}",
        lambda v: (3, 8),
    ),
    Written(r"\left\| \begin{bmatrix} 3 \\ 4 \end{bmatrix} \right\|", lambda v: 5.0),
    Written(
        r"\begin{bmatrix} x & 0 \\ 0 & y \end{bmatrix} \begin{bmatrix} 1 \\ 2 \end{bmatrix}",
        lambda v: (v.x, 2 * v.y),
    ),
)
FORMULAS: tuple[Written, ...] = (*ARITHMETIC, *NAMES, *FUNCTIONS, *SUMS, *DERIVATIVES, *ARRAYS)
