"""One part of a page that fails is a calm card; the others are there."""

import logging
from collections.abc import Callable

from dash.development.base_component import Component

from fitness_assets.dashboard.components.cards import card
from fitness_assets.dashboard.components.empty_state import empty_state
from fitness_assets.errors import FitnessError

_LOG = logging.getLogger(__name__)


def error_boundary(
    title: str, render: Callable[[], Component], span: int = 12, fallback: Component | None = None
) -> Component:
    """What is rendered, or a calm card (or the fallback) in its place; the cause goes to the server's log."""
    try:
        return render()
    except FitnessError as error:
        _LOG.warning("%s: %s", title, error)
        content = empty_state("This cannot be shown.", str(error).splitlines()[0])
    except Exception:  # whatever it is, the log has it and the other cards go on
        _LOG.exception("%s could not be shown", title)
        hint = "It is tried again by itself in a moment. If it stays, the dashboard's log says why."
        content = empty_state("This could not be shown just now.", hint)
    return fallback or card(title, content, span=span)
