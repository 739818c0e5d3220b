"""What was learned, as data: log-odds of names and words, a logistic first stage, boosted trees as the second."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from math import exp, isfinite
from operator import mul
from typing import Any

# a leaf's value, or (number of the feature, threshold, value at this node, where it is at most that, where it is more)
Tree = tuple[int, float, float, "Tree | float", "Tree | float"]
NameOdds = Mapping[str, tuple[float, float, float]]
WordOdds = Mapping[str, float]
FORMAT = 1
DEEPEST_TREE = 60
COMPILED_TOGETHER = 4  # trees: more take much memory to compile, fewer take longer to call


class WeightsError(ValueError):
    """A file of weights that cannot be used, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A trained model; ``names`` has the log-odds of a word near, around, and inside the best container."""

    names: NameOdds
    words: WordOdds
    bias: float
    slopes: Sequence[float]  # of the first stage, in the order of features.NAMES
    start: float
    trees: Sequence[Tree]  # of the second stage, over features.NAMES and context.NAMES
    # start and what each tree says of a row, summed
    forest: Callable[[Sequence[float]], float] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "forest", _compiled(self.start, self.trees))

    def __reduce__(self) -> tuple[Callable[[], Weights], tuple[()]]:
        told = {name: getattr(self, name) for name in ("names", "words", "bias", "slopes", "start", "trees")}
        return partial(Weights, **told), ()  # the function is made anew

    def first(self, row: Sequence[float]) -> float:
        """How likely a block of these numbers is the article's, looked at alone (0…1)."""
        return _share(self.bias + sum(map(mul, self.slopes, row)))

    def second(self, row: Sequence[float]) -> float:
        """The same, with what the first stage said of the page (0…1)."""
        return _share(self.forest(row))

    def reasons(self, row: Sequence[float]) -> dict[int, float]:
        """What each feature adds to the second stage's log-odds, by the steps through each tree (Saabas 2014)."""
        added: dict[int, float] = {}
        for tree in self.trees:
            node: Tree | float = tree
            while isinstance(node, tuple):
                feature, threshold, value, low, high = node
                node = low if row[feature] <= threshold else high
                step = (node[2] if isinstance(node, tuple) else node) - value
                added[feature] = added.get(feature, 0.0) + step
        return added


def read_weights(text: str | bytes, features: Sequence[str]) -> Weights:
    """Weights from JSON. Raises WeightsError where they are not of this format, or were trained on other features."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT or data["features"] != list(features):
            raise WeightsError("trained for other features than this version's: train it again")
        return Weights(
            names={
                name: (float(near), float(far), float(inside)) for name, (near, far, inside) in data["names"].items()
            },
            words={word: float(odds) for word, odds in data["words"].items()},
            bias=float(data["first"]["bias"]),
            slopes=[float(slope) for slope in data["first"]["slopes"]],
            start=_number(data["second"]["start"]),
            trees=[_tree(tree, len(features)) for tree in data["second"]["trees"]],
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(f"not a file of weights: {type(error).__name__}: {error}") from error


def _compiled(start: float, trees: Sequence[Tree]) -> Callable[[Sequence[float]], float]:
    """The forest as functions of comparisons, in two thirds of the time of walking its trees; made of numbers alone."""
    parts = [trees[at : at + COMPILED_TOGETHER] for at in range(0, len(trees), COMPILED_TOGETHER)]
    made: dict[str, Any] = {}
    for number, part in enumerate(parts):
        exec(f"def part{number}(row): return {' + '.join(map(_expression, part))}", made)  # noqa: S102
    functions = [made[f"part{number}"] for number in range(len(parts))]
    return lambda row: sum([function(row) for function in functions], start)


def _expression(node: Tree | float) -> str:
    if not isinstance(node, tuple):
        return repr(node)
    feature, threshold, _, low, high = node
    return f"({_expression(low)} if row[{feature}] <= {threshold!r} else {_expression(high)})"


def _number(value: Any) -> float:
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"{value} is no finite number")
    return number


def _tree(node: Any, features: int, depth: int = 0) -> Any:
    if depth > DEEPEST_TREE:
        raise ValueError(f"a tree is deeper than {DEEPEST_TREE} questions")
    if not isinstance(node, list):
        return _number(node)
    feature, threshold, value, low, high = node
    if not 0 <= int(feature) < features:
        raise ValueError(f"a tree asks for feature {feature} of {features}")
    below = (_tree(child, features, depth + 1) for child in (low, high))
    return (int(feature), _number(threshold), _number(value), *below)


@cache
def shipped(features: tuple[str, ...]) -> Weights:
    """The weights that ship with the program."""
    return read_weights((files("crawler.extraction.model") / "weights.json").read_bytes(), features)


def _share(logit: float) -> float:
    return 1 / (1 + exp(-(30.0 if logit > 30.0 else -30.0 if logit < -30.0 else logit)))
