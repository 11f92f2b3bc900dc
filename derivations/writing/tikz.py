"""Figures as TikZ pictures, built from PyLaTeX objects."""

from __future__ import annotations

from pylatex import NoEscape, TikZ

from derivations.formula.escape import escape_latex
from derivations.steps.figures import Circle, Figure, Label, Line, Point, Polygon
from derivations.writing.inline import Inline


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
