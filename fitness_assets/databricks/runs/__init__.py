"""The same updates as runs on a workspace: submitted, followed and cleaned up after here, executed there."""
