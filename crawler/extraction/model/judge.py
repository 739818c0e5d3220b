"""Which blocks are the article's, and how sure that is: both stages of the model, and the choice between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crawler.extraction.blocks import Block
from crawler.extraction.model import context, features
from crawler.extraction.model.layout import Known, Layout
from crawler.extraction.model.weights import Weights, WeightsError, read_weights, shipped

NAMES = (*features.NAMES, *context.NAMES)
MAX_BLOCKS = 6_000  # what a stranger can make us count; real articles have some hundred
HARDLY = 0.03  # what the first stage gives less is not looked at again
LIKELY = 0.5


# what the numbers are about, as a person is told it
TOPICS = (
    (features.TEXT, "how it is written"),
    (features.KIND, "what kind of block it is"),
    (features.TITLE, "how it stands to the headline"),
    (features.POSITION, "where in the page it stands"),
    (features.CONTAINER, "what holds it"),
    (features.GROUP, "the texts in like places"),
    (features.NEAR, "the texts beside it"),
    (features.AROUND, "the elements around it"),
    (features.ODDS, "its words and the names around it"),
    (features.CROSS, "how it is written for its place"),
    (context.NAMES, "what its surroundings were taken for"),
)
_TOPIC_OF = tuple(topic for names, topic in TOPICS for _ in names)
TOLD = 2  # topics that a reason names


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely each block is the article's (0…1), the positions of those taken, and how sure they are (0…1)."""

    likely: Sequence[float]
    taken: frozenset[int]
    confidence: float
    headline: int = -1  # position of the block that says it
    evidence: Evidence | None = None
    known: Mapping[int, str] = field(default_factory=dict)  # position → what is known from elsewhere against it

    @classmethod
    def none(cls) -> Verdict:
        """No opinion."""
        return cls((), frozenset(), 0.0)

    def why(self, block: int) -> str:
        """Why a block was not taken: how likely it is the article's, and what speaks most against it."""
        if block in self.known:
            return self.known[block]
        against = self.evidence.against(block) if self.evidence is not None else ()
        return f"{self.likely[block]:.0%} likely" + (f": {', '.join(against)}" if against else " at first sight")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers behind the second stage's verdicts, by block."""

    weights: Weights
    rows: Mapping[int, Sequence[float]]

    def against(self, block: int) -> Sequence[str]:
        """The topics that speak most against a block; none where the first stage alone has spoken."""
        if block not in self.rows:
            return ()
        added: defaultdict[str, float] = defaultdict(float)
        for feature, value in self.weights.reasons(self.rows[block]).items():
            added[_TOPIC_OF[feature]] += value
        return [topic for topic in sorted(added, key=added.__getitem__)[:TOLD] if added[topic] < 0]


def judge(blocks: Sequence[Block], known: Known, weights: Weights | None = None) -> Verdict:
    """The model's opinion of a page; one of no confidence where there is too little or too much to judge."""
    if not blocks or len(blocks) > MAX_BLOCKS:
        return Verdict.none()
    weights = weights or shipped(NAMES)
    layout = Layout(blocks, known)
    first_rows = features.feature_rows(layout, weights)
    likely = [0.0] * len(blocks)
    for i, row in first_rows.items():
        likely[i] = weights.first(row)
    looked_at = [i for i, p in enumerate(likely) if p >= HARDLY]
    more = context.context_rows(layout, likely, looked_at)
    rows = {i: first_rows[i] + context_row for i, context_row in zip(looked_at, more, strict=True)}
    for i, row in rows.items():
        likely[i] = weights.second(row)
    taken, confidence = choose(layout.sizes, likely)
    return Verdict(likely, taken, confidence, layout.headline, Evidence(weights, rows))


def choose(sizes: Sequence[float], likely: Sequence[float]) -> tuple[frozenset[int], float]:
    """The positions of what is likely, and the F1 that is expected of them.

    Where what is likely is less than half of the text that is expected in all, as much is taken as makes the best F1.
    """
    taken = [i for i, p in enumerate(likely) if p >= LIKELY]
    expected = sum(p * size for p, size in zip(likely, sizes, strict=True))
    if sum(likely[i] * sizes[i] for i in taken) < expected / 2:
        taken = _best_expected(sizes, likely, expected)
    return frozenset(taken), _expected_f1(sizes, likely, taken, expected)


def read(text: bytes) -> Weights:
    """Weights from a file's text, for this version's features. Raises WeightsError."""
    weights = read_weights(text, NAMES)
    if len(weights.slopes) != len(features.NAMES):
        raise WeightsError(f"not a file of weights: {len(weights.slopes)} slopes for {len(features.NAMES)} features")
    return weights


def _best_expected(sizes: Sequence[float], likely: Sequence[float], expected: float) -> list[int]:
    order = sorted(range(len(likely)), key=lambda i: -likely[i])
    best, taken, right, size = 0.0, 0, 0.0, 0.0
    for count, i in enumerate(order, 1):
        right += likely[i] * sizes[i]
        size += sizes[i]
        if (f1 := 2 * right / (size + expected)) > best:
            best, taken = f1, count
    return order[:taken]


def _expected_f1(sizes: Sequence[float], likely: Sequence[float], taken: Sequence[int], expected: float) -> float:
    right, size = sum(likely[i] * sizes[i] for i in taken), sum(sizes[i] for i in taken)
    return 2 * right / (size + expected) if size else 0.0
