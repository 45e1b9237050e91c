"""The chart of the heart rate after the stop of a session."""

from dash.development.base_component import Component

from fitness_assets.dashboard.components.charts import figures
from fitness_assets.dashboard.components.palette import BLUE, GREY, ORANGE
from fitness_assets.dashboard.queries.workouts.session_detail import SessionDetail


def recovery_chart(session: SessionDetail) -> Component:
    """The heart rate from the last minute before the stop to the third after it, with what it fell by."""
    assert session.end_time is not None
    length = (session.end_time - session.start_time).total_seconds()
    points = [
        (second - length, rate)
        for second, rate in zip(
            session.curve["second"].to_pylist(), session.curve["heartrate"].to_pylist(), strict=True
        )
        if second >= length - 60
    ]
    recovery = session.recovery
    drops = ((60, recovery.after_60, recovery.drop_60), (120, recovery.after_120, recovery.drop_120))
    labels = [
        {
            "x": seconds,
            "y": rate,
            "text": f"<b>{'−' if drop > 0 else '+'}{abs(drop):.0f} bpm</b><br>after {seconds // 60} min",
            "showarrow": True,
            "arrowhead": 0,
            "arrowcolor": GREY,
            "ax": 28,
            "ay": -38,
            "align": "left",
        }
        for seconds, rate, drop in drops
        if rate is not None and drop is not None
    ]
    measured = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "hoverinfo": "skip",
        "x": [0, *(label["x"] for label in labels)],
        "y": [recovery.at_stop, *(label["y"] for label in labels)],
        "marker": {"size": 9, "color": ORANGE, "line": {"width": 2, "color": "#ffffff"}},
    }
    seconds, rates = [second for second, _ in points], [rate for _, rate in points]
    figure = figures.figure(
        [
            figures.line_trace("heart rate", seconds, rates, BLUE, hovertemplate="%{y:.0f} bpm<extra></extra>"),
            measured,
        ],
        x={"title": "seconds after the stop", "dtick": 30},
        y={"title": "beats a minute", "nticks": 6},
        shapes=[figures.vertical_line(0, "stop")[0]],
        annotations=labels,
    )
    fall = "unknown" if recovery.drop_60 is None else f"{recovery.drop_60:.0f} beats a minute"
    return figures.chart("recovery", figure, f"Heart rate after the stop; it fell by {fall} in the first minute", 260)
