"""For how long a visit or a workout whose end was never seen can be taken to go on."""

MAX_OPEN_VISIT_HOURS = 12
"""A visit open for longer is taken for one whose logout was never seen."""
MAX_WORKOUT_HOURS = 3
"""A workout without a stop for longer can never be a finished one (contract, section 4)."""
