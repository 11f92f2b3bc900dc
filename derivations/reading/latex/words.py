"""The vocabulary of the field: commands, function words, and the Unicode signs that stand for them."""

from __future__ import annotations

from derivations.formula.looks import GREEK, SUBSCRIPTS, SUPERSCRIPTS

GREEK_COMMANDS = {
    **{name: name for name in GREEK}, "varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta",
    "varsigma": "sigma", "varrho": "rho", "ell": "ell",
}  # fmt: skip

RELATIONS = {
    "=": "=", "==": "=", ":=": ":=", "\\coloneqq": ":=", "\\triangleq": ":=", "\\doteq": "≈",
    "\\approx": "≈", "\\simeq": "≈", "\\cong": "≈", "<": "<", ">": ">", "\\lt": "<", "\\gt": ">",
    "<=": "≤", "\\le": "≤", "\\leq": "≤", "\\leqslant": "≤", ">=": "≥", "\\ge": "≥", "\\geq": "≥",
    "\\geqslant": "≥", "!=": "≠", "\\ne": "≠", "\\neq": "≠", "\\Rightarrow": "⇒", "\\implies": "⇒",
    "\\Longrightarrow": "⇒", "=>": "⇒", "\\iff": "⇔", "\\Leftrightarrow": "⇔",
    "\\Longleftrightarrow": "⇔", "\\leftarrow": "←", "\\gets": "←", "\\longleftarrow": "←",
    "\\in": "∈", "\\to": "→", "\\rightarrow": "→", "\\longrightarrow": "→", "\\mapsto": "↦",
    "\\equiv": "≡", "\\propto": "∝", "\\sim": "∼",
}  # fmt: skip
COMPARISONS = {"=": "==", "<": "<", ">": ">", "≤": "<=", "≥": ">=", "≠": "!="}

FUNCTIONS = {  # words, as commands or upright, and the heads that they call
    "ln": "ln", "log": "log", "exp": "exp", "tanh": "tanh", "sinh": "sinh", "cosh": "cosh",
    "sin": "sin", "cos": "cos", "arctan": "atan", "atan": "atan", "erf": "erf",
    "max": "max", "min": "min", "argmax": "argmax", "sum": "sum_entries", "mean": "mean", "var": "variance",
    "det": "det", "tr": "trace", "trace": "trace",
    "average": "mean", "avg": "mean", "norm": "norm", "abs": "abs", "sqrt": "sqrt",
    "floor": "floor", "ceil": "ceil", "sign": "sign", "sgn": "sign", "signum": "sign",
    "sigmoid": "sigmoid", "logistic": "sigmoid", "sigm": "sigmoid", "softmax": "softmax",
    "relu": "relu", "lrelu": "leaky_relu", "leakyrelu": "leaky_relu", "elu": "elu",
    "selu": "selu", "relu6": "relu6", "softplus": "softplus", "softsign": "softsign",
    "silu": "silu", "swish": "silu", "gelu": "gelu", "mish": "mish", "step": "heaviside",
    "heaviside": "heaviside", "id": "identity", "hardsigmoid": "hard_sigmoid",
    "hardtanh": "hard_tanh", "hardswish": "hard_swish", "gauss": "gaussian",
    "mq": "multiquadric", "imq": "inverse_multiquadric",
}  # fmt: skip
PREFIX = frozenset(  # these take an argument without brackets: \ln y
    [
        "ln",
        "log",
        "log2",
        "log10",
        "exp",
        "tanh",
        "sinh",
        "cosh",
        "sin",
        "cos",
        "atan",
        "erf",
        "det",
        "trace",
    ]
)
SEVERAL = frozenset(["max", "min", "sum_entries", "mean", "log"])  # functions of a list
LETTERS = {"sigma": "sigmoid", "f": "f", "g": "g", "phi": "phi"}  # functions by the field's habit
PLAIN_WORDS = frozenset(  # names and functions that are typed without \mathrm
    [
        "net",
        "out",
        "loss",
        "value",
        "error",
        "lr",
        "MSE",
        "SSE",
        "BCE",
        "CE",
        "acc",
        "ReLU",
        "LReLU",
        "ELU",
    ]
) | (
    frozenset(FUNCTIONS)
    - {"mq", "id", "sum", "step", "mean", "norm", "gauss", "var", "tr", "det", "trace"}
)

TAKEN = frozenset(  # heads with a meaning of their own: a text's function of this name has another
    """D and at bigproduct bigproduct_over bigsum bigsum_over braces cases column_of derivative
    detach dims dot entry gradient group hadamard hessian iverson limit matmul matrix matrix_of neg not or
    otherwise partial power product quotient reals row row_of total tuple under vector""".split()
)
SCALED = frozenset(["KB", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "ms", "min"])
UNITS = frozenset(
    """px pixel pixels bit bits B byte bytes Byte Bytes KB MB GB TB KiB MiB GiB kB ms s min parameters parameter weights weight
    biases bias neurons neuron units unit filters filter channels channel maps kernels FLOPs FLOP
    MACs MAC inputs outputs multiplications additions operations samples epochs steps values
    params""".split()
)
CONDITIONS = frozenset(["if", "for", "when", "falls", "wenn", "where", "with"])
OTHERWISE = frozenset(["otherwise", "else", "sonst", "elsewhere"])
ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde",
    "widetilde": "tilde",
}  # fmt: skip
FONTS = frozenset(
    ["mathbf", "boldsymbol", "bm", "vec", "mathcal", "mathbb", "mathit", "mathsf", "mathtt",
     "mathfrak", "mathnormal", "mathrm", "pmb", "mathscr"]
)  # fmt: skip
BOLD = frozenset(["mathbf", "boldsymbol", "bm", "vec", "pmb"])

SPACES = frozenset(
    ["\\,", "\\;", "\\:", "\\!", "\\ ", "\\>", "~", "\\/", "\\displaystyle", "\\textstyle",
     "\\scriptstyle", "\\scriptscriptstyle", "\\limits", "\\nolimits", "\\nonumber", "\\notag",
     "\\hfill", "\\mathopen", "\\mathclose", "\\mathstrut", "\\strut", "\\allowbreak",
     "\\thinspace", "\\medspace", "\\thickspace", "\\centering", "\\noindent", "\\small",
     "\\hline", "\\relax", "\\break", "\\protect", "\\par", "\\itshape", "\\bfseries"]
)  # fmt: skip
WORDS_COMMANDS = frozenset(
    ["text", "textrm", "textbf", "textit", "textsf", "texttt", "textnormal", "mbox", "hbox",
     "intertext", "shortintertext", "emph", "textup", "remark"]
)  # fmt: skip
NOTES = frozenset(["intertext", "shortintertext", "remark"])  # words beside a line, never in it
DROPPED = frozenset(  # with their argument
    ["label", "tag", "phantom", "hphantom", "vphantom", "hspace", "vspace", "color", "ref",
     "eqref", "cite", "footnote", "textcolor", "squeezed", "mspace", "hskip", "cline", "textcircled", "circled", "includegraphics"]
)  # fmt: skip
SEPARATORS = {"\\therefore": "\\quad", "\\because": "\\quad"}  # begin another statement
SIZES = frozenset(
    ["left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "Bigl", "biggl", "Biggl",
     "bigr", "Bigr", "biggr", "Biggr", "bigm", "Bigm"]
)  # fmt: skip

SIGN_OF = {  # Unicode: the sign that LaTeX has for it
    "×": "\\times", "·": "\\cdot", "⋅": "\\cdot", "∙": "\\cdot", "−": "-", "–": "-", "∗": "*",
    "≈": "\\approx", "≃": "\\approx", "≤": "\\le", "≥": "\\ge", "≠": "\\ne", "→": "\\to",
    "←": "\\leftarrow", "⇒": "\\Rightarrow", "⇔": "\\iff", "∈": "\\in", "∑": "\\sum", "Σ": "\\Sigma",
    "∏": "\\prod", "∂": "\\partial", "∇": "\\nabla", "∞": "\\infty", "⊙": "\\odot", "∘": "\\circ",
    "⋆": "\\star", "⊤": "\\top", "′": "'", "’": "'", "÷": "/", "∕": "/", "‖": "\\|", "∝": "\\propto",
    "≡": "\\equiv", "⌊": "\\lfloor", "⌋": "\\rfloor", "⌈": "\\lceil", "⌉": "\\rceil", "ℓ": "\\ell", "ℝ": "\\R",
    "ϕ": "\\phi", "ε": "\\varepsilon", "∴": "\\quad", "∵": "\\quad", "…": "\\dots", "⋯": "\\cdots", "∧": "\\land", "∨": "\\lor",
    **{sign: "\\" + name for name, sign in GREEK.items() if name not in ("epsilon", "phi", "Sigma")},
    "φ": "\\varphi",
}  # fmt: skip
LOWERED = {chr(low): chr(plain) for plain, low in SUBSCRIPTS.items()}
RAISED = {chr(high): chr(plain) for plain, high in SUPERSCRIPTS.items()} | {"ᵀ": "T"}
MARKS = {"\u0302": "\\hat", "\u0304": "\\bar", "\u0303": "\\tilde", "\u0305": "\\bar"}
BRACKETS = {"(": ")", "[": "]", "\\{": "\\}"}
OPENING = {
    "\\lbrace": "\\{",
    "\\rbrace": "\\}",
    "\\lbrack": "[",
    "\\rbrack": "]",
    "\\vert": "|",
    "\\Vert": "\\|",
    "\\mathds": "\\mathbb",
    "\\mathbbm": "\\mathbb",
}
NEW_WORDS = ("new", "neu", "next", "prime", "plus", "updated")  # of what an update gives
