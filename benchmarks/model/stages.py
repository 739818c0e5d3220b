"""The two learners, and what they have learned as plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

STRENGTH = 0.05  # C: the smaller, the nearer the slopes stay to nought
SEEDS = (0, 1, 2)
Array = np.ndarray


def fit_first(rows: Array, labels: Array, weights: Array) -> dict[str, Any]:
    """A logistic regression on soft labels: its bias, and a slope for each feature as it comes."""
    mean = np.average(rows, axis=0, weights=weights)
    spread = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weights)) + 1e-6
    scaled = (rows - mean) / spread
    both = np.vstack([scaled, scaled])  # each block once as the article's and once not, by its label
    wanted = np.r_[np.ones(len(labels)), np.zeros(len(labels))]
    shares = np.r_[weights * labels, weights * (1 - labels)]
    counts = shares > 0
    learner = LogisticRegression(C=STRENGTH, max_iter=500).fit(both[counts], wanted[counts], shares[counts])
    slopes = learner.coef_[0] / spread
    return {"bias": round(float(learner.intercept_[0] - mean @ slopes), 4), "slopes": [_short(s) for s in slopes]}


def fit_second(rows: Array, labels: Array, weights: Array) -> dict[str, Any]:
    """Boosted trees: where they start, and each as nested lists (see crawler.extraction.model.weights).

    Several small forests speak together, for one alone depends on the features that chance let it see.
    """
    sureness = weights / weights.mean() * np.abs(2 * labels - 1) + 1e-9
    forests = [_forest(seed).fit(rows, labels >= 0.5, sample_weight=sureness) for seed in SEEDS]
    trees = [_tree(p.nodes, 0)[0] for forest in forests for (p,) in forest._predictors]
    return {"start": round(float(np.ravel(forests[0]._baseline_prediction)[0]), 4), "trees": trees}


def _forest(seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=40,
        learning_rate=0.15,
        max_leaf_nodes=16,
        min_samples_leaf=200,
        l2_regularization=5.0,
        max_features=0.3,
        random_state=seed,
    )


def _tree(nodes: Any, at: int) -> tuple[Any, float, int]:
    """A node as a list, its value (a split's is the mean of its rows), and how many rows it had."""
    node = nodes[at]
    if node["is_leaf"]:
        value = round(float(node["value"]) / len(SEEDS), 5)
        return value, value, int(node["count"])
    low, low_value, low_count = _tree(nodes, node["left"])
    high, high_value, high_count = _tree(nodes, node["right"])
    count = low_count + high_count
    value = (low_value * low_count + high_value * high_count) / count
    return [int(node["feature_idx"]), _short(node["num_threshold"]), round(value, 4), low, high], value, count


def _short(number: float) -> float:
    return float(f"{float(number):.5g}")
