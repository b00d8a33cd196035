"""Prometheus-compatible endpoints, read through prometheus-api-client."""
