"""Readings: selectors, query plans, raw series, and exact counts made of them.

Pure: time is an argument.
"""
