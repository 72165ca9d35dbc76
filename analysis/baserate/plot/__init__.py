"""A result in, Axes out: precomputed estimates and intervals, drawn beside the counts they rest on.

=============  ==================================================================
`rates`        dots with intervals, one row a group
`forest`       differences or odds ratios with intervals and verdicts
`heatmap`      a grid of rates by two columns
`paths`        which acts runs went through, a bar a version
`curve`        a modeled rate along a number
`calibration`  observed against modeled rates
`dispersion`   how far prompts lie from the rate of their combination
`influence`    a contrast with each prompt left out
`draw`         the figure that fits any result, what `.plot()` calls
=============  ==================================================================

matplotlib and seaborn are imported when something is drawn.
"""

from baserate.plot.any_result import draw as draw
from baserate.plot.cells import heatmap as heatmap
from baserate.plot.curves import curve as curve
from baserate.plot.diagnosis import calibration as calibration
from baserate.plot.diagnosis import dispersion as dispersion
from baserate.plot.diagnosis import influence as influence
from baserate.plot.dots import rates as rates
from baserate.plot.intervals import forest as forest
from baserate.plot.paths import paths as paths

__all__ = ["calibration", "curve", "dispersion", "draw", "forest", "heatmap", "influence", "paths", "rates"]
