"""Colours that a colour-blind person tells apart (after Okabe and Ito), and that stand out on light and on dark."""

BLUE = "#3a86d4"
ORANGE = "#e07b00"
GREEN = "#009e73"
PURPLE = "#b0699f"
SKY = "#56b4e9"
VERMILION = "#d55e00"
GREY = "#8a97a6"
SERIES_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, GREY, "#c2a400", "#5c6bc0", "#8d6e63")
"""In this order, so that what is named first always has the first colour."""

ZONE_COLOURS = ("#9aa5b1", "#7c8bd6", SKY, GREEN, "#e69f00", VERMILION)
"""Heart-rate zones 0 to 5, from rest to maximum: cool to warm, and of different lightness."""

HEAT_SCALE = [[0.0, "rgba(58,134,212,0.07)"], [0.5, "rgba(58,134,212,0.55)"], [1.0, "rgba(58,134,212,1)"]]
"""From almost the page's own colour to blue, so that it is right on light and on dark."""


def transparent(colour: str, opacity: float = 0.14) -> str:
    """The colour, mostly transparent."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
