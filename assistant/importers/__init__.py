"""Importers: a shop's data from another system's file into the store, whole or not at all."""
