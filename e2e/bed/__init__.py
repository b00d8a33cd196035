"""A bed for stories, benches and demos: a cluster with Knowngood installed, and rooms on it.

bed = Bed.make(cluster)
with bed.room("a-good-canary") as room:
    room.serve(room.model)
    with room.load() as load:
        room.apply(room.model.next("2"))
        room.wait_for(lambda seen: seen.stable == "2", "version 2 is promoted", deadline_s=60)
"""

from e2e.bed.bed import Bed
from e2e.bed.gateways import Gateway
from e2e.bed.loan import LoanModel, Step, mirror, pause, weight
from e2e.bed.operator import Operator
from e2e.bed.policy import LoanPolicy
from e2e.bed.room import Room
from e2e.bed.seen import Seen, Told
from e2e.bed.waiting import ConditionLost, NotInTime, holds, wait_for

__all__ = [
    "Bed",
    "ConditionLost",
    "Gateway",
    "LoanModel",
    "LoanPolicy",
    "NotInTime",
    "Operator",
    "Room",
    "Seen",
    "Step",
    "Told",
    "holds",
    "mirror",
    "pause",
    "wait_for",
    "weight",
]
