"""A probe of a real workspace: what no documentation settles, asked on each kind of compute, and what follows from it.

Each question is a small function with its source; the answers are kept in the checkpoint zone, where updates read them.
"""
