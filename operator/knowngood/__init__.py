"""Knowngood: judges every version of an AI model and puts traffic back on a known-good one."""
