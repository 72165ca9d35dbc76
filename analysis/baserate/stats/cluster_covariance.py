"""Cluster-robust covariance of a logistic model: CR2 with small-sample degrees of freedom, computed from cells.

Runs of one prompt and one row of the design matrix share their fitted rate, so of a cluster's n × n working matrices
only the part that is constant within cells matters: a cell with n runs enters as one row, scaled by √n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, fdtrc

from baserate.stats._arrays import Floats
from baserate.stats.inverse_root import inverse_root_times

Places = tuple[NDArray[np.intp], NDArray[np.intp]]

_STUCK = 1e-8  # what rounding may leave of zero
_AGREED = 1e-12  # of the variance of independent runs: what rounding leaves where all clusters agree
_SMALL, _TIMES = 64, 5  # cells a cluster, and times the coefficients, up to which eigenvectors are the fastest way
_AT_ONCE = 2_000_000  # numbers in the m × m matrices of the clusters that are looked at together


@dataclass(frozen=True)
class ClusterCovariance:
    """A sandwich covariance, with what its degrees of freedom need.

    Attributes
    ----------
    matrix : ndarray of shape (p, p)
        The covariance of the coefficients.
    clusters : int
        How many clusters there are.
    single : ndarray of bool of shape (p,)
        Coefficients that one cluster alone determines: their variance between clusters cannot be estimated, and what
        the matrix holds for them is meaningless.
    bread : ndarray of shape (p, p)
        The inverse information.
    loads : ndarray of shape (G, m, p)
        Maps a contrast to each cluster's weights on its residuals: A_g' W_g D_g M of Pustejovsky & Tipton (2018).
    D : ndarray of shape (G, m, p)
        Derivatives of the fitted means, zero in the rows that pad a cluster.
    variance : ndarray of shape (G, m)
        Working variances, one in the rows that pad a cluster.
    """

    matrix: Floats
    clusters: int
    single: NDArray[np.bool_]
    bread: Floats
    loads: Floats
    D: Floats
    variance: Floats


def cluster_covariance(
    beta: Floats, X: Floats, events: Floats, n: Floats, cluster: ArrayLike, kind: str = "CR2"
) -> ClusterCovariance:
    """Estimate the covariance of logistic coefficients when clusters, not runs, are independent.

    Parameters
    ----------
    beta : ndarray of shape (p,)
        Maximum-likelihood coefficients.
    X : ndarray of shape (m, p)
        One row a cell: a row of the design matrix within a cluster.
    events, n : ndarray of shape (m,)
        Events and runs of each cell; n > 0.
    cluster : array_like of shape (m,)
        The cluster (prompt) of each cell.
    kind : {"CR2", "CR1", "CR0"}
        Bell & McCaffrey's correction, unbiased if the runs were independent; the factor G/(G − 1); or none.

    Returns
    -------
    ClusterCovariance

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
    samples. Survey Methodology 28, 169–181.
    Pustejovsky, J. E. & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and hypothesis
    testing in fixed effects models. Journal of Business & Economic Statistics 36, 672–683.
    """
    eta = X @ beta
    rate, variance = expit(eta), expit(eta) * expit(-eta)
    root_n = np.sqrt(n)
    rows, shape = _places(cluster)
    D = _spread(rows, shape, (root_n * variance)[:, None] * X)
    residual = _spread(rows, shape, (events - n * rate) / root_n)
    working = _spread(rows, shape, variance - 1) + 1
    bread = np.linalg.inv(X.T @ ((n * variance)[:, None] * X))
    adjusted, single = _adjusted(D, working, bread)
    clusters = shape[0]
    if kind != "CR2":
        adjusted = np.sqrt(clusters / (clusters - 1) if kind == "CR1" else 1.0) * D / working[:, :, None]
    loads = adjusted @ bread  # every A_g is symmetric
    scores = np.einsum("gmp,gm->gp", loads, residual)
    return ClusterCovariance(scores.T @ scores, clusters, single, bread, loads, D, working)


def _places(cluster: ArrayLike) -> tuple[Places, tuple[int, int]]:
    """Return each cell's (cluster, row within the cluster), and how many there are of both."""
    _, group, sizes = np.unique(np.asarray(cluster), return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    within = np.empty_like(group)
    within[order] = np.arange(group.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return (group, within), (sizes.size, int(sizes.max()))


def _spread(rows: Places, shape: tuple[int, int], values: Floats) -> Floats:
    """Lay values of cells out by cluster, padded with zeros."""
    out = np.zeros((*shape, *values.shape[1:]))
    out[rows] = values
    return out


def _adjusted(D: Floats, variance: Floats, bread: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return A_g W_g D_g of CR2, shape (G, m, p), and which coefficients one cluster alone determines.

    A_g = Φ^½ B^(−½) Φ^½ with B = Φ^½ (Φ − D M D') Φ^½ and the working covariance Φ = W⁻¹ of the cluster (Pustejovsky &
    Tipton 2018, eq. 7). A cluster alone determines a combination of coefficients where its hat matrix has the
    eigenvalue 1; there the inverse is the generalized one.
    """
    root = np.linalg.cholesky(bread)
    deviation = np.sqrt(variance)[:, :, None]
    white = D / deviation @ root
    hat, directions = np.linalg.eigh(white.transpose(0, 2, 1) @ white)  # its eigenvalues that are not zero
    stuck = hat > 1 - _STUCK
    alone = directions.transpose(0, 2, 1)[stuck] @ root.T / np.sqrt(np.diag(bread))
    single = np.any(np.abs(alone) > _STUCK * np.abs(alone).max(axis=1, keepdims=True), axis=0)
    U, right, diagonal = deviation * D @ root, D / deviation, variance**2  # B = diag − U U'
    lost = stuck.sum(axis=1)
    cells, coefficients = D.shape[1:]
    small = (lost > 0) | (cells <= max(_SMALL, _TIMES * coefficients))
    out = np.empty_like(D)
    for some in np.array_split(np.flatnonzero(small), 1 + small.sum() * cells**2 // _AT_ONCE):
        out[some] = _by_eigenvectors(diagonal[some], U[some], right[some], lost[some])
    if not small.all():
        smallest = diagonal.min(axis=1) * (1 - hat[:, -1])
        out[~small] = inverse_root_times(diagonal[~small], U[~small], right[~small], smallest[~small])
    return deviation * out, single


def _by_eigenvectors(diagonal: Floats, U: Floats, right: Floats, lost: NDArray[np.int_]) -> Floats:
    """Compute (diag(d) − U U')^(−½) R, without the `lost` directions in which the matrix is singular."""
    m = diagonal.shape[1]
    values, vectors = np.linalg.eigh(np.eye(m) * diagonal[:, :, None] - U @ U.transpose(0, 2, 1))
    used = np.arange(m) >= lost[:, None]
    powers = np.where(used, np.where(used, values, 1.0) ** -0.5, 0.0)
    return np.asarray(vectors @ (powers[:, :, None] * (vectors.transpose(0, 2, 1) @ right)))


def contrast_covariance(covariance: ClusterCovariance, contrasts: Floats) -> tuple[Floats, bool]:
    """Return the covariance of contrasts; where all clusters agree, as at temperature 0, that of independent runs.

    Between clusters that agree the sandwich is zero up to rounding: an interval of it would have no width, and a test
    would be of rounding errors.

    Parameters
    ----------
    covariance : ClusterCovariance
        Of the coefficients.
    contrasts : ndarray of shape (q, p)
        The contrasts.

    Returns
    -------
    matrix : ndarray of shape (q, q)
    agreed : bool
        Whether some combination of the contrasts took the variance of independent runs.
    """
    robust, plain = (contrasts @ matrix @ contrasts.T for matrix in (covariance.matrix, covariance.bread))
    root = np.linalg.cholesky(plain)
    inverse = np.linalg.inv(root)
    values, vectors = np.linalg.eigh(inverse @ robust @ inverse.T)
    zero = root @ vectors[:, values < _AGREED]
    return robust + zero @ zero.T, zero.size > 0


def wald_test(covariance: ClusterCovariance, contrasts: Floats, value: Floats) -> tuple[float, int, float, float]:
    """Test that several contrasts of the coefficients are zero, by the approximate Hotelling test (HTZ).

    Parameters
    ----------
    covariance : ClusterCovariance
        Of the coefficients.
    contrasts : ndarray of shape (q, p)
        The contrasts.
    value : ndarray of shape (q,)
        Their estimates.

    Returns
    -------
    statistic, df, df_denominator, p_value : float
        F with its degrees of freedom; nan where the clusters are too few for a test of so many contrasts.

    References
    ----------
    Pustejovsky & Tipton (2018), section 3.2.
    """
    q = len(contrasts)
    if q > covariance.clusters:
        return np.nan, q, np.nan, np.nan
    eta = _wishart_df(covariance, contrasts)
    df = eta - q + 1
    if not df > 0:
        return np.nan, q, np.nan, np.nan
    wald = float(value @ np.linalg.solve(contrast_covariance(covariance, contrasts)[0], value))
    statistic = wald * df / (eta * q)
    return statistic, q, df, float(fdtrc(q, df, statistic))


def satterthwaite_df(covariance: ClusterCovariance, contrasts: Floats) -> Floats:
    """Compute the degrees of freedom of the t statistic of each of several contrasts.

    Parameters
    ----------
    covariance : ClusterCovariance
        Of the coefficients.
    contrasts : ndarray of shape (k, p)
        The contrasts, one a row.

    Returns
    -------
    ndarray of shape (k,)
        2 / the squared coefficient of variation of the variance estimate under independence.

    References
    ----------
    Bell & McCaffrey (2002), section 4.
    """
    return np.array([_wishart_df(covariance, row[None, :]) for row in contrasts])


def _wishart_df(covariance: ClusterCovariance, contrasts: Floats) -> float:
    """Return η = q (q + 1) / Σ var(d_st), d the covariance of the contrasts in units of its expectation.

    With t_g = loads_g C' and P_gh = [g = h] t_g' Φ t_g − t_g' D_g M D_h' t_h (q × q for each pair of clusters),
    E(d) = Σ_g P_gg and Σ_st var(d_st) = Σ_gh (tr P_gh)² + tr(P_gh P_gh) once E(d) = I. No G × G matrix is formed.
    """
    t = covariance.loads @ contrasts.T
    own = np.einsum("gms,gm,gmt->gst", t, covariance.variance, t)
    a = np.einsum("gms,gmp->gsp", t, covariance.D) @ np.linalg.cholesky(covariance.bread)
    expected = own.sum(axis=0) - np.einsum("gsp,gtp->st", a, a)
    values, vectors = np.linalg.eigh(expected)
    if values[0] <= 0:
        return np.nan
    whiten = (vectors / np.sqrt(values)) @ vectors.T
    own, a = whiten @ own @ whiten, whiten @ a
    square = a @ a.transpose(0, 2, 1)
    trace, cross = np.trace(own, axis1=1, axis2=2), np.trace(square, axis1=1, axis2=2)
    pairs = np.einsum("gsp,gtr->sptr", a, a)  # the sum over clusters
    total = np.sum(trace**2 - 2 * trace * cross) + np.sum(pairs**2)
    total += np.einsum("gst,gts->", own, own - 2 * square) + np.einsum("sptr,tpsr->", pairs, pairs)
    q = len(contrasts)
    return float(q * (q + 1) / total)
