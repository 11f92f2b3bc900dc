"""The reverse pass over a small graph as a derivation: a line for each quantity on the way.

Each line names the paths by the chain rule before it says their slopes, as a teacher writes it;
`adjoints` works the same derivatives out for solutions, over arrays too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from derivations.calculus.differentiate import Rules, differentiate
from derivations.calculus.simplify import simplified
from derivations.calculus.tidy import tidy
from derivations.errors import ReadError
from derivations.formula.tree import Apply, Formula, Name, apply, free, partial, product, sum_of
from derivations.steps.relations import Chain, Link, Term


def reverse_pass(
    definitions: Mapping[str, Formula], inputs: Sequence[str], output: str, wrt: str, rules: Rules
) -> Iterator[Chain]:
    """One chain for every quantity between the output and the variable, nearest the output first.

    Raises:
        ReadError: the output does not depend on the variable.
        NotDifferentiable: no law applies.
    """
    touched = {wrt}
    for name, formula in definitions.items():
        if touched & set(free(formula)):
            touched.add(name)
    if output not in touched:
        raise ReadError(f"'{output}' does not depend on '{wrt}'")
    order = [name for name in reversed([*inputs, *definitions]) if name in touched]
    order.remove(wrt)
    gradients: dict[str, Formula] = {}
    for name in (*order, wrt):
        users = [
            user for user in definitions if user in touched and name in free(definitions[user])
        ]
        if name == output or not users or (name not in definitions and name != wrt):
            continue
        slopes = [_slope(user, definitions[user], name, rules) for user in users]
        yield _line(name, dict(zip(users, slopes, strict=True)), definitions, output, gradients)


def _line(
    name: str,
    slopes: Mapping[str, Formula],
    definitions: Mapping[str, Formula],
    output: str,
    gradients: dict[str, Formula],
) -> Chain:
    """∂output/∂name over what uses the name; its result joins the gradients."""
    out = Name(output)
    paths: list[Formula] = []
    terms: list[Formula] = []
    for user, slope in slopes.items():
        if user == output:
            paths.append(apply("D", definitions[user], Name(name)))
            terms.append(slope)
        else:
            paths.append(product(partial(out, Name(user)), partial(Name(user), Name(name))))
            terms.append(product(gradients[user], slope))
    gradients[name] = tidy(sum_of(*terms))
    links = []
    if list(slopes) != [output]:
        links.append(Link("=", Term(sum_of(*paths)), (), "chain-rule"))
    links.append(Link("=", Term(gradients[name]), (), "derivative"))
    return Chain(Term(partial(out, Name(name))), distinct(links))


def _slope(user: str, formula: Formula, name: str, rules: Rules) -> Formula:
    """The derivative of a definition by one of its names; of an activation by its output."""
    if isinstance(formula, Apply) and formula.args == (Name(name),):
        rule = rules.by_output.get(formula.head)
        if rule is not None:
            return rule(Name(name), Name(user))
    return simplified(differentiate(formula, name, rules.slopes))


def distinct(links: Sequence[Link]) -> tuple[Link, ...]:
    """Without lines that repeat the line before."""
    found: list[Link] = []
    for link in links:
        if not found or link.term.formula != found[-1].term.formula:
            found.append(link)
    return tuple(found)
