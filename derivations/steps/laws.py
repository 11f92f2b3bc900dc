"""The words for "why": each law once, with its sentence and its source."""

from __future__ import annotations

from typing import NamedTuple


class Law(NamedTuple):
    """A law of the field: its short name, the whole sentence, where it is from.

    ``told``: whether the sentence stands above its first line where every detail is shown; of the
    others the title of the step says as much.
    """

    name: str
    sentence: str
    source: str
    told: bool = False


BISHOP = "Bishop 2006"
GOODFELLOW = "Goodfellow, Bengio and Courville 2016"
DUMOULIN = "Dumoulin and Visin 2016"
DLMF = "NIST Digital Library of Mathematical Functions"
ARITHMETIC = "arithmetic"

LAWS: dict[str, Law] = {
    # ------------------------------------------------------------ what is given and defined
    "given": Law("given", "The problem gives the value.", "the problem"),
    "definition": Law("definition", "The quantity is defined by this formula.", "the problem"),
    "branch": Law(
        "case", "Of a piecewise formula the case holds whose condition is true.", "the definition"
    ),
    # ------------------------------------------------------------ neurons
    "weighted-sum": Law(
        "weighted sum",
        "The pre-activation of a unit is the sum of its inputs, each times its weight, and the bias.",
        f"{BISHOP}, eq. 5.2",
    ),
    "dot-product": Law(
        "dot product",
        "The dot product adds the products of entries that stand at the same place.",
        f"{GOODFELLOW}, section 2.2",
    ),
    "bias": Law("bias", "The bias is added to the weighted inputs.", f"{BISHOP}, eq. 5.2"),
    "activation": Law(
        "activation",
        "The output of a unit is its activation function at the pre-activation.",
        f"{BISHOP}, eq. 5.3",
    ),
    "threshold": Law(
        "threshold", "The class is decided by the side of the threshold.", "the problem"
    ),
    # ------------------------------------------------------------ losses
    "cross-entropy": Law(
        "cross-entropy",
        "The cross-entropy is the negative sum of the target times the logarithm of the prediction.",
        f"{GOODFELLOW}, section 3.13",
    ),
    "mean": Law("mean", "The mean is the sum divided by how many there are.", ARITHMETIC),
    # ------------------------------------------------------------ learning
    "chain-rule": Law(
        "chain rule",
        "A derivative is the sum over all paths of the products of the derivatives along them.",
        f"{GOODFELLOW}, section 6.5.2",
        told=True,
    ),
    "derivative": Law(
        "derivative", "The formula is differentiated rule by rule.", f"{DLMF}, section 1.4(iii)"
    ),
    "gradient-descent": Law(
        "gradient descent",
        "The parameter moves against the gradient, by the learning rate times the slope.",
        f"{BISHOP}, eq. 5.41",
        told=True,
    ),
    "contraction": Law(
        "error factor",
        "On a quadratic loss a step multiplies the distance from the minimum by 1 minus rate times curvature.",
        "one step of gradient descent, with a derivative that is linear",
    ),
    # ------------------------------------------------------------ convolution and pooling
    "output-size": Law(
        "output size",
        "Along an axis there are ⌊(n + 2p - f)/s⌋ + 1 places for the window.",
        f"{DUMOULIN}, relationship 6",
    ),
    "padding": Law(
        "zero padding", "Zeros are put around the feature map.", f"{DUMOULIN}, section 2"
    ),
    "rotation": Law(
        "rotation",
        "Convolution is cross-correlation with the kernel turned by 180 degrees.",
        f"{GOODFELLOW}, section 9.1",
        told=True,
    ),
    "cross-correlation": Law(
        "cross-correlation",
        "At each place the products of the numbers that lie on each other are added.",
        f"{GOODFELLOW}, eq. 9.6",
    ),
    "max-pooling": Law(
        "max pooling", "Each window leaves its largest number.", f"{GOODFELLOW}, section 9.3"
    ),
    "average-pooling": Law(
        "average pooling", "Each window leaves its mean.", f"{GOODFELLOW}, section 9.3"
    ),
    # ------------------------------------------------------------ counting
    "count": Law("count", "What is alike is counted by a product, what is not by a sum.", ARITHMETIC),
    "bytes": Law("bytes", "A number in single precision takes 4 bytes.", "IEEE 754"),
    "difference": Law("difference", "The second is taken from the first.", ARITHMETIC),
    "percentage": Law("percentage", "The difference is divided by the first, times 100.", ARITHMETIC),
    "ratio": Law("ratio", "The first is divided by the second.", ARITHMETIC),
    "solve": Law(
        "equation solved", "Both sides are changed in the same way until the unknown stands alone.",
        "algebra",
    ),
    # ------------------------------------------------------------ rules of differentiation
    "constant": Law("constant", "What does not vary has the derivative 0.", f"{DLMF}, section 1.4(iii)"),
    "identity": Law(
        "identity", "The variable itself has the derivative 1.", f"{DLMF}, section 1.4(iii)"
    ),
    "sum": Law(
        "sum rule", "The derivative of a sum is the sum of the derivatives.", f"{DLMF}, section 1.4(iii)"
    ),
    "factor": Law(
        "factor rule", "A constant factor stays in front of the derivative.", f"{DLMF}, section 1.4(iii)"
    ),
    "product": Law("product rule", "(uv)' = u'v + uv'.", f"{DLMF}, section 1.4(iii)"),
    "reciprocal": Law("reciprocal rule", "(1/u)' = -u'/u².", f"{DLMF}, section 1.4(iii)"),
    "quotient": Law("quotient rule", "(u/v)' = (u'v - uv')/v².", f"{DLMF}, section 1.4(iii)"),
    "chain": Law("chain rule", "f(u)' = f'(u) u'.", f"{DLMF}, section 1.4(iii)"),
    "power": Law("power rule", "(u^n)' = n u^(n-1) u'.", f"{DLMF}, section 4.7(ii)"),
    "exponential": Law("exponential function", "(e^u)' = e^u u'.", f"{DLMF}, section 4.7(ii)"),
    "logarithm": Law("logarithm", "(ln u)' = u'/u.", f"{DLMF}, section 4.7(i)"),
    "piecewise": Law(
        "case by case", "Between its kinks a piecewise function has the derivative of its piece.",
        "the derivative asks only for the neighbourhood of a point",
    ),
    "absolute": Law(
        "absolute value", "|u|' = sign(u) u' where u is not 0.", "the derivative, case by case"
    ),
    "sine": Law("sine and cosine", "(sin u)' = cos u, (cos u)' = -sin u.", f"{DLMF}, section 4.20"),
    "hyperbolic": Law(
        "hyperbolic functions", "(sinh u)' = cosh u, (cosh u)' = sinh u.", f"{DLMF}, section 4.34"
    ),
    "tanh": Law("tanh", "(tanh u)' = 1 - tanh² u.", f"{DLMF}, section 4.34"),
    "arctangent": Law("arctangent", "(arctan u)' = u'/(1 + u²).", f"{DLMF}, section 4.24(ii)"),
    "error-function": Law(
        "error function", "erf'(u) = 2/√π e^(-u²).", f"{DLMF}, section 7.10"
    ),
}  # fmt: skip
