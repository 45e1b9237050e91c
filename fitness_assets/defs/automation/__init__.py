"""When runs are asked for: sensors, schedules, and what keeps them from asking twice."""
