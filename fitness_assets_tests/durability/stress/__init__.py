"""Random sequences of what people and machines do to a platform; afterwards one update makes every table right."""

from fitness_assets_tests.durability.stress.sequence import Sequence, Step, steps_of

__all__ = ["Sequence", "Step", "steps_of"]
