"""Commits to tables in folders, made by this process: data files, the actions that name them, and one put-if-absent.

A MERGE here rewrites each file that holds a changed row by itself, so that a file keeps its stretch of the table's
order, and what an update costs does not follow how many updates there were before.
"""
