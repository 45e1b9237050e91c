"""What the rows of each table are: pure functions from DataFrames to DataFrames, the clock passed in."""
