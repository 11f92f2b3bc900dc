"""Figures as TikZ pictures, built from PyLaTeX objects."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pylatex import NoEscape, TikZ

from derivations.formula.escape import escape_latex
from derivations.steps.figures import Circle, Figure, Label, Line, Point, Polygon
from derivations.writing.inline import Inline

LABEL = re.compile(
    r"\\node\[text=(\w+),inner sep=2pt(?:,anchor=([a-z ]+))?(,font=\\footnotesize)?(,fill=white)?\]"
    r" at \((-?[\d.]+),(-?[\d.]+)\) \{(.*)\};%"
)
BEGIN, END = r"\begin{tikzpicture}%", r"\end{tikzpicture}"


@dataclass(frozen=True, slots=True)
class Parts:
    """A picture without its labels, and the labels as calls of ``\\putlabel``."""

    skeleton: str
    labels: tuple[str, ...]


def parts_of(picture: str) -> Parts | None:
    """A picture in two, where it looks the same when its labels are drawn last."""
    first, *lines, last = picture.split("\n")
    if (first, last) != (BEGIN, END):
        return None
    drawn: list[str] = []
    labels: list[str] = []
    halo = False
    for line in lines:
        if match := LABEL.fullmatch(line):
            labels.append(_call(match))
            halo = halo or bool(match[4])
        elif line.startswith(r"\draw") and not halo:  # paper behind a label hides what is below it
            drawn.append(line)
        else:
            return None
    if not drawn or not labels:
        return None
    return Parts("\n".join([first, *drawn, r"\keepbounds%", last]), tuple(labels))


def _call(label: re.Match[str]) -> str:
    """The label, and to which side of its point it lies."""
    colour, anchor, small, halo, x, y, text = label.groups(default="")
    across = anchor.count("west") - anchor.count("east")
    up = anchor.count("south") - anchor.count("north")
    font, behind = r"\footnotesize" if small else "", r"\halo" if halo else ""
    return (
        rf"\putlabel{{{colour}}}{{{across}}}{{{up}}}{{{font}}}{{{behind}}}{{{x}}}{{{y}}}{{{text}}}"
    )


def picture(figure: Figure, inline: Inline) -> str:
    """The figure with its caption below."""
    drawing = TikZ()
    for shape in figure.shapes:
        if isinstance(shape, Line):
            drawing.append(NoEscape(_line(shape)))
        elif isinstance(shape, Circle):
            fill = f",fill={shape.fill}" if shape.fill else ""
            drawing.append(
                NoEscape(
                    rf"\draw[{shape.colour}{fill}] {_at(shape.centre)} circle ({shape.radius:.3f});"
                )
            )
        elif isinstance(shape, Polygon):
            fill = f",fill={shape.fill}" if shape.fill else ""
            path = " -- ".join(map(_at, shape.points))
            drawing.append(NoEscape(rf"\draw[{shape.colour}{fill}] {path} -- cycle;"))
        else:
            drawing.append(NoEscape(_label(shape, inline)))
    caption = rf"\\[4pt]{{\small {escape_latex(figure.caption)}}}" if figure.caption else ""
    return f"\\fitted{{{drawing.dumps()}}}{caption}"


def _at(point: Point) -> str:
    return f"({point[0]:.3f},{point[1]:.3f})"


def _line(line: Line) -> str:
    options = [line.colour]
    if line.arrow:
        options.append("-{Stealth[length=5pt]}")
    if line.dashed:
        options.append("dashed")
    options.append("line width=1pt" if line.thick else "line width=0.5pt")
    return rf"\draw[{','.join(options)}] {' -- '.join(map(_at, line.points))};"


def _label(label: Label, inline: Inline) -> str:
    options = [f"text={label.colour}", "inner sep=2pt"]
    if label.anchor != "centre":
        options.append(f"anchor={label.anchor}")
    if label.small:
        options.append(r"font=\footnotesize")
    if label.halo:
        options.append("fill=white")
    text = inline.line(label.pieces)
    return rf"\node[{','.join(options)}] at {_at(label.at)} {{{text}}};"
