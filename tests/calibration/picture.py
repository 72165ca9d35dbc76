"""The study's table and figure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from calibration import designs, prompt_designs

FAMILIES = (*designs.EXACT, *prompt_designs.FAMILIES)
FIVE = 5.0  # expected events and misses from which on mean coverage is judged


def summary(results: Path) -> pd.DataFrame:
    """Summarize each method of each family over the design points."""
    table = pd.read_csv(results)
    rows = []
    for family in [f for f in FAMILIES if f in set(table["family"])]:
        part = table[table["family"] == family]
        for method in dict.fromkeys(part["method"]):
            at = part[part["method"] == method]
            rows.append(
                {
                    "family": family,
                    "method": method,
                    "points": len(at),
                    "least": at["coverage"].min(),
                    "mean": at.loc[at["events"] >= FIVE, "coverage"].mean(),
                    "below_.93": int((at["coverage"] < 0.93).sum()) if at["coverage"].notna().any() else None,
                    "one-sided": at[["below", "above"]].max(axis=None),
                    "length": at["length"].mean(),
                    "largest_size": at.loc[at["null"] == 1, "rejected"].max(),
                    "power": at.loc[at["null"] == 0, "rejected"].mean(),
                }
            )
    return pd.DataFrame(rows).round(4)


def draw_figure(results: Path, to: Path) -> None:
    """Draw the coverage at every point, one strip a method, one panel a family."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    import seaborn as sns

    table = pd.read_csv(results).dropna(subset=["coverage"])
    families = [f for f in FAMILIES if f in set(table["family"])]
    methods = [list(dict.fromkeys(table.loc[table["family"] == f, "method"])) for f in families]
    with sns.axes_style("whitegrid"), mpl.rc_context({"svg.hashsalt": "baserate", "svg.fonttype": "none"}):
        figure, axes = plt.subplots(
            len(families), 1, figsize=(7, 0.28 * sum(map(len, methods)) + 0.45 * len(families) + 0.4), sharex=True,
            layout="constrained", height_ratios=[len(m) + 1 for m in methods], squeeze=False,
        )  # fmt: skip
        for ax, family, names in zip(axes[:, 0], families, methods, strict=True):
            part = table[table["family"] == family].assign(coverage=lambda t: t["coverage"].clip(lower=0.6))
            colors = {name: "#0173b2" if name == "default" else "#98a2ac" for name in names}
            sns.stripplot(
                part, x="coverage", y="method", hue="method", order=names, palette=colors, size=2, jitter=0.3, ax=ax,
                legend=False, rasterized=True, alpha=0.6,
            )  # fmt: skip
            ax.axvline(0.95, color="#14202b", linewidth=0.8)
            ax.axvline(0.93, color="#14202b", linewidth=0.8, linestyle=":")
            ax.set(title=family, ylabel="", xlabel="coverage at nominal .95 (below .6 drawn at .6; dotted: .93)")
            ax.title.set(fontsize=9, ha="left", x=0)
            ax.tick_params(labelsize=8)
            ax.xaxis.label.set_size(8)
        figure.savefig(to, metadata={"Date": None}, dpi=160)
        plt.close(figure)
