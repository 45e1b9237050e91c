"""Compute policies and the secret scope as code."""
