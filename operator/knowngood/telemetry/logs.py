"""Logs: one JSON object a line."""

import logging

from pythonjsonlogger.json import JsonFormatter

FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"


def configure(level: str) -> None:
    """Send logs to standard error as JSON.

    Args:
        level: Name of the lowest level that is written.
    """
    handler = logging.StreamHandler()
    names = {"asctime": "time", "levelname": "level", "name": "logger"}
    handler.setFormatter(JsonFormatter(FIELDS, rename_fields=names))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Kopf logs whole objects at DEBUG, and every event at INFO adds nothing to what we say ourselves.
    logging.getLogger("kopf").setLevel(max(logging.WARNING, root.level))
