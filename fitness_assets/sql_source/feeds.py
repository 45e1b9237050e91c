"""Which feeds are extracted, and where what was extracted of them is remembered."""

from fitness_assets.contracts.feeds import GYM_LOGINS, REGISTERED_USERS, FileFeed

EXTRACTED_FEEDS = (REGISTERED_USERS, GYM_LOGINS)
"""The feeds of the landing zone that the SQL source fills."""


def state_prefix(feed: FileFeed) -> str:
    """Where in the checkpoint zone everything lies that remembers what was extracted."""
    return f"sql_source/{feed.name}"
