"""Why each method is used, and who published it: what `explain` says below what was computed."""

from __future__ import annotations

import re

_REASONS = {  # a pattern of a method's name, and what is said of it
    r"cautious wilson": "Runs on one prompt resemble each other, so they are worth fewer independent ones: Wilson's "
    "interval (1927) is taken at the effective number of runs (Korn & Graubard 1998), made wider where few prompts "
    "show the rarer outcome.",
    r"within-prompt": "For these very prompts only the chance between runs of one prompt counts, so the variance "
    "within prompts is used (Cochran 1977, stratified sampling) in Wilson's interval (1927).",
    r"^wilson$": "Wilson's score interval (1927) covers about as often as it says at every rate, where p ± 1.96 s.e. "
    "does not (Brown, Cai & DasGupta 2001).",
    r"clopper-pearson": "Clopper and Pearson's interval (1934) covers at least as often as it says, at any rate and n.",
    r"miettinen-nurminen": "Miettinen and Nurminen's score interval (1985) agrees with its test, and holds near 0 and "
    "100% where Wald's does not.",
    r"newcombe": "Newcombe's interval (1998) joins the Wilson limits of both rates.",
    r"tango": "Both versions ran the same prompts once, so they are compared in pairs (Tango 1998; McNemar's mid-p).",
    r"\bmover\b": "The limits of the two rates are joined by MOVER (Zou & Donner 2008), which keeps their asymmetry "
    "near 0 and 100%; versions that share prompts vary together, which their correlation r takes into account.",
    r"t of the difference": "The difference of prompt means has Student's t distribution, about.",
    r"confidence sequence": "A confidence sequence holds however often, and whenever, one looks (Howard et al. 2021; "
    "Waudby-Smith & Ramdas 2024).",
    r"maximum likelihood": "Nothing separates and events are many, so that maximum likelihood has little bias.",
    r"Firth": "Firth's penalty (1993) keeps estimates finite where the data separate, and takes off the bias of few "
    "events (Heinze & Schemper 2002).",
    r"CR2": "Prompts are a sample, so errors are clustered on them by CR2, with Satterthwaite's degrees of freedom "
    "(Bell & McCaffrey 2002; Pustejovsky & Tipton 2018), which holds with few prompts.",
    r"wild score bootstrap": "The wild score bootstrap over prompts (Kline & Santos 2012) stays valid where the data "
    "separate and prompts are few.",
    r"random intercept": "Random intercepts let prompts differ, and rates are averaged over them (Breslow & Clayton "
    "1993).",
    r"rogan-gladen": "Rogan and Gladen's estimate (1978) turns the judged rate into the true one by the judge's "
    "sensitivity and specificity; its interval holds their error too (Lang & Reiczigel 2014).",
    r"\bppi": "Prediction-powered inference uses the judge on all runs and the human labels to correct it "
    "(Angelopoulos, Duchi & Zrnic 2023).",
    r"permutation": "The permutation test exchanges whole prompts, so runs on one prompt need not be independent.",
}


def reasons(method: str) -> list[str]:
    """Say why the methods that a name holds are used.

    Parameters
    ----------
    method : str
        As a result names it.

    Returns
    -------
    list of str
        A sentence a method, with its source.

    Examples
    --------
    >>> reasons("newcombe")
    ["Newcombe's interval (1998) joins the Wilson limits of both rates."]
    """
    parts = method.split(" or ")
    return [text for pattern, text in _REASONS.items() if any(re.search(pattern, part, re.I) for part in parts)]
