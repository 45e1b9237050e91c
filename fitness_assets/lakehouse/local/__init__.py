"""Tables in folders, readable by any Delta reader. Few rows are found, read and committed in this process."""
