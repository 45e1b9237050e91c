"""The parts of docs/ that are written from the contracts. A test holds them equal to what is there."""
