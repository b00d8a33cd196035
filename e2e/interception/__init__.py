"""Stand between the operator and the API server, and end the operator at the worst moment of a write.

with Killer.before(cluster, operator) as killer:
    killer.at_writes_in(room.name, always)
    ...
"""

from e2e.interception.killer import Killer, always, at, never

__all__ = ["Killer", "always", "at", "never"]
