"""From a file to a checked problem: YAML, then the fields of its kind, every mistake with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from derivations.errors import Mistake, ProblemError, misspelt, nearest, those_known, unknown
from derivations.kinds import kind_module, kind_names
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import found
from derivations.kinds.base.notation import CHOSEN, inheriting, stated
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.variation import places_of, settled
from derivations.reading import yaml

ONE_OPTION = "one option has to be right, not none and not several; see also 'several: true'"
CLAIM = re.compile(r"claim_([0-9]+)")
OPTION = re.compile(r"option_([0-9]+)")
MODELS = {  # files that are problems by themselves, by how their names end, and what is asked of them
    ".onnx": ("macs", "figure"),
    ".keras": ("macs", "figure"),
    ".safetensors": (),
    ".safetensors.index.json": (),
}
KERAS = re.compile(rb'"class_name"\s*:')
SLOPE = re.compile(r"d([^/]+)/d([^/]+)")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A problem as it was read: its fields, its kind's module, and the file for messages."""

    problem: Problem
    module: ModuleType
    file: yaml.File

    @property
    def place(self) -> str:
        return f"{self.file.name}:{self.file.root.line}"

    def expected(self, problem: Problem) -> dict[str, Any]:
        """The answers by the kind's own second road; nothing where it has none."""
        road = getattr(self.module, "expected", None)
        return dict(road(problem)) if road else {}

    def placed(self, error: ProblemError) -> ProblemError:
        """Mistakes that were found with the numbers put in, at the definitions they speak of."""
        return ProblemError(*(self._placed(mistake.message) for mistake in error.mistakes))

    def _placed(self, message: str) -> Mistake:
        name, _, words = message.partition(": ")
        if name == "one_option":
            return self.file.mistake(("options",), ONE_OPTION)
        if claim := CLAIM.fullmatch(name):
            return self.file.mistake(("claims", int(claim[1]) - 1), words)
        if option := OPTION.fullmatch(name):
            return self.file.mistake(("options", int(option[1]) - 1, "claim"), words)
        if slope := SLOPE.fullmatch(name.partition("@")[0]):
            name, by = (part.partition("__")[0] for part in slope.groups())
            words = f"its derivative by {by}: {words}"
            message = f"{name}: {words}"
        of_label = getattr(self.module, "LABELLED", None)  # the field whose keys are labels
        label = name.partition("@")[2]
        if of_label is not None and label in _keys(self.file.root, of_label) and words:
            return self.file.mistake((*of_label, label), f"{name.partition('@')[0]}: {words}")
        name = name.partition("@")[0].partition("__")[0]  # without the step or the sample
        places = getattr(self.module, "PLACES", {})  # of what a kind defines by itself
        path = places.get(name) or _where(self.file.root, name, keys_only=True) if words else None
        return self.file.mistake(path or (), words if path else message)

    def refuse_name(self, name: str) -> ProblemError:
        """A name that the problem needs for something else."""
        words = f"'{name}' stands for two things in this problem; choose another name"
        return ProblemError(self.file.mistake(_where(self.file.root, name) or (), words, True))

    def refuse(self, error: FieldError) -> ProblemError:
        """A kind's mistakes with their places in the file."""
        return ProblemError(*sorted(self.file.mistake(path, text) for path, text in error.mistakes))


def _keys(node: yaml.Node, path: tuple[str, ...]) -> list[str]:
    """The keys of the mapping at a path, if there is one."""
    for part in path:
        inner = node.items if isinstance(node, yaml.Mapping) else ()
        found = [value for key, value in inner if key.text == part]
        if not found:
            return []
        node = found[0]
    return [key.text for key, _ in node.items] if isinstance(node, yaml.Mapping) else []


def _where(node: yaml.Node, name: str, keys_only: bool = False) -> tuple[str | int, ...] | None:
    """The path to the last place in the file where a name stands, as a key or by itself."""
    found_at: tuple[str | int, ...] | None = None
    inner: list[tuple[str | int, yaml.Node]] = []
    if isinstance(node, yaml.Mapping):
        inner = [(key.text, value) for key, value in node.items]
    elif isinstance(node, yaml.Sequence):
        inner = list(enumerate(node.items))
    for part, value in inner:
        below = _where(value, name, keys_only)
        if below is not None:
            found_at = (part, *below)
        elif part == name or (
            not keys_only and isinstance(value, yaml.Scalar) and value.text == name
        ):
            found_at = (part,)
    return found_at


def load(path: Path, name: str | None = None, notation: Mapping[str, Any] | None = None) -> Loaded:
    """Read one problem file; ``notation`` are the conventions of the sheet that it stands in.

    Raises:
        ProblemError: all mistakes of the file at once.
    """
    asked = [ask for ending, ask in MODELS.items() if path.name.endswith(ending)]
    if not asked and _is_keras(path):
        asked = [MODELS[".keras"]]
    if asked:
        problem = _model_problem(path, name or str(path), asked[0])
        return check(problem, path.stem, path.parent, notation)
    return check(yaml.read_file(path, name), path.stem, path.parent, notation)


def _is_keras(path: Path) -> bool:
    """Whether a JSON file is what Keras' ``to_json()`` writes: its class stands at the beginning."""
    if path.suffix != ".json" or not path.is_file():
        return False
    with path.open("rb") as file:
        return KERAS.search(file.read(300)) is not None


def _model_problem(path: Path, name: str, asked: tuple[str, ...]) -> yaml.File:
    """The problem that a model file is by itself: count everything that it can tell."""

    def scalar(text: str) -> yaml.Scalar:
        return yaml.Scalar(text, True, 1, 1)

    def mapping(**items: yaml.Node) -> yaml.Mapping:
        return yaml.Mapping(tuple((scalar(key), value) for key, value in items.items()), 1, 1)

    return yaml.File(name, mapping(
        kind=scalar("architecture"), title=scalar(escaped(path.stem)),
        given=mapping(model=scalar(path.name)), ask=mapping(**{key: scalar("true") for key in asked}),
    ))  # fmt: skip


def escaped(text: str) -> str:
    """A file's name as a line of text: letters, digits and what stands between them."""
    return re.sub(r"[^\w .-]", " ", text).replace("_", " ").strip() or "model"


def check(
    file: yaml.File,
    stem: str,
    folder: Path | None = None,
    notation: Mapping[str, Any] | None = None,
) -> Loaded:
    """The problem in a parsed file; ``stem`` is its id where it has none.

    ``folder`` is where files are looked for that the problem names, ``notation`` what it inherits.
    """
    root = file.root
    if not isinstance(root, yaml.Mapping):
        raise ProblemError(file.mistake((), "expected keys and values: kind, title, given, ask"))
    module = kind_module(_kind_of(file, root))
    fields: type[Problem] = module.Fields
    unused = {*CHOSEN} - fields.LETTERS.follows()
    root = inheriting(root, {k: v for k, v in (notation or {}).items() if k not in unused})
    file = yaml.File(file.name, root)
    data = yaml.plain(settled(root))
    own = fields.model_fields["notation"].get_default(call_default_factory=True)
    mistakes: list[Mistake] = []
    if isinstance(data.get("notation"), dict):
        mistakes = [
            file.mistake(("notation", name), not_followed(name, data["kind"]))
            for name in data["notation"]
            if name in unused
        ]
        data["notation"] = {**stated(own), **data["notation"]}
    try:
        problem = fields.model_validate(data, context={"folder": folder})
    except ValidationError as error:
        raise ProblemError(*sorted((*mistakes, *mistakes_of(error, fields, file)))) from None
    if mistakes:
        raise ProblemError(*mistakes)
    if not problem.id:
        problem = problem.model_copy(update={"id": stem})
    loaded = Loaded(problem, module, file)
    try:
        places_of(problem, root)
    except FieldError as error:
        raise loaded.refuse(error) from None
    return loaded


def _kind_of(file: yaml.File, root: yaml.Mapping) -> str:
    kind = yaml.plain(settled(root)).get("kind")
    if kind is None:
        hint = misspelt((key.text for key, _ in root.items), ["kind"])
        known = hint or f"; one of {', '.join(kind_names())}"
        raise ProblemError(file.mistake((), f"'kind' is missing{known}"))
    if kind == "exam":
        raise ProblemError(
            file.mistake(("kind",), "this is an exam; `derivations exam FILE` makes its papers")
        )
    if kind not in kind_names():
        raise ProblemError(
            file.mistake(("kind",), unknown(found(kind), "a kind of problem", kind_names()))
        )
    return str(kind)


def not_followed(name: str, kind: str) -> str:
    """That a convention makes no difference to a kind, and which kinds have it."""
    having = [one for one in kind_names() if name in kind_module(one).Fields.LETTERS.follows()]
    return (
        f"nothing of '{kind}' is written by this convention; kinds that follow it: "
        f"{', '.join(having)}. A sheet or an exam can have it for all of its problems"
    )


def mistakes_of(error: ValidationError, fields: type[BaseModel], file: yaml.File) -> list[Mistake]:
    """What pydantic found, in our words and with places in the file."""
    mistakes: dict[tuple[int, int, str], Mistake] = {}
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and _is_long_enough(detail):
            continue  # its items have mistakes, which are told
        loc = tuple(part for part in detail["loc"] if isinstance(part, (str, int)))
        loc = _real(loc, file.root, detail["type"] == "missing")
        mistake = file.mistake(
            loc, words_of(detail, loc, fields), detail["type"] == "extra_forbidden"
        )
        mistakes.setdefault((mistake.line, mistake.column, mistake.path), mistake)
    return sorted(mistakes.values())


def _is_long_enough(detail: Any) -> bool:
    return bool(len(detail["input"]) >= detail["ctx"]["min_length"])


def _real(loc: tuple[str | int, ...], root: yaml.Node, missing: bool) -> tuple[str | int, ...]:
    """The path without what pydantic adds for unions (names of alternatives)."""
    kept: list[str | int] = []
    node: yaml.Node | None = root
    for place, part in enumerate(loc):
        step = None if node is None else yaml.step(node, part)
        if step is not None:
            node = step[1]
            kept.append(part)
        elif missing and place == len(loc) - 1:
            kept.append(part)
    return tuple(kept)


def words_of(detail: Any, loc: tuple[str | int, ...], fields: type[BaseModel]) -> str:
    """Pydantic's mistake in our words."""
    kind, value = detail["type"], found(detail["input"])
    last = loc[-1] if loc else ""
    if kind == "derivations":
        return str(detail["ctx"]["message"])
    if kind == "missing":
        return f"'{last}' is missing"
    if kind == "extra_forbidden":
        model = _model_at(fields, detail["loc"][:-1])
        known = list(model.model_fields) if model else []
        hint = _inside(model, str(last)) or nearest(str(last), known)
        return f"'{last}' is not a key here{hint}{those_known(hint, known)}"
    if kind in ("literal_error", "enum"):
        expected = detail["ctx"]["expected"]
        words = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
        return f"found {value}, expected {expected}{nearest(value, words)}"
    if kind in ("too_short", "too_long"):
        bound = ("at least", "min_length") if kind == "too_short" else ("at most", "max_length")
        return f"found {len(detail['input'])}, expected {bound[0]} {detail['ctx'][bound[1]]}"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    expected = {
        "string_type": "a text", "dict_type": "keys and values", "model_type": "keys and values",
        "list_type": "a list", "tuple_type": "a list", "bool_type": "true or false",
        "bool_parsing": "true or false", "int_parsing": "a whole number", "int_type": "a whole number",
    }.get(kind)  # fmt: skip
    return f"found {value}, expected {expected}" if expected else f"found {value}: {detail['msg']}"


def _inside(model: type[BaseModel] | None, key: str) -> str:
    """``; did you mean 'items' inside 'sections'?`` for a key that stands one level too high."""
    for name, field in model.model_fields.items() if model else ():
        if any(key in inner.model_fields for inner in _models_in(field.annotation)):
            return f"; did you mean '{key}' inside '{name}'?"
    return ""


def _model_at(model: Any, loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The model that stands at a path of fields, list places and union tags."""
    for part in loc:
        candidates = _models_in(model)
        following = [
            candidate.model_fields[str(part)].annotation
            for candidate in candidates
            if str(part) in candidate.model_fields
        ]
        tagged = [candidate for candidate in candidates if _tag(candidate) == part]
        if tagged:
            model = tagged[0]
        elif following:
            model = following[0]
    models = _models_in(model)
    return models[0] if models else None


def _tag(model: type[BaseModel]) -> str:
    """What tells the model from the others of its union: ``conv`` of a layer, ``custom``."""
    field = model.model_fields.get("layer")
    if field is not None:
        return str(field.default)
    return {"TableFunction": "table", "CustomFunction": "custom"}.get(model.__name__, "")


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Annotated, Union, UnionType, tuple, list, dict):
        return [model for arg in get_args(annotation) for model in _models_in(arg)]
    return []
