"""Measurements of the whole system on the local cluster."""
