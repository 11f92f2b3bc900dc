"""Solutions as JSON, for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from flint import arb, fmpq

from derivations.formula.evaluation import EvaluationError, Value, evaluate
from derivations.formula.exact_text import MOST, exact_text
from derivations.formula.numerals import Ambiguous
from derivations.formula.printing import Numeral, Slot, Word
from derivations.formula.tree import Apply, Formula, names, rewrite, substitute
from derivations.steps.document import Document, Front
from derivations.steps.relations import Chain, Term
from derivations.steps.solution import (
    Answer,
    Block,
    Derivation,
    Display,
    Known,
    Line,
    Prose,
    Question,
    Solution,
    Verified,
)
from derivations.writing.inline import Inline

SUFFIX = ".json"


def write(document: Document) -> str:
    """The entries of a document as a JSON array."""
    return json.dumps(entries(document), ensure_ascii=False, indent=1) + "\n"


def entries(document: Document) -> list[dict[str, Any]]:
    """One entry for the sheet, if it is one, and one for each of its problems."""
    problems = [
        entry(item.verified) if item.verified else question_entry(item.question)
        for item in document.items
    ]
    return [*([sheet_entry(document)] if document.front.title else []), *problems]


def sheet_entry(document: Document) -> dict[str, Any]:
    """What is counted on a sheet: items, marks, numbered equations, lines of the contents."""
    front: Front = document.front
    marks = [int(item.question.marks) for item in document.items if item.question.marks]
    counts = {
        "items": len(document.items),
        "sections": sum(1 for section in document.sections if section.title),
        "marks_total": sum(marks),
        "toc_entries": sum(1 for section in document.sections if section.title) * front.contents,
        "equations_numbered": _numbered(document) * front.numbered,
        "marks": marks,
    }
    answers = [
        {
            "name": name,
            "exact": str(value) if isinstance(value, int) else None,
            "value": value,
            "shown": str(value),
        }
        for name, value in counts.items()
    ]
    return {
        "id": front.id, "source": front.source, "kind": "sheet", "title": front.title,
        "answers": answers, "steps": [],
        "verified": all(item.verified for item in document.items) or not document.solutions,
    }  # fmt: skip


def _numbered(document: Document) -> int:
    """How many formulas have a number."""
    blocks: list[Block] = []
    for item in document.items:
        blocks += item.question.statement
        if item.verified:
            for part in item.verified.solution.parts:
                blocks += [block for step in part.steps for block in step.blocks]
    return sum(
        (isinstance(block, Display) and block.number)
        or (isinstance(block, Prose) and block.style == "equation")
        for block in blocks
    )


def entry(verified: Verified) -> dict[str, Any]:
    """One problem: its answers and its steps with the judge's verdict on each."""
    solution = verified.solution
    derivation = solution.derivation
    inline = Inline(True, derivation.notation, solution.known)
    words = Inline(False, derivation.notation, solution.known)
    return {
        "id": derivation.id,
        "source": derivation.source,
        "kind": derivation.kind,
        "title": derivation.title,
        "answers": [
            shown for answer in derivation.answers for shown in answer_entries(answer, solution)
        ],
        "steps": [_step(line, inline, words) for line in verified.lines],
        "verified": True,
    }


def question_entry(question: Question) -> dict[str, Any]:
    """One problem of a worksheet, without what answers it; that has been verified before."""
    return {
        "id": question.id, "source": question.source, "kind": question.kind, "title": question.title,
        "answers": [], "steps": [], "verified": True,
    }  # fmt: skip


def derivation_entry(name: str, verified: Verified) -> dict[str, Any]:
    """A derivation: what it claims, its result, and every relation with its law and verdict."""
    derivation = verified.solution.derivation
    inline = Inline(True, derivation.notation, verified.solution.known)
    lines = [line for line in verified.lines if len(line.place) > 1]
    return {
        "name": name,
        "statement": statement_latex(derivation),
        "result": _result(derivation, inline),
        "steps": [step for line in lines for step in _relations(line, inline)],
        "verified": True,
    }


def statement_latex(derivation: Derivation) -> str:
    """The claims of a derivation in LaTeX."""
    inline = Inline(True, derivation.notation, {})
    chains = [
        inline.chain(_bare(chain))
        for block in derivation.statement
        if isinstance(block, Display)
        for chain in block.chains
        if chain.law == "given"
    ]
    return r",\quad ".join(chains)


def _bare(chain: Chain) -> Chain:
    """The chain without the shapes below its factors."""

    def term(old: Term) -> Term:
        return replace(old, formula=rewrite(old.formula, rule))

    def rule(node: Formula) -> Formula | None:
        if isinstance(node, Apply) and node.head == "under":
            return rewrite(node.args[0], rule)
        return None

    links = tuple(replace(link, term=term(link.term)) for link in chain.links)
    return replace(chain, first=term(chain.first), links=links)


def _result(derivation: Derivation, inline: Inline) -> str:
    """As SymPy reads it, where it is a number over names; else in LaTeX."""
    result = next(answer.formula for answer in derivation.answers if answer.name == "result")
    assert result is not None

    def body(node: Apply) -> Formula | None:
        function = derivation.functions.get(node.head)
        if function is None:
            return None
        return substitute(function.body, dict(zip(function.parameters, node.args, strict=True)))

    text = exact_text(result, {}, {}, body, MOST)
    arrays = derivation.notation.bold & set(names(result))
    return inline.printer.show(result) if text is None or arrays else text


def _relations(line: Line, inline: Inline) -> list[dict[str, str]]:
    """One entry for each relation of a chain."""
    steps = []
    for left, link, verdict in zip(
        line.chain.terms(), line.chain.links, line.verdicts, strict=False
    ):
        relation = Chain(left, (link,))
        steps.append(
            {"law": link.law or line.law, "latex": inline.chain(relation), "verdict": verdict}
        )
    return steps


def _step(line: Line, inline: Inline, words: Inline) -> dict[str, str]:
    return {
        "part": words.line(line.part),
        "title": words.line(line.step),
        "law": line.law,
        "latex": inline.chain(line.chain),
        "verdict": line.verdict,
    }


def answer_entries(answer: Answer, solution: Solution) -> list[dict[str, Any]]:
    """The answer; and, where values were rounded on the way, what that chain gives."""
    if answer.literal is not None:
        shown_as = (
            str(answer.literal).lower() if isinstance(answer.literal, bool) else answer.literal
        )
        return [{"name": answer.name, "exact": None, "value": answer.literal, "shown": shown_as}]
    if answer.formula is not None:
        words = Inline(False, solution.derivation.notation, {})
        text = words.printer.show(answer.formula)
        exact = exact_text(answer.formula, {}, {}, lambda _: None)
        value = _value(answer.formula)
        return [
            {
                "name": answer.name,
                "exact": exact,
                "value": text if value is None else value,
                "shown": text,
            }
        ]
    known = solution.known[answer.key]
    shown = solution.known.get(f"~answer:{answer.key}", known)
    found = [_answer(answer.name, known.true, _exact(answer.key, solution), shown)]
    if plain(known.true) != plain(known.computed):
        found.append(_answer(f"{answer.name} (rounded on the way)", known.computed, None, shown))
    return found


def _value(formula: Formula) -> Any:
    """The number that a formula without names is, if it is one."""
    try:
        return plain(evaluate(formula, {}))
    except (EvaluationError, Ambiguous):
        return None


def _answer(name: str, value: Value, exact: str | None, shown: Known) -> dict[str, Any]:
    text = numeral_text(shown.shown)
    if isinstance(shown.shown, Word) and not isinstance(value, bool):
        return {"name": name, "exact": str(value), "value": text, "shown": text}
    return {"name": name, "exact": exact, "value": plain(value), "shown": text}


def numeral_text(numeral: Numeral) -> str:
    """The numeral as the sheet prints it, in plain text."""
    if isinstance(numeral, tuple):
        return "[" + ", ".join(map(numeral_text, numeral)) + "]"
    if isinstance(numeral, (Word, Slot)):
        return numeral.text if isinstance(numeral, Word) else ""
    return numeral


def plain(value: Value) -> Any:
    """A value for JSON: number, text, true or false, or nested lists."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, fmpq):
        return int(value.p) if value.q == 1 else int(value.p) / int(value.q)
    return float(value.mid()) if isinstance(value, arb) else value


def _exact(key: str, solution: Solution) -> str | None:
    """The exact value as SymPy reads it: a rational, or an expression of bearable length."""
    value = solution.known[key].true
    if isinstance(value, fmpq):
        return str(value)
    if isinstance(value, (bool, str)):
        return None
    if isinstance(value, tuple):
        rationals = [_rationals(part) for part in value]
        return None if None in rationals else f"[{', '.join(map(str, rationals))}]"
    quantities = solution.derivation.quantities
    values = {
        name: str(known.true)
        for name, known in solution.known.items()
        if isinstance(known.true, fmpq)
    }
    formulas = {q.key: q.formula for q in quantities if q.formula is not None}
    functions = solution.derivation.functions

    def body(node: Apply) -> Formula | None:
        function = functions.get(node.head)
        if function is None:
            return None
        return substitute(function.body, dict(zip(function.parameters, node.args, strict=True)))

    return exact_text(formulas[key], values, formulas, body) if key in formulas else None


def _rationals(value: Value) -> str | None:
    if isinstance(value, tuple):
        parts = [_rationals(part) for part in value]
        return None if None in parts else f"[{', '.join(map(str, parts))}]"
    return str(value) if isinstance(value, fmpq) else None
