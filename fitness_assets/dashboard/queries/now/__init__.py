"""What goes on: people in the gyms, active workouts, and how much arrives how late."""
