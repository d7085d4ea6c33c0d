"""The rules of the pairing: pure functions from facts to decisions."""
