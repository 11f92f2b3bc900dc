"""Text that stands for itself: escaped for LaTeX by an allowlist, once, by whoever prints it."""

from __future__ import annotations

import re

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}", "'": "'", "-": "-",
    "–": "--", "—": "---", "…": r"\ldots{}", "’": "'", "‘": "`", "“": "``", "”": "''",
    "×": r"$\times$", "·": r"$\cdot$", "−": "$-$", "±": r"$\pm$", "≈": r"$\approx$",
    "≤": r"$\le$", "≥": r"$\ge$", "≠": r"$\ne$", "→": r"$\to$", "←": r"$\leftarrow$",
    "∞": r"$\infty$", "∂": r"$\partial$", "⋆": r"$\star$", "⊙": r"$\odot$", "√": r"$\surd$",
    "ŷ": r"$\hat{y}$", "²": r"$^2$", "³": r"$^3$", "°": r"\textdegree{}", "\u00a0": "~", "½": r"$\frac12$",
    "⇒": r"$\Rightarrow$", "∈": r"$\in$", "∇": r"$\nabla$", "∑": r"$\sum$", "•": r"\textbullet{}",
    "†": r"\dag{}", "\t": " ",
    "€": r"\texteuro{}", "£": r"\pounds{}", "©": r"\textcopyright{}", "™": r"\texttrademark{}", "µ": r"$\mu$",
    "‰": r"\textperthousand{}", "÷": r"$\div$", "≡": r"$\equiv$", "∝": r"$\propto$", "∼": r"$\sim$", "≪": r"$\ll$",
    "≫": r"$\gg$", "↦": r"$\mapsto$", "↔": r"$\leftrightarrow$", "⇔": r"$\Leftrightarrow$", "⊗": r"$\otimes$",
    "⊕": r"$\oplus$", "⊤": r"$\top$", "∪": r"$\cup$", "∩": r"$\cap$", "⊂": r"$\subset$", "⊆": r"$\subseteq$",
    "∀": r"$\forall$", "∃": r"$\exists$", "¬": r"$\neg$", "∧": r"$\land$", "∨": r"$\lor$", "⟨": r"$\langle$",
    "⟩": r"$\rangle$", "‖": r"$\|$", "′": "$'$", "ℓ": r"$\ell$", "∏": r"$\prod$", "∫": r"$\int$", "∅": r"$\emptyset$",
    "∘": r"$\circ$", "¼": r"$\frac14$", "¾": r"$\frac34$", "‚": r"\quotesinglbase{}", "‹": r"\guilsinglleft{}",
    "›": r"\guilsinglright{}", "‑": r"\mbox{-}", "\u202f": r"\,", "\u2009": r"\,", "¹": "$^1$", "⁻": "$^-$",
    **{sign: f"$^{digit}$" for digit, sign in zip("0456789", "⁰⁴⁵⁶⁷⁸⁹", strict=True)},
    **{sign: f"$_{digit}$" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")},
}  # fmt: skip
GREEK = {
    **dict(zip("αβγδεζηθικλμνξπρστφχψω",
               ["alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "varphi", "chi", "psi", "omega"], strict=True)),
    **dict(zip("ΓΔΘΛΞΠΣΦΨΩ", ["Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega"],
               strict=True)),
}  # fmt: skip
# What a T1 font shows besides ASCII: the letters of the Latin languages of Europe and Turkish.
LETTERS = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž¡¿§«»„"
)
PLAIN = re.compile(r"[A-Za-z0-9 .,:;!?()\[\]/+=*@\n\ue000-\uf8ff]")


def unprintable(text: str) -> str | None:
    """The first character that the sheet's fonts cannot show, or None."""
    for character in text:
        if not (
            PLAIN.match(character)
            or character in SPECIAL
            or character in GREEK
            or character in LETTERS
        ):
            return character
    return None


def escape_latex(text: str) -> str:
    """The text as LaTeX that prints exactly it.

    Raises:
        ValueError: a character that the sheet's fonts cannot show; `unprintable` finds it.
    """
    if (strange := unprintable(text)) is not None:
        raise ValueError(f"character U+{ord(strange):04X}")
    return "".join(SPECIAL.get(c) or (f"$\\{GREEK[c]}$" if c in GREEK else c) for c in text)
