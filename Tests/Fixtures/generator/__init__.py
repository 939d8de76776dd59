"""Writes the golden files beside this folder, with `reference` as the truth."""
