"""What may have been written down about a model before: every phase, in the ways that matter."""

from datetime import timedelta

from knowngood.api.v1alpha1 import FailureReason, Phase, Standing, WaitingFor
from tests.decisions.state import GATE, NOW, STEPS, State

__all__ = ["GATE", "NOW", "OTHER_STATES", "ROLLING_STATES", "STATES", "STEPS", "State"]

ROLLING_STATES = {
    "no share yet": State(
        Phase.PROGRESSING,
        canary="8",
        weights={"7": 100, "8": 0},
        step=0,
        waiting=WaitingFor.PODS,
    ),
    "first share asked for": State(
        Phase.PROGRESSING,
        canary="8",
        weights={"7": 90, "8": 10},
        step=0,
        waiting=WaitingFor.ROUTE,
    ),
    "copies are sent": State(
        Phase.PAUSED, canary="8", weights={"7": 100, "8": 0}, step=1, mirror=40
    ),
    "tried by people": State(
        Phase.PAUSED, canary="8", weights={"7": 90, "8": 10}, step=1, tested=True
    ),
    "pausing": State(
        Phase.PAUSED, canary="8", weights={"7": 90, "8": 10}, step=1, waiting=WaitingFor.TIME
    ),
    "pause is over": State(
        Phase.PAUSED,
        canary="8",
        weights={"7": 90, "8": 10},
        step=1,
        age=timedelta(minutes=6),
    ),
    "larger share wanted": State(
        Phase.PROGRESSING, canary="8", weights={"7": 90, "8": 10}, step=2, draining=("6",)
    ),
    "waiting for a person": State(
        Phase.PAUSED, canary="8", weights={"7": 50, "8": 50}, step=3, waiting=WaitingFor.PERSON
    ),
    "all steps done": State(Phase.PROGRESSING, canary="8", weights={"7": 50, "8": 50}, step=GATE),
    "at the gate": State(
        Phase.PAUSED, canary="8", weights={"7": 50, "8": 50}, step=GATE, waiting=WaitingFor.SAMPLES
    ),
    "promoting": State(
        Phase.PROMOTING, canary="8", weights={"7": 50, "8": 50}, step=GATE, waiting=WaitingFor.PODS
    ),
    "promoted without a share": State(
        Phase.PROMOTING, canary="8", weights={"7": 100, "8": 0}, step=GATE, waiting=WaitingFor.PODS
    ),
    "promoted, not seen yet": State(
        Phase.PROMOTING, canary="8", weights={"7": 0, "8": 100}, step=GATE, waiting=WaitingFor.ROUTE
    ),
    "promoted, holding back, not seen yet": State(
        Phase.PROMOTING,
        canary="8",
        weights={"7": 5, "8": 95},
        step=GATE,
        waiting=WaitingFor.ROUTE,
        holdback=5,
    ),
    "coming back": State(
        Phase.PROGRESSING,
        canary="8",
        weights={"7": 100, "8": 0},
        step=GATE,
        returns=True,
        stands={"8": Standing.KNOWN_GOOD},
    ),
    "coming back, not seen yet": State(
        Phase.PROMOTING,
        canary="8",
        weights={"7": 0, "8": 100},
        step=GATE,
        waiting=WaitingFor.ROUTE,
        returns=True,
        stands={"7": Standing.KNOWN_GOOD, "8": Standing.KNOWN_GOOD},
    ),
}
OTHER_STATES = {
    "new": State(None, stable="", recorded=False),
    "status lost": State(None, stable=""),
    "first version starts": State(Phase.INITIALIZING, stable="", step=0, waiting=WaitingFor.PODS),
    "first version gets the traffic": State(
        Phase.INITIALIZING, stable="", weights={"8": 100}, step=0, waiting=WaitingFor.ROUTE
    ),
    "at rest": State(Phase.PROBATION, weights={"7": 100}),
    "at rest, draining": State(Phase.PROBATION, weights={"7": 100, "6": 0}, draining=("6",)),
    "at rest, with a standby": State(
        Phase.PROBATION,
        weights={"7": 100},
        shadow="8",
        stands={"8": Standing.KNOWN_GOOD},
    ),
    "in probation, with a standby that gets copies": State(
        Phase.PROBATION,
        weights={"7": 100, "8": 0},
        shadow="8",
        mirror=40,
        stands={"8": Standing.KNOWN_GOOD},
    ),
    "guarding, with a standby that gets copies": State(
        Phase.GUARDING,
        weights={"7": 100, "8": 0},
        shadow="8",
        mirror=40,
        stands={"7": Standing.KNOWN_GOOD, "8": Standing.KNOWN_GOOD},
    ),
    "rolling back": State(
        Phase.ROLLING_BACK,
        canary="8",
        weights={"7": 100, "8": 0},
        step=1,
        failed=FailureReason.BREACHED,
        incident=True,
    ),
    "superseded": State(
        Phase.ROLLING_BACK,
        canary="8",
        weights={"7": 100, "8": 0},
        step=1,
        failed=FailureReason.SUPERSEDED,
    ),
    "rolled back": State(
        Phase.ROLLED_BACK,
        weights={"7": 100, "8": 0},
        step=1,
        failed=FailureReason.ABORTED,
        draining=("8",),
    ),
    "rolled back, with a standby that gets copies": State(
        Phase.ROLLED_BACK,
        weights={"7": 100, "8": 0},
        shadow="8",
        mirror=40,
        stands={"7": Standing.KNOWN_GOOD, "8": Standing.KNOWN_GOOD},
    ),
    "just promoted": State(
        Phase.PROBATION, stable="8", weights={"8": 100, "7": 0}, draining=("7",), undo_to="7"
    ),
    "held back": State(
        Phase.PROBATION,
        stable="8",
        weights={"8": 95, "7": 5},
        undo_to="7",
        held="7",
        holdback=5,
        stands={"8": Standing.PROBATION},
    ),
    "held back, without a share": State(
        Phase.PROBATION,
        stable="8",
        weights={"8": 100, "7": 0},
        undo_to="7",
        held="7",
        holdback=5,
        stands={"8": Standing.PROBATION},
    ),
    "held back for nothing": State(
        Phase.PROBATION,
        stable="8",
        weights={"8": 100, "7": 0},
        undo_to="7",
        held="7",
        ends=True,
        holdback=5,
        stands={"8": Standing.PROBATION},
    ),
    "held back, and known good": State(
        Phase.GUARDING,
        stable="8",
        weights={"8": 95, "7": 5},
        undo_to="7",
        held="7",
        holdback=5,
        stands={"8": Standing.KNOWN_GOOD},
    ),
    "returning from being held back": State(
        Phase.ROLLING_BACK,
        stable="8",
        weights={"8": 95, "7": 5},
        step=0,
        waiting=WaitingFor.PODS,
        failed=FailureReason.UNDONE,
        undo_to="7",
        returning="7",
        held="7",
        holdback=5,
        stands={"8": Standing.PROBATION},
    ),
    "rolled back to a known good version": State(
        Phase.ROLLED_BACK,
        weights={"7": 100, "8": 0},
        step=1,
        failed=FailureReason.ABORTED,
        draining=("8",),
        stands={"7": Standing.KNOWN_GOOD},
    ),
    "at rest, just found good": State(
        Phase.PROBATION, weights={"7": 100}, stands={"7": Standing.KNOWN_GOOD}
    ),
    "guarding": State(
        Phase.GUARDING,
        stable="8",
        weights={"8": 100},
        undo_to="7",
        stands={"8": Standing.KNOWN_GOOD},
    ),
    "guarding, not known good any more": State(Phase.GUARDING, stable="8", weights={"8": 100}),
    "returning": State(
        Phase.ROLLING_BACK,
        stable="8",
        weights={"8": 100, "7": 0},
        step=0,
        waiting=WaitingFor.PODS,
        failed=FailureReason.UNDONE,
        undo_to="7",
        returning="7",
    ),
    "containing": State(
        Phase.CONTAINING,
        stable="8",
        shadow="7",
        weights={"8": 100, "7": 0},
        step=0,
        waiting=WaitingFor.PODS,
        failed=FailureReason.BREACHED,
        trigger="errors",
        incident=True,
        returning="7",
        stands={"7": Standing.KNOWN_GOOD, "8": Standing.KNOWN_GOOD},
    ),
    "contained, not seen yet": State(
        Phase.CONTAINING,
        stable="7",
        canary="8",
        weights={"7": 100, "8": 0},
        step=0,
        waiting=WaitingFor.ROUTE,
        failed=FailureReason.BREACHED,
        trigger="errors",
        incident=True,
        returning="7",
        stands={"7": Standing.KNOWN_GOOD, "8": Standing.KNOWN_GOOD},
    ),
    "contained": State(
        Phase.CONTAINED,
        weights={"7": 100, "8": 0},
        step=0,
        failed=FailureReason.BREACHED,
        trigger="errors",
        incident=True,
        returning="7",
        draining=("8",),
        stands={"7": Standing.KNOWN_GOOD, "8": Standing.SUSPECT},
    ),
    "contained, by one that is suspect by now": State(
        Phase.CONTAINED,
        weights={"7": 100},
        step=0,
        failed=FailureReason.BREACHED,
        trigger="errors",
        returning="7",
        stands={"7": Standing.SUSPECT, "8": Standing.SUSPECT},
    ),
    "paused by a person": State(
        Phase.PAUSED,
        canary="8",
        weights={"7": 50, "8": 50},
        step=3,
        waiting=WaitingFor.RESUME,
        paused=True,
    ),
    "state lost": State(Phase.PAUSED, canary="8", weights={"7": 50, "8": 50}),
    "suspended": State(
        Phase.SUSPENDED,
        canary="8",
        weights={"7": 90, "8": 10},
        step=1,
        age=timedelta(hours=9),
        resume=Phase.PAUSED,
    ),
    "going": State(Phase.TERMINATING, weights=None),
}
STATES = ROLLING_STATES | OTHER_STATES
