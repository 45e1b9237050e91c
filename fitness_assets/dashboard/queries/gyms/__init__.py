"""Visits to the gyms, and the time spent exercising there."""
