"""Is a distribution another one than it should be: scores, classes, features.

Pure: time is an argument.
"""
