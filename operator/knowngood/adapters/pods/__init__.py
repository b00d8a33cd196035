"""Requests to pods themselves."""
