"""Kopf: the informer of our own kinds. It stores and enqueues, and decides nothing."""
