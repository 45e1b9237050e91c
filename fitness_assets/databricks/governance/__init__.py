"""Governance as code: what Unity Catalog should hold, what it holds, and the difference."""
