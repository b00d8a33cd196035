"""Incidents as they are when people look back at them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from knowngood.api.v1alpha1 import Incident
from knowngood.exporting.texts import clean

ONSET = datetime(2026, 11, 28, 21, 59, 28, tzinfo=UTC)
DETECTED = ONSET + timedelta(seconds=5)
UID = "0f8fad5b-d9cb-469f-a165-70867728950e"
PROOF = "approval-rate of version 2 is 0.2075 (11 of 53) against 0.4839 (285 of 589) of version 1"


def at(seconds: float) -> str:
    return (DETECTED + timedelta(seconds=seconds)).isoformat()


def entry(seq: int, seconds: float, csf: str, text: str) -> dict[str, Any]:
    told = {"seq": seq, "time": at(seconds), "csf": csf, "actor": "operator", "text": text}
    return {**told, "hash": f"{seq:064x}"}


def evidence(number: int = 1, message: str = PROOF, **more: object) -> dict[str, Any]:
    return {
        "id": f"e{number}",
        "trigger": "approval-rate-drop",
        "policy": "lending",
        "verdict": "Breached",
        "message": message,
        "signal": "approval-rate",
        "statistic": "997.4",
        "limit": "222.2",
        "samples": 53,
        "events": 11,
        "referenceSamples": 589,
        "referenceEvents": 285,
        "estimate": "0.2075",
        "effect": "-0.2764",
        "guarantee": "proved at 0.45 % false alarms per rollout",
        "query": 'model_predictions_total{outcome="approved"} / model_predictions_total',
        "since": ONSET.isoformat(),
        "until": DETECTED.isoformat(),
        **more,
    }


def opened(**status: object) -> dict[str, Any]:
    """As it is written first: onset, evidence, and what is done."""
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {"name": "loan-approval-1", "namespace": "lending", "uid": UID},
        "spec": {
            "modelRef": {"name": "loan-approval", "uid": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
            "origin": "Trigger",
        },
        "status": {
            "phase": "Detected",
            "severity": "Critical",
            "summary": f"version 2 of loan-approval is taken back: {PROOF}",
            "subject": {"version": "2", "role": "Canary"},
            "fallback": {"version": "1"},
            "containment": "Pending",
            "evidence": [evidence()],
            "timeline": [
                entry(1, -5, "DE.AE", "version 2 starts to differ (estimated from the counts)"),
                entry(2, 0, "DE.AE", PROOF),
                entry(3, 0, "RS.MI", "all requests are sent back to version 1; 2 gets none"),
            ],
            "clocks": {"onset": ONSET.isoformat(), "detected": DETECTED.isoformat()},
            **status,
        },
    }


def closed(resolution: str = "Resolved") -> dict[str, Any]:
    """The same a day later: contained, taken by alice and closed by bob."""
    body = opened(phase="Closed", resolution=resolution, containment="Verified")
    body["spec"]["acknowledgement"] = {"by": "alice"}
    body["spec"]["close"] = {"by": "bob", "resolution": "Resolved"}
    status = body["status"]
    status["timeline"] += [
        entry(4, 0.1, "RS.MI", "the gateway was seen to give version 2 no requests"),
        entry(5, 60, "RS.CO", "acknowledged by alice"),
        entry(6, 86_400, "RC.RP", f"closed as {resolution} by bob; no traffic moves"),
    ]
    status["clocks"] |= {"contained": at(0.1), "acknowledged": at(60), "closed": at(86_400)}
    status["attained"] = {"rto": "5s100ms", "fromDetection": "100ms"}
    return body


def read(body: dict[str, Any]) -> Incident:
    return Incident.model_validate(body)


def longest(text: str) -> Incident:
    """An incident with all that it may hold, and a text of somebody else wherever there is one."""
    body = closed()
    safe = clean(text)  # the API server takes no control characters there
    share, count = "-0." + "1" * 29, 10**12
    numbers = {"samples": count, "events": count, "estimate": share, "effect": share}
    numbers |= {"referenceSamples": count, "referenceEvents": count, "statistic": share}
    segments = [
        {"segment": f"{n:02}" + safe[:62], "verdict": "Breached", **numbers} for n in range(12)
    ]
    words = text[:2048]
    told = evidence(
        message=words,
        trigger=text[:64],
        query=words,
        guarantee=words,
        segments=segments,
        named=[s["segment"] for s in segments],
    )
    body["status"] |= {"evidence": [told], "summary": words}
    body["spec"]["acknowledgement"] = {"by": text[:253]}
    for one in body["status"]["timeline"]:
        one |= {"text": words, "actor": text[:253], "csf": text[:16]}
    return read(body)
