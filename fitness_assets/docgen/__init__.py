"""The parts of the documents that are written from contracts, checks and settings; a test holds them up to date."""
