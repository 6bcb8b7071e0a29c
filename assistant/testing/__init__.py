"""Conversations played from end to end on a fresh shop, written ones and a simulated customer's: `aisle test`."""
