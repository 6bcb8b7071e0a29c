"""Importers: a shop's data from a file into the store: tau2 whole or not at all, product feeds row by row."""
