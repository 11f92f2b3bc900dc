"""The mathematics of a document: formulas and displays in the text, section by section.

LaTeX, Markdown and plain text are read alike: what stands between dollars, in display brackets or in
a mathematical environment. Headings, questions and parts begin a new derivation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from derivations.reading.latex import WHERE
from derivations.reading.latex.displays import Marked, listings, mathematics
from derivations.reading.latex.exports import unescaped, with_decimal_commas
from derivations.reading.latex.line_numbers import LineNumbers
from derivations.reading.latex.macros import expanded
from derivations.reading.latex.tokens import MAX_LENGTH
from derivations.reading.latex.traced import Traced, join
from derivations.reading.latex.typed import in_latex
from derivations.reading.latex.unmarked import all_mathematics, is_prose

PROBLEMS = "Question|Problem|Exercise|Aufgabe|Übung|Frage|Exercice|Problème"
HEADING = re.compile(
    r"^[ \t]{0,3}(?:"
    r"(?P<title>#{1,6}\s+\S|\\(?:sub)*section\b|\\chapter\b|\\part\b|[1-9]\d?(?:\.\d{1,2}){1,3}\s+[A-Z][^.$=\\\n]{2,70}$)"
    rf"|(?P<problem>[*_]{{0,2}}\[?(?:(?:{PROBLEMS}|Task)\s*\.?\s?\d|Problem\s*(?::|Setup))|Q\s?\d)"
    r"|(?P<part>\\item\b|[*_]{0,2}\(?[a-h]\)\s))",
    re.MULTILINE,
)
PART_OF_SOLUTION = re.compile(  # titles that go on with the problem before
    r"^(?:[\s#*_]|\\[a-z]+\*?\{)*(?:step|solution|given|answer|proof|part\b|forward|backward|update|result|loss"
    r"|gradient|output|hidden|derivation|check|note|final|calculation|(?:task|question)s?\b(?!\s*\.?\d)"
    r"|schritt|lösung|gegeben|antwort|beweis|ergebnis|vorwärts|rückwärts|rechnung"
    r"|étape|données|réponse|preuve|résultat|calcul|\(?[a-h]\))",
    re.IGNORECASE,
)
NUMBERED = re.compile(rf"^(?:\W|\\[a-z]+\*?\{{)*(?:{PROBLEMS}|Task|Q)\s?\.?\s?\d", re.IGNORECASE)
DEEPEST = 9  # the level of what is no heading
RELATION = re.compile(
    r"=|<|>|\\(?:approx|le|leq|ge|geq|ne|neq|leftarrow|gets|Rightarrow|implies|iff|equiv|triangleq)\b"
    r"|≈|≤|≥|≠|←|⇒|≡"
)
CHAINED = re.compile(r"=[^=]+[^=<>\\]=\s*[-\d]")  # one relation behind the other, up to a number
LABEL = re.compile(r"^\s*(?:Q\s?\d+\s*:|\([a-h]\)|\[?Step\s\d+:?\]?|[①-⑳])\s*")
FLOORED = re.compile(
    r"[^\n$]{0,20}\b(?:floor|rounded down|integer division|abgerundet|ganzzahlig|arrondi)", re.I
)
MEMBER = re.compile(r"\\in\b|∈")
IFS = "if|when|whenever|unless|falls|wenn|si"
FIGURE = re.compile(  # of merit, by its word
    r"\b(precision|recall|sensitivity|specificity|accuracy|error rate|false[- ]positive rate|F1)(?:[- ]score|[- ]value)?"
    r"(?:\s+(?:is|equals|becomes|of (?:the|this|our) \w+ is))?[\s:~]*$",
    re.IGNORECASE,
)
CONDITION = re.compile(rf"\b(?:{IFS})\s*$", re.IGNORECASE)
ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+\**(?P<label>[^\W\d][^:$\n]{2,60}):\**\s*$")
CONTINUES = re.compile(
    r"\s*(?:\\begin\{(?:aligned|align\*?|split)\}|&|\s)*"
    r"(?:=|\\approx|\\le\b|\\ge\b|<|>|\\(?:Rightarrow|implies)\b|⇒)"
)
ARROW = re.compile(r"\s*(?:\\(?:Rightarrow|implies|iff|Leftrightarrow)\b|[⇒⇔→])\s*")  # alone
MOST_BESIDE = 200  # characters before a piece of mathematics that say how it is meant
LINE_END = re.compile(r"(?<!\n)\n(?![ \t]*\n)")  # of a line that is not followed by an empty one
NAMED = re.compile(  # a quantity by its word, right before a relation sign
    r"\b(sum|total|loss|error|cost|norm|mean|average|variance|product|accuracy|precision|recall"
    r"|Summe|Verlust|Fehler|Kosten|Mittelwert|Varianz|somme|perte|erreur)[\s~]*$",
    re.IGNORECASE,
)
NOT_END = re.compile(r"[^\n]")
COMMENT = re.compile(r"(?<!\\)%[^\n]*")
NOT_PERCENT = re.compile(r"(?<![\\0-9])(?<![0-9] )%[^\n]*")  # outside of LaTeX
LATEX = re.compile(r"\\(?:begin\b|documentclass\b|(?:sub)*section\b|\[)")
INPUT = re.compile(r"\\(?:input|include|subfile)\s*\{([^{}\\]{1,60})\}")
MOST_FILES = 8  # that a note names
MAX_TEXT = 2_000_000
MAX_TITLE = 80
MOST_PIECES = 1_500  # of mathematics in one problem


FOR = "for|for all|at|from|up to|after|before|once|case|in case|until|while|provided|provided that|needs|requires"
SUPPOSING = "suppose|suppose that|assume|assume that"
ASSUMING = re.compile(rf"(?:^|[\s(,~])(?P<word>{IFS}|{FOR}|{SUPPOSING})[\s~:]*$", re.IGNORECASE)
STARTS = re.compile(r"\b(?:start|begin|initiali[sz]e)\w*\s+(?:at|from|with)[\s~:]*$", re.IGNORECASE)
LET = re.compile(  # behind the commands of a layout
    rf"(?:\\[A-Za-z]++|[^\w\\]|\d)*+(?:let|{SUPPOSING}|sei|seien|soit|soient)\b", re.IGNORECASE
)
LAST_OF_LIST = re.compile(r"\b(?:and|und|et)\s*$")
SENTENCE_END = re.compile(r"[.!?:]\s|\n\s*\n|\\par\b|\\item\b")
BEHIND = re.compile(
    r"[\s,~]*(?P<words>(?:positive and )?(?:adding|summing) (?:up )?to (?:1|one)"
    r"|one-hot|orthogonal|orthonormal|diagonal|stochastic|positive (?:semi-?)?definite|positive|symmetric)\b"
)
CLAIMED_FOR = re.compile(  # $a = 0$ for $i \ne k$
    r"[\s,~]*\(?(?:for|if|when|whenever|für|falls|wenn|pour|si)\s+(?:all\s+|every\s+)?\$"
    r"(?P<condition>[^$=]{1,40}(?:\\neq?|\\le|\\ge|\\leq|\\geq|<|>|≠|≤|≥)(?![A-Za-z])[^$=]{1,40}|\s*[a-z]\s*=\s*[a-z]\s*)\$"
)
MOST_OF_SENTENCE = 1000
EQUATION = re.compile(
    r"\b(?:equations?|solves?|solutions?|satisf\w+|fulfils?|conditions?)\b[^.$]*$"
)
DEMANDS = re.compile(
    r"\b(?:want|wish|require|requiring|demand|demanding|impose|imposing|need|ask for|wollen|fordern|verlangen)\b[^.$]*$"
)
EXACTLY_IF = re.compile(r"\b(?:if and only if|iff|exactly when|precisely when)\b[^.$]*$")
GOES_ON = re.compile(r"[\s~,]*(?:and|or|but|that is,?|i\.e\.,?)?[\s~]*(?:the new[\s~]*)?")
EXACTLY = re.compile(
    r"\b(?:nothing (?:is |was )?rounded|unrounded|without (?:any |intermediate )?rounding)\b",
    re.IGNORECASE,
)
CONCLUDES = re.compile(  # right before what follows from the text
    r"\b(?:hence|thus|therefore|consequently|it follows that|(?:this|which) (?:gives|yields|means|implies)(?: that)?"
    r"|so|so that|we (?:also |then |thus |now )?(?:get|find|obtain|conclude|see|know|have)(?: that)?"
    r"|daher|also|somit|folglich|donc)[\s,:~]*$",
    re.IGNORECASE,
)
SOLVED_FOR = re.compile(r"\bsolv(?:e|es|ed|ing)\b[^.$]*\bfor[\s~]*$", re.IGNORECASE)
DISPLAYED, SENTENCE, ASSUMED = "", "in a sentence", "a condition"
UNROUNDED, DEMANDED = "without rounding", "an equation"
LETTING, MEMBERSHIP = "a hypothesis", "a declaration"
EXPLAINING, CASE = "behind where", "for the case before it"
CONCLUDED = "what follows"
IN_WORDS, IF_IN_WORDS = "said in words", "supposed in words"
UNSEEN = frozenset({IN_WORDS, IF_IN_WORDS})
SYMMETRIC_BEHIND = re.compile(
    r"[\s,~]*(?:(?:is|be|being|was)\s+)?(?:an?\s+|real\s+)*symmetric(?!al)\b", re.I
)
SYMMETRIC_BEFORE = re.compile(
    r"\bsymmetric\s+(?:positive\s+(?:semi-?)?definite\s+)?(?:matrix\s+|Hessian\s+)?$", re.IGNORECASE
)
MATRIX_NAME = re.compile(r"\s*(?:\\(?:mathbf|boldsymbol|bm)\s*)?\{?\s*[A-Z]\s*\}?\s*")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of mathematics, and the line on which it begins.

    ``manner``: whether it stands in a sentence, there behind a word as "if", or in one that says
    once for all what names are, as "Let c > 0"; a mere ∈ is never judged, nor what words say.
    """

    traced: Traced
    line: int
    manner: str = DISPLAYED

    @property
    def latex(self) -> str:
        """The piece, with definitions carried out."""
        return self.traced.text

    @property
    def start(self) -> int:
        """Its first character in the text."""
        return self.traced.place(0)


@dataclass(frozen=True, slots=True)
class Section:
    """The mathematics between two headings; ``goes_on``: it belongs to the problem before it."""

    title: str
    line: int
    segments: tuple[Segment, ...]
    goes_on: bool = False


def sections(text: str) -> Iterator[Section]:
    """The sections of a document that hold relations.

    A text without any marked mathematics is read as mathematics itself.
    """
    yield from read_document(text)[0]


def read_document(text: str) -> tuple[list[Section], tuple[str, ...]]:
    """The sections of a document that hold relations, and notes on definitions that were left."""
    blanked = _blanked(text)
    plain, commas = with_decimal_commas(unescaped(Traced.of(blanked)))
    traced, left = expanded(plain)
    shown, notes = traced.text, commas + tuple(left) + tuple(_other_files(blanked))
    if next(mathematics(shown), None) is None and not is_prose(shown):
        bare = RELATION.search(shown) and "\\begin{document}" not in shown
        whole = traced if "\\" in shown else in_latex(traced)
        return [Section("", 1, (Segment(whole, 1),))] if bare else [], notes
    lines = LineNumbers.of(text)
    headings = {m.start(): m for m in HEADING.finditer(_without_mathematics(shown))}
    starts = sorted({0, *headings})
    found: list[Section] = []
    goes_on = False  # whether no problem has begun since the last section
    level = DEEPEST  # of the heading of the problem
    for start, end in zip(starts, [*starts[1:], len(shown)], strict=True):
        section = _section(text, traced, start, end, lines)
        goes_on = goes_on and _is_part(headings[start], section.title, level)
        if NUMBERED.match(section.title):
            level = _level(section.title)
        if section.segments:
            found.append(replace(section, goes_on=goes_on))
            goes_on = True
    return found, notes


def _other_files(text: str) -> Iterator[str]:
    """A note on the files that a text takes in: none is opened."""
    names = list(dict.fromkeys(match[1].strip() for match in INPUT.finditer(text)))
    if names:
        shown = ", ".join(names[:MOST_FILES]) + (", ..." if len(names) > MOST_FILES else "")
        yield f"other files that it takes in are not read: {shown}"


def in_sentences(text: str) -> tuple[Segment, ...]:
    """The pieces of mathematics in a text that marks all of it; none where a relation stands unmarked."""
    plain = unescaped(Traced.of(_blanked(text))).text
    marked = all_mathematics(plain)
    outside = _covered(plain, iter(marked), "·")
    if not marked or RELATION.search(outside) or MEMBER.search(outside):
        return ()
    found, _ = read_document(text)
    return tuple(segment for section in found for segment in section.segments)


def _is_part(heading: re.Match[str], title: str, level: int) -> bool:
    """Whether a heading goes on with the problem before it: (b), a step, a heading below its own."""
    if NUMBERED.match(title) or heading[0].strip() == "\\chapter":
        return False
    below = heading["title"] is not None and _level(title) > level
    return below or heading["part"] is not None or PART_OF_SOLUTION.match(title) is not None


def _level(title: str) -> int:
    """1 for ``#`` and ``\\section``, 2 for what stands below, and so on."""
    if title.lstrip().startswith("#"):
        return len(title.lstrip()) - len(title.lstrip().lstrip("#"))
    found = re.match(r"\s*\\((?:sub)*)section", title)
    return 1 + len(found[1]) // 3 if found else DEEPEST


def _section(text: str, traced: Traced, start: int, end: int, lines: LineNumbers) -> Section:
    """What stands between two headings."""
    found: list[Segment] = []
    manner, last_end, words_before = DISPLAYED, start, ""
    for marked in all_mathematics(traced.text, start, end):
        if len(found) > MOST_PIECES:
            break
        between = traced.text[last_end : marked.start]
        manner = _manner(marked, between, manner)
        chained = CHAINED.search(traced.text, marked.start, marked.end)
        ends = chained or LAST_OF_LIST.search(words_before)
        if manner == ASSUMED and between.strip(" ~\n") == "," and ends:
            manner = CASE  # when a = 1 and b = 2, c = 3; for a = 1, b = 2 a = 2
        words_before = between
        named = (
            NAMED.search(traced.text[max(last_end, marked.start - 20) : marked.start])
            if marked.in_line
            else None
        )
        last_end = marked.end
        related = RELATION.search(traced.text, marked.start, marked.end)
        if related or MEMBER.search(traced.text, marked.start, marked.end):
            inside = _inside(traced, marked)
            label = LABEL.match(inside.text)
            line = lines.at(traced.place(marked.start))
            piece = inside.cut(label.end() if label else 0)
            if ARROW.fullmatch(piece.text):
                continue
            if marked.in_line and (claimed := CLAIMED_FOR.match(traced.text, marked.end)):
                manner = SENTENCE
                condition = rf" \text{{for ${claimed['condition']}$}}"
                piece = join((piece, Traced.put(condition, traced.place(marked.end))))
            elif words := _words_beside(traced.text, marked):
                piece = join((piece, Traced.put(rf" \text{{{words}}}", traced.place(marked.end))))
            if named and CONTINUES.match(piece.text):  # the sum $= 11.2$
                piece = join(
                    (Traced.put(rf"\text{{{named[1]}}} ", traced.place(marked.start)), piece)
                )
            said = manner if related else MEMBERSHIP
            _take(
                found, Segment(piece, line, LETTING if _is_let(traced.text, marked, said) else said)
            )
        elif (told := _symmetric(traced, marked)) is not None:
            found.append(Segment(told[0], lines.at(told[0].end), told[1]))
        elif SOLVED_FOR.search(between):  # "Solving for $z$, $e^{-z} = ...$"
            manner = SENTENCE
    first, last = traced.place(start), traced.place(end)
    title = text[first:last].strip().partition("\n")[0][:MAX_TITLE]
    return Section(title, lines.at(first), tuple(found))


def _symmetric(traced: Traced, marked: Marked) -> tuple[Traced, str] | None:
    """What words say of a matrix, as a formula: ``A = A^T``, and how it is said."""
    text, name = traced.text, _inside(traced, marked).text
    if not marked.in_line or not MATRIX_NAME.fullmatch(name):
        return None
    before = text[max(marked.start - MOST_BESIDE, 0) : marked.start]
    if not SYMMETRIC_BEHIND.match(text, marked.end) and not SYMMETRIC_BEFORE.search(before):
        return None
    word = ASSUMING.search(SYMMETRIC_BEFORE.sub("", before)[-40:])
    supposed = word is not None and re.fullmatch(IFS, word["word"], re.IGNORECASE)
    said = Traced.put(rf"{name} = {name}^\top", traced.place(marked.start))
    return said, IF_IN_WORDS if supposed else IN_WORDS


def _words_beside(text: str, marked: Marked) -> str:
    """Words of the text that say how a piece of mathematics is meant: a condition, a name, a floor."""
    if not marked.around:
        return ""
    near = max(marked.start - MOST_BESIDE, 0)
    line = text.rfind("\n", near, marked.start) + 1
    before = text[line or near : marked.start]
    if behind := BEHIND.match(text, marked.end):
        return behind["words"]
    if floored := FLOORED.match(text, marked.end):
        words = floored[0]
    elif CONDITION.search(before):
        words = "if"
    elif figure := FIGURE.search(before):
        words = f"called {figure[1]}"
    else:
        item = ITEM.match(before) if line or not near else None
        words = f"{item['label']}:" if item else ""
    return re.sub(r"[^\w:,. -]", "", words).strip()


def _manner(marked: Marked, words: str, before: str) -> str:
    """How a piece is said, from the words between it and the piece before."""
    if not marked.in_line:
        return DISPLAYED
    line = words.rpartition("\n\n")[2]
    if before in (ASSUMED, EXPLAINING) and GOES_ON.fullmatch(words):
        return before
    if WHERE.fullmatch(words):
        return EXPLAINING
    if STARTS.search(line[-40:]):
        return SENTENCE
    if DEMANDS.search(line[-60:]) and not ASSUMING.search(line[-40:]):
        return DEMANDED
    if ASSUMING.search(line[-40:]) or EQUATION.search(line[-60:]) or EXACTLY_IF.search(line):
        return ASSUMED
    if EXACTLY.search(line) or (before == UNROUNDED and GOES_ON.fullmatch(words)):
        return UNROUNDED
    if not re.search(r"[A-Za-z]{2}", line):
        return DISPLAYED
    if before == ASSUMED and not SENTENCE_END.search(words):
        return CASE
    return CONCLUDED if CONCLUDES.search(line[-40:]) else SENTENCE


def _is_let(text: str, marked: Marked, manner: str) -> bool:
    """Whether a relation stands in a sentence that begins with "Let" or "Suppose", and not behind "if"."""
    if manner not in (SENTENCE, CONCLUDED, ASSUMED):
        return False
    before = text[max(marked.start - MOST_OF_SENTENCE, 0) : marked.start]
    ends = [match.end() for match in SENTENCE_END.finditer(before)]
    if not LET.match(before[ends[-1] if ends else 0 :].lstrip()):
        return False
    word = ASSUMING.search(before[-40:])
    return word is None or re.fullmatch(SUPPOSING, word["word"], re.IGNORECASE) is not None


def _take(found: list[Segment], segment: Segment) -> None:
    """One more piece; one that begins with a relation sign goes on with the piece before."""
    last = found[-1] if found and found[-1].manner not in UNSEEN else None
    if last and len(last.latex) < MAX_LENGTH and CONTINUES.match(segment.latex):
        before = found.pop()
        between = Traced.put(" \\\\ ", segment.start)
        manner = before.manner and segment.manner
        segment = Segment(join((before.traced, between, segment.traced)), before.line, manner)
    found.append(segment)


def _inside(traced: Traced, marked: Marked) -> Traced:
    """Without the signs around it; environments keep theirs, which the reader knows.

    A line of the text may end anywhere within a formula that stands in it.
    """
    inside = traced.cut(marked.start + marked.around, marked.end - marked.around)
    if marked.typed:
        return in_latex(inside)
    return inside.substituted(LINE_END, lambda _: " ") if marked.in_line else inside


def _blanked(text: str) -> str:
    """The text with comments and listings replaced by blanks, so that places stay."""
    plain = _covered(text, listings(text), " ")
    comment = COMMENT if LATEX.search(plain) else NOT_PERCENT
    return comment.sub(lambda match: " " * len(match[0]), plain)


def _without_mathematics(text: str) -> str:
    return _covered(text, mathematics(text), "·")


def _covered(text: str, found: Iterator[Marked], sign: str) -> str:
    """The text with a sign in the place of every character that was found; lines stay."""
    parts, done = list[str](), 0
    for marked in found:
        parts += [text[done : marked.start], NOT_END.sub(sign, text[marked.start : marked.end])]
        done = marked.end
    return "".join((*parts, text[done:]))
