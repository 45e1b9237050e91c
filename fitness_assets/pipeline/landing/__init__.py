"""The landing zone: which files are there, how one is read within bounded memory, and what its rows are.

A file is known by its name within the zone, wherever the zone lies, and by what is in it; its times say only that
it may have changed.
"""
