"""Sample data: any amount of believable people, visits, workouts and heart rates, from a seed."""
