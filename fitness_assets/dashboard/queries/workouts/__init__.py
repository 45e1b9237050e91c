"""The sessions of workouts: the list of them all, and each one with its heart rate."""
