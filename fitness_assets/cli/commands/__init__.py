"""A module a command, in a folder of what they are about."""
