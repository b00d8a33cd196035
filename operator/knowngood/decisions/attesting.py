"""A person's word for a version, or against it: it served well before Knowngood came, or it can not be trusted.

A word moves no traffic. It decides whom requests may be sent back to.
"""

from typing import Final

from knowngood.api.v1alpha1 import Standing
from knowngood.decisions.commands import Command
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.standings import stands

ATTESTED: Final = "Attested"
REVOKED: Final = "Revoked"

_NOT_YET: Final = {
    Standing.CANDIDATE: "has answered nobody yet",
    Standing.TRIAL: "is being rolled out: promote it, or wait until it is promoted",
    Standing.REJECTED: "was rejected: give the retry command, so that it is judged anew",
}


def attest(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Call a version known good; say in words why not."""
    version, standing = command.version, stands(s, plan, command.version)
    if standing is None:
        return _unknown(version)
    if standing is Standing.KNOWN_GOOD:
        return f"version {version} is known good already"
    if standing in _NOT_YET:
        return f"version {version} {_NOT_YET[standing]}"
    return plan.stand(version, Standing.KNOWN_GOOD, ATTESTED)


def revoke(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Call a version known good no more; say in words why not."""
    version, standing = command.version, stands(s, plan, command.version)
    if standing is None:
        return _unknown(version)
    if standing is not Standing.KNOWN_GOOD:
        return f"version {version} is not known good: it is {standing.lower()}"
    return plan.stand(version, Standing.SUSPECT, REVOKED)


def _unknown(version: str) -> str:
    return (
        f"version {version} is not recorded, or has no part in this model now: it must answer users, stand by, or be "
        "the one that the spec asks for"
    )
