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


def law_names(keys: str) -> str:
    """The short names of one law, or of several that are joined by ``+``."""
    return ", ".join(LAWS[key].name for key in keys.split("+"))


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
    "attention": Law(
        "attention",
        "Each query takes the mean of the values, weighted by the softmax of its scores.",
        "Vaswani et al. 2017, eq. 1",
    ),
    "softmax": Law(
        "softmax",
        "The share of an entry is its exponential over the sum of all exponentials.",
        f"{GOODFELLOW}, eq. 6.29",
    ),
    "softmax-jacobian": Law(
        "derivative of softmax",
        "A share moves by p (1 - p) with its own logit, and by minus the product with another's.",
        f"{BISHOP}, eq. 4.106",
    ),
    "positional": Law(
        "positional encoding",
        "Sines and cosines of the position, each pair with a longer wave.",
        "Vaswani et al. 2017, section 3.5",
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
    "variance": Law(
        "variance", "The variance of the weights goes with the number of connections.",
        "Glorot and Bengio 2010",
    ),
    "deviation": Law(
        "standard deviation", "It is the root of the variance.", f"{BISHOP}, section 1.2.4"
    ),
    "uniform-variance": Law(
        "uniform variance", "A uniform distribution on [-r, r] has the variance r²/3.", "integration of x²/(2r)"
    ),
    "normal-equations": Law(
        "normal equations", "The sum of squares is least where X^T X w = X^T t.", f"{BISHOP}, eq. 3.15"
    ),
    "inverse": Law(
        "inverse", "[[a, b], [c, d]] has the inverse [[d, -b], [-c, a]]/(ad - bc).", "multiplication"
    ),
    "perceptron": Law(
        "perceptron rule",
        "After a mistake the input, times error and learning rate, is added to the weights.",
        f"{BISHOP}, eq. 4.55",
        told=True,
    ),
    "velocity": Law(
        "velocity",
        "The velocity keeps a share of itself, and the gradient is added to it.",
        "Polyak 1964",
        told=True,
    ),
    "velocity-step": Law(
        "step", "The parameter moves by the velocity.", "Sutskever et al. 2013, eq. 2"
    ),
    "look-ahead": Law(
        "look-ahead",
        "The gradient is taken where the velocity is going to lead.",
        "Sutskever et al. 2013, eq. 3",
    ),
    "moving-average": Law(
        "moving average",
        "A share of the old average is kept; the rest comes from the new value.",
        "Kingma and Ba 2015, algorithm 1",
    ),
    "square-average": Law(
        "mean square",
        "A share of the old mean square is kept; the rest comes from the new square.",
        f"{GOODFELLOW}, algorithm 8.5",
    ),
    "square-sum": Law(
        "sum of squares", "All squared gradients are added up.", f"{GOODFELLOW}, algorithm 8.4"
    ),
    "largest-average": Law(
        "largest average",
        "The largest of all averages of squared gradients so far.",
        "Reddi, Kale and Kumar 2018, algorithm 2",
    ),
    "largest-gradient": Law(
        "largest gradient",
        "The larger of the old bound, which fades, and the size of the gradient.",
        "Kingma and Ba 2015, algorithm 2",
    ),
    "bias-correction": Law(
        "bias correction",
        "An average that starts at 0 is too small at first; dividing by 1 - β^t makes up for it.",
        "Kingma and Ba 2015, section 3",
        told=True,
    ),
    "scaled-step": Law(
        "scaled step",
        "The step of each parameter is divided by the root of its mean square gradient.",
        f"{GOODFELLOW}, section 8.5",
    ),
    "product-of-shares": Law(
        "product", "The product of all factors so far takes one more.", "Dozat 2016"
    ),
    "schedule": Law("schedule", "The rate depends on how many updates there were.", "the problem"),
    "gradient-norm": Law(
        "norm", "The root of the sum of the squares of all gradients.", f"{GOODFELLOW}, eq. 2.30"
    ),
    "clipping": Law(
        "clipping", "Gradients that are too large are made smaller.", "Pascanu et al. 2013, algorithm 1"
    ),
    "penalty": Law(
        "penalty",
        "The penalty λ/2 w² adds λ w to the gradient.",
        f"{GOODFELLOW}, section 7.1.1",
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
    "transposed-size": Law(
        "output size",
        "Along an axis (n - 1)s + f - 2p places are reached, and the output padding is added.",
        f"{DUMOULIN}, relationship 14",
    ),
    "transposed-convolution": Law(
        "transposed convolution",
        "Every input spreads the kernel, times itself, over the output; what meets is added.",
        f"{DUMOULIN}, section 4.1",
    ),
    "kernel-gradient": Law(
        "gradient by the kernel",
        "A shared weight has the sum of the gradients of all its uses.",
        f"{GOODFELLOW}, eq. 9.11",
    ),
    "bias-gradient": Law(
        "gradient by the bias",
        "A bias has the sum of the gradients of all places.",
        f"{DLMF}, section 1.4(iii)",
    ),
    "input-gradient": Law(
        "gradient by the input",
        "An input has the sum of what comes back from all outputs that it goes into.",
        f"{GOODFELLOW}, eq. 9.13",
    ),
    "max-pooling": Law(
        "max pooling", "Each window leaves its largest number.", f"{GOODFELLOW}, section 9.3"
    ),
    "average-pooling": Law(
        "average pooling", "Each window leaves its mean.", f"{GOODFELLOW}, section 9.3"
    ),
    "max-pooling-gradient": Law(
        "gradient of max pooling",
        "The largest number of a window gets the gradient of its output, the others get 0.",
        f"{GOODFELLOW}, section 9.3",
    ),
    "average-pooling-gradient": Law(
        "gradient of average pooling",
        "Each number of a window of n gets 1/n of the gradient of its output.",
        f"{GOODFELLOW}, section 9.3",
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
    # ------------------------------------------------------------ rewriting
    "simplify": Law("simplified", "Numbers are multiplied, signs and ones are put in order.", ARITHMETIC),
    "substitute": Law("substituted", "A quantity is replaced by what it equals.", ARITHMETIC),
    "expand": Law("multiplied out", "a(b + c) = ab + ac.", ARITHMETIC),
    "factor-out": Law("factored out", "ab + ac = a(b + c).", ARITHMETIC),
    "common-denominator": Law("common denominator", "a/b + c/d = (ad + cb)/(bd).", ARITHMETIC),
    "split-fraction": Law("fraction split", "(a + b)/c = a/c + b/c.", ARITHMETIC),
    "extend-fraction": Law("fraction extended", "a/b = (ac)/(bc) for c other than 0.", ARITHMETIC),
    "add-one": Law("one added and taken off", "A number is added and taken away again.", ARITHMETIC),
    "cancel": Law("cancelled", "(ac)/(bc) = a/b for c other than 0.", ARITHMETIC),
    "exponent-laws": Law("laws of exponents", "e^a e^b = e^(a+b), (e^a)^b = e^(ab).", f"{DLMF}, section 4.2(iv)"),
    "log-laws": Law("laws of logarithms", "ln(ab) = ln a + ln b, ln(a^b) = b ln a.", f"{DLMF}, section 4.8(i)"),
    "complement": Law("complement", "1 - σ(x) = σ(-x) = 1/(1 + e^x).", "the definition of the sigmoid"),
    "in-terms-of": Law("in terms of", "The formula is written with values of another function.", ARITHMETIC),
    "named": Law("known derivative", "The derivative of a named function is taken from its own derivation.", "the table of functions"),
    # ------------------------------------------------------------ sums, indices and matrices
    "component": Law("in components", "An entry of a product of matrices is a sum over the inner index.", f"{GOODFELLOW}, eq. 2.5"),
    "matrix-form": Law("in matrices", "The sum over the inner index is an entry of a product of matrices.", f"{GOODFELLOW}, eq. 2.5"),
    "transpose-entry": Law("entry of the transpose", "(A^T)_ij = A_ji.", f"{GOODFELLOW}, eq. 2.3"),
    "transpose-product": Law("transpose of a product", "(AB)^T = B^T A^T.", f"{GOODFELLOW}, eq. 2.9"),
    "one-term": Law("one term is left", "Of a sum over an index only terms in which the variable occurs have a derivative.", "the constant rule"),
    "kronecker": Law("Kronecker delta", "A sum with δ_ij keeps the term with i = j.", "the definition of δ"),
    "exchange-sums": Law("sums exchanged", "Finite sums may be taken in either order.", ARITHMETIC),
    "shift-index": Law("index shifted", "A sum may be taken over another index that runs through the same terms.", ARITHMETIC),
    "linearity": Law("linearity", "A linear map takes sums to sums and factors to factors.", f"{GOODFELLOW}, section 2.3"),
    "elementwise": Law("entry by entry", "Each entry depends on the entry at its own place alone.", f"{GOODFELLOW}, section 2.2"),
    "stacked": Law("all entries", "Entries at all places, one below the other.", f"{GOODFELLOW}, section 2.1"),
    # ------------------------------------------------------------ proofs
    "hypothesis": Law("hypothesis", "This is what was supposed.", "the statement"),
    "induction": Law("induction hypothesis", "The statement is supposed for one number less.", "mathematical induction"),
    "bound": Law("bound", "A term is replaced by one that is not smaller.", ARITHMETIC),
    "drop-term": Law("a term dropped", "A term that is not negative is left out.", ARITHMETIC),
    "geometric-sum": Law("geometric sum", "1 + q + ... + q^(n-1) = (1 - q^n)/(1 - q) for q other than 1.", f"{DLMF}, section 1.2(ii)"),
    "independence": Law("independence", "The mean of a product of independent values is the product of their means.", f"{BISHOP}, section 1.2.2"),
    "taylor": Law("Taylor's formula", "f(x + h) = f(x) + f'(x) h + a rest of second order.", f"{DLMF}, section 1.4(vi)"),
    "unrolled": Law("unrolled", "The recursion is put into itself.", ARITHMETIC),
    "square": Law("a square", "A square is not negative.", ARITHMETIC),
    "complete-square": Law("square completed", "x² + 2bx = (x + b)² - b².", ARITHMETIC),
    "keep-sense": Law("same sense", "An inequality keeps its sense when both sides are multiplied by what is not negative.", ARITHMETIC),
    "add-inequalities": Law("inequalities added", "Inequalities of one sense may be added side by side.", ARITHMETIC),
    "cauchy-schwarz": Law("Cauchy-Schwarz", "|a · b| is at most ‖a‖ ‖b‖.", f"{DLMF}, section 1.7(i)"),
    "log-bound": Law("tangent of the logarithm", "ln x is at most x - 1, and equal to it for x = 1 alone.", f"{DLMF}, section 4.5(i)"),
    "monotone": Law("monotone", "A function whose derivative is nowhere positive does not grow.", f"{DLMF}, section 1.4(iii)"),
    "probabilities": Law("probabilities", "Probabilities of all cases add up to 1.", f"{BISHOP}, section 1.2"),
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
    "sine-square": Law("sum of squares", "sin² u + cos² u = 1.", f"{DLMF}, section 4.21(ii)"),
    "hyperbolic": Law(
        "hyperbolic functions", "(sinh u)' = cosh u, (cosh u)' = sinh u.", f"{DLMF}, section 4.34"
    ),
    "tanh": Law("tanh", "(tanh u)' = 1 - tanh² u.", f"{DLMF}, section 4.34"),
    "arctangent": Law("arctangent", "(arctan u)' = u'/(1 + u²).", f"{DLMF}, section 4.24(ii)"),
    "error-function": Law(
        "error function", "erf'(u) = 2/√π e^(-u²).", f"{DLMF}, section 7.10"
    ),
}  # fmt: skip
