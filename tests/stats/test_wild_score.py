"""The wild score bootstrap against sign patterns written out, and its smallest p value."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.special import expit

from baserate.stats.logistic import fit_maximum_likelihood, likelihood
from baserate.stats.newton import maximize
from baserate.stats.wild_score import sign_flip_p, wild_score_p
from stats.model_data import Cells, few_clusters


def test_p_is_the_share_of_sign_patterns() -> None:
    cells, cluster = few_clusters()
    surface, beta = likelihood(*cells), fit_maximum_likelihood(*cells)
    tested = np.array([False, True])
    p = wild_score_p(surface, *cells, cluster, np.where(tested, 0.0, beta), tested)
    # arm B does not matter: the intercept alone is fitted, and the score of arm is centered by it
    rate = expit(maximize(surface, np.zeros(2), ~tested)[0])
    residual = cells.events - cells.n * rate
    share = cells.n[cells.X[:, 1] == 1].sum() / cells.n.sum()
    effective = np.bincount(cluster, residual * (cells.X[:, 1] - share))
    sums = [abs(np.dot(signs, effective)) for signs in itertools.product([1, -1], repeat=effective.size)]
    assert p == pytest.approx(np.mean(np.array(sums) >= sums[0] - 1e-9), abs=1e-12)


def test_it_cannot_be_smaller_than_the_patterns_allow() -> None:
    X = np.array([[1.0, v] for _ in range(5) for v in (0, 1)])
    cells = Cells(X, np.tile([10.0, 90.0], 5) + np.arange(10), np.full(10, 100.0))
    tested = np.array([False, True])
    surface = likelihood(*cells)
    p = wild_score_p(surface, *cells, np.repeat(np.arange(5), 2), np.zeros(2), tested)
    assert p == 2 / 2**5


def test_the_estimate_itself_is_not_rejected() -> None:
    cells, cluster = few_clusters()
    beta = fit_maximum_likelihood(*cells)
    tested = np.array([False, True])
    # its score is zero but for rounding, and so is that of a few other patterns
    assert wild_score_p(likelihood(*cells), *cells, cluster, beta, tested) > 0.95


@pytest.mark.parametrize("clusters", [1, 2, 7, 12, 13, 16])
def test_all_sign_patterns_are_counted(clusters: int) -> None:
    rng = np.random.default_rng(clusters)
    for scores in (np.ones(clusters), rng.standard_normal(clusters), np.round(rng.gamma(0.5, size=clusters), 1) + 0.1):
        signs = np.array(list(itertools.product([1, -1], repeat=clusters)))
        sums = np.abs(signs @ np.abs(scores))
        for observed in (0.0, float(np.median(sums)), float(scores.sum()), float(np.abs(scores).sum())):
            exact = float(np.mean(sums >= abs(observed) - 1e-9))
            found = sign_flip_p(scores, observed)
            if clusters <= 12:
                assert found == pytest.approx(exact, abs=1e-12)
            else:  # what rounding to the lattice may have moved counts as extreme
                assert exact - 1e-4 <= found <= exact + 0.01


def test_many_clusters_are_normal() -> None:
    scores = np.random.default_rng(1).uniform(0.5, 1.5, 300)
    z = 1.96
    assert sign_flip_p(scores, z * float(np.sqrt(scores @ scores))) == pytest.approx(0.05, abs=0.004)


def test_no_score_tells_nothing() -> None:
    assert sign_flip_p(np.zeros(5), 0.0) == 1.0
    assert sign_flip_p(np.zeros(0), 0.0) == 1.0
