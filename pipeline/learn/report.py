"""The comparison of two models as one HTML page that needs nothing else: tables, and charts drawn here."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from pipeline.learn.plot import draw_calibration, draw_intervals, draw_shares
from pipeline.store.models import Trained

FIGURES = {
    "f1": "F1",
    "auc": "AUC",
    "brier": "Brier score (small is good)",
    "ece": "calibration error (small is good)",
    "recall": "share found",
}


def write_report(model: Trained, report: Mapping[str, Any]) -> str:
    """The page. Names and ids come from the database, so everything is escaped."""
    languages = report["languages"]
    figures = [name for name in FIGURES if any(name in row for row in languages.values())]
    charts = [draw_intervals(FIGURES[name], {key: row[name] for key, row in languages.items()}) for name in figures]
    curves = [draw_calibration(name, row["curve"], row["curve_live"]) for name, row in languages.items() if "curve" in row]
    shares = draw_shares("flagged though not relevant", report["negative_classes"]) if report.get("negative_classes") else ""
    page = _load_environment().get_template("report.html")
    return page.render(
        model=model,
        report=report,
        figures={name: FIGURES[name] for name in figures},
        charts=[Markup(chart) for chart in [*charts, *curves, shares]],  # noqa: S704  # drawn by plot.py from numbers and fixed names
    )


@cache
def _load_environment() -> Environment:
    return Environment(loader=PackageLoader("pipeline.learn"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
