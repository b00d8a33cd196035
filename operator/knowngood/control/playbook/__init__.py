"""Looks into incidents about what serves, beside everything else."""
