"""Child processes: started, watched, found again and ended; their logs and ports."""
