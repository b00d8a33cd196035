"""Incidents as records for a SIEM: what is told of them, in the words of three formats.

Pure. Every record follows from what an incident does not take back, so one that is sent again says the same under the
same id, and whoever receives it can drop it.
"""
