"""Judging: tests that are valid at every look, and the verdicts made of them.

Pure: time is an argument.
"""
