"""The loss of one output as a field: a name of the table, or a mapping with its parameters."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from derivations.errors import nearest, those_known
from derivations.formula.numerals import exact
from derivations.formula.tree import Formula
from derivations.kinds.base.fields import (
    NUMBER_SCHEMA,
    TEXT_SCHEMA,
    Numeral,
    OrAs,
    Strict,
    found,
    refuse,
)
from derivations.models import losses


class ElementLoss(Strict):
    """A row of the table of losses, with parameters: ``{name: huber, delta: 2}``."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": NUMBER_SCHEMA})
    name: str
    parameters: dict[str, Numeral] = Field(default_factory=dict)

    def value(self, y: Formula, t: Formula) -> Formula:
        """The loss of the output y of one sample against t."""
        return losses.value(self.name, y, t, self.parameters)

    def doubles(self) -> dict[str, float]:
        """All parameters, those of the table where the file has none."""
        chosen = {**losses.LOSSES[self.name].parameters, **self.parameters}
        return {key: int(exact(text).p) / int(exact(text).q) for key, text in chosen.items()}


def _element(value: Any) -> Any:
    if isinstance(value, ElementLoss):
        return value
    rest = dict(value) if isinstance(value, dict) else {}
    name = rest.pop("name", None) if rest else value
    if not isinstance(name, str):
        raise refuse(f"found {found(value)}, expected a loss, or a mapping with 'name'")
    try:
        key = losses.find(name)
    except ValueError as error:
        raise refuse(str(error)) from None
    parameters = {**rest, **(rest.pop("parameters", None) or {})}
    parameters.pop("parameters", None)
    known = losses.LOSSES[key].parameters
    for word in parameters:
        if word not in known:
            hint = nearest(word, list(known))
            raise refuse(f"'{word}' is no parameter of {key}{hint}{those_known(hint, known)}")
    return {"name": key, "parameters": parameters}


LossOfOutput = Annotated[ElementLoss, BeforeValidator(_element), OrAs(TEXT_SCHEMA)]
