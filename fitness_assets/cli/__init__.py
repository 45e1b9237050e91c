"""The command line: `fitness-assets`."""
