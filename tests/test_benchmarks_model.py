"""How the block model is trained: labels, odds, both stages as plain numbers, and the folds."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from benchmarks.model import stages
from benchmarks.model.labels import labels_of, tokens
from benchmarks.model.odds import odds_table
from benchmarks.model.pages import FOLDS, Labelled, brand_of, fold_of
from benchmarks.model.stages import STRENGTH, fit_first, fit_second
from benchmarks.model.train import trained
from crawler.extraction.blocks import read_blocks
from crawler.extraction.html import parse_html
from crawler.extraction.model.judge import read
from crawler.extraction.model.layout import Known, Layout
from crawler.extraction.model.weights import Weights, read_weights

ONE = "The pond behind the school froze over on the second night of the year"
TWO = "Children measured the ice with a ruler and wrote the number on the door"
THREE = "Nobody may skate before the caretaker has walked across it with his dog"
ANSWER = f"{ONE}.\nA wet day\n{TWO}.\n{THREE}."
# of eleven brands, so that every inner fold has other pages to learn from
BRANDS = [f"brand{number}" for number in range(11)]


def labelled(brand: str) -> Labelled:
    html = (
        f'<body><div class="menu"><p>All the news of {brand} and the coast, by letter</p></div><article><h1>Ice</h1>'
        f'<p class="text">{ONE}.</p><p class="text">{TWO}.</p><p class="text">{THREE}.</p></article>'
        f'<div class="notes"><p>Subscribe to our letter of the week, it costs nothing</p></div></body>'
    )
    tree = parse_html(html.encode())
    assert tree is not None
    layout = Layout(read_blocks(tree), Known(title="Ice"))
    texts = [block.text for block in layout.blocks]
    labels = np.array(labels_of(texts, ANSWER))[layout.wanted]
    return Labelled(layout, labels, np.array([len(tokens(texts[i])) for i in layout.wanted]), brand)


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        ([ONE, TWO, THREE], [1, 1, 1]),
        (["Read our letter every day", ONE, TWO], [0, 1, 1]),
        ([ONE, TWO, ONE, THREE], [1, 1, 0, 1]),  # the same again
        ([ONE, "A wet day", TWO], [1, 1, 1]),  # short, between its neighbours' places
        ([ONE, TWO, THREE, "A wet day"], [1, 1, 1, 0]),  # short, and not where it stands in the answer
        ([TWO, THREE, ONE], [1, 1, 1]),  # out of order, but of its own
        (["", "…", ONE], [0, 0, 1]),
        ([], []),
    ],
)
def test_a_block_s_label_says_whether_it_stands_in_the_answer(texts: list[str], labels: list[float]) -> None:
    assert labels_of(texts, ANSWER) == labels


def test_a_block_that_stands_there_in_part_has_a_share() -> None:
    # eight tokens and five grams, of which the first three stand in the answer
    assert labels_of(["The pond behind the school froze silently today", TWO], ANSWER) == [3 / 5, 1]


def test_nothing_stands_in_an_empty_answer() -> None:
    assert labels_of([ONE, "A wet day"], "") == [0, 0]


def test_tokens_are_words_or_characters_of_scripts_without_spaces() -> None:
    assert tokens("Ice-cold, 7 °C! 池塘") == ["ice", "cold", "7", "c", "池", "塘"]


def test_a_page_counts_by_the_root_of_its_tokens_and_a_block_by_eighty_at_most() -> None:
    page = labelled("a")
    long = Labelled(page.layout, np.array([1.0, 0.0]), np.array([500, 80]), "a")
    assert long.weights.tolist() == pytest.approx([0.1 * 81 / 162**0.5] * 2)


def test_odds_of_a_name_are_those_of_other_sites_than_one() -> None:
    table = odds_table([labelled(brand) for brand in BRANDS[:5]])
    names, words = table.without("")
    assert names["text"][0] > 0 > names["notes"][0]
    assert words["pond"] > 0 > words["subscribe"]
    near, own = table.opinions[0]["text"], table.opinions[0]["text"]["brand0"]
    assert names["text"][0] == pytest.approx(sum(near.values()) / (5 + 6))
    assert table.without("brand0")[0]["text"][0] == pytest.approx((sum(near.values()) - own) / (4 + 6))


def test_a_name_of_fewer_than_four_sites_says_nothing() -> None:
    assert odds_table([labelled(brand) for brand in BRANDS[:3]]).without("") == ({}, {})
    assert "brand0" not in odds_table([labelled(brand) for brand in BRANDS]).without("")[1]


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """600 rows of three features, of which the first two tell the label."""
    random = np.random.default_rng(7)
    rows = random.normal(size=(1500, 3)) * (1.0, 10.0, 0.1)
    labels = 1 / (1 + np.exp(-3 * rows[:, 0] + 0.2 * rows[:, 1]))
    return rows, labels, random.uniform(0.5, 2.0, 1500)


def weights_of(first: object, second: object) -> Weights:
    parts = {"format": 1, "features": ["a", "b", "c"], "names": {}, "words": {}, "first": first, "second": second}
    return read_weights(json.dumps(parts), "abc")


def test_the_first_stage_says_what_its_learner_says() -> None:
    rows, labels, counts = data()
    mean = np.average(rows, axis=0, weights=counts)
    spread = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=counts)) + 1e-6
    scaled = np.vstack([(rows - mean) / spread] * 2)
    wanted = np.r_[np.ones(len(rows)), np.zeros(len(rows))]
    learner = LogisticRegression(C=STRENGTH, max_iter=500).fit(
        scaled, wanted, np.r_[counts * labels, counts * (1 - labels)]
    )
    weights = weights_of(fit_first(rows, labels, counts), {"start": 0, "trees": []})
    said = [weights.first(row) for row in rows.tolist()]
    assert said == pytest.approx(learner.predict_proba(scaled[: len(rows)])[:, 1].tolist(), abs=5e-4)  # by rounding


def test_the_second_stage_says_the_mean_of_what_its_learners_say(monkeypatch: pytest.MonkeyPatch) -> None:
    learners = []

    class Kept(stages.HistGradientBoostingClassifier):
        def fit(self, *args: object, **options: object) -> object:
            learners.append(self)
            return super().fit(*args, **options)

    monkeypatch.setattr(stages, "HistGradientBoostingClassifier", Kept)
    rows, labels, counts = data()
    weights = weights_of({"bias": 0, "slopes": []}, fit_second(rows, labels, counts))
    said = np.array([weights.second(row) for row in rows.tolist()])
    expected = 1 / (1 + np.exp(-np.mean([learner.decision_function(rows) for learner in learners], axis=0)))
    assert (len(learners), len(weights.trees)) == (3, 120)
    # thresholds keep five digits: a row that lies within that of one may fall to its other side
    assert np.mean(np.abs(said - expected) < 2e-3) > 0.98
    assert np.ptp(said) > 0.5


def test_what_is_trained_can_be_read_and_is_the_same_text_again() -> None:
    pages = [labelled(brand) for brand in BRANDS]
    text = trained(pages)
    weights = read(text.encode())
    assert {"text", "notes", "menu"} <= set(weights.names)
    assert weights.words["pond"] > 0 > weights.words["subscribe"]
    assert trained(pages) == text


def test_a_fold_is_a_brand_s_and_the_same_on_any_day() -> None:
    assert [fold_of(brand) for brand in ("pond", "weir", "oven", "lamp")] == [0, 2, 4, 2]
    assert set(Counter(fold_of(brand) for brand in map(str, range(200)))) == set(range(FOLDS))


def test_one_brand_s_sites_are_in_one_fold() -> None:
    answers = [{"id": "1", "domain": "pond.example"}, {"id": "2", "domain": "pond.co.example"}, {"id": "pond.7"}]
    assert [brand_of(answer) for answer in answers] == ["pond"] * 3
