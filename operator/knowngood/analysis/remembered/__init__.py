"""Comparisons with what is remembered: a frozen baseline, or a version's own past.

There is no second version in the same minutes, so what is found is a change, and not whose fault
it is. The promise is a rate: how much judged time passes until a false alarm.

Pure: time is an argument.
"""
