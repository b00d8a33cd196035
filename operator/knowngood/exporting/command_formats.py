"""Commands in the words of each format. OCSF has them as Entity Management (3004): somebody changes what is managed.

API Activity (6003) would ask for the address that a request came from, which only the API server knows.
"""

from collections.abc import Iterator
from typing import Any, Final

from knowngood.exporting.cef import API, header_of, labelled, value_of
from knowngood.exporting.commands import CommandRecord
from knowngood.exporting.ecs import ECS_VERSION, OBSERVER
from knowngood.exporting.ocsf import OCSF_VERSION, PRODUCT
from knowngood.exporting.texts import NAME, SHORT, clean, instant, milliseconds

ENTITY_MANAGEMENT: Final = 3004
_UPDATE: Final = 3
_OTHER: Final = 99

Event = dict[str, Any]


def command_ocsf(record: CommandRecord) -> Event:
    """Write a command as an OCSF event: Informational, or Low where it was refused."""
    meta, command = record.model.metadata, record.command
    refused = record.is_refused
    actor = {"actor": {"user": {"name": clean(record.by, NAME)}}} if record.by else {}
    why = {"status_detail": clean(command.message)} if command.message else {}
    return {
        "category_uid": 3,
        "category_name": "Identity & Access Management",
        "class_uid": ENTITY_MANAGEMENT,
        "class_name": "Entity Management",
        "activity_id": _UPDATE,
        "activity_name": "Update",
        "type_uid": ENTITY_MANAGEMENT * 100 + _UPDATE,
        "type_name": "Entity Management: Update",
        "time": milliseconds(record.at),
        "severity_id": 2 if refused else 1,
        "severity": "Low" if refused else "Informational",
        "status_id": 2 if refused else 1,
        "status": "Failure" if refused else "Success",
        **why,
        "message": clean(record.words),
        "metadata": {
            "version": OCSF_VERSION,
            "product": PRODUCT,
            "uid": record.uid,
            "correlation_uid": meta.uid,
            "sequence": record.number,
            "log_name": "commands",
        },
        **actor,
        "entity": {
            "name": meta.name,
            "uid": meta.uid,
            "type_id": _OTHER,
            "type": "AIModelDeployment",
            **({"version": clean(command.version, SHORT)} if command.version else {}),
        },
        "unmapped": _unmapped(record),
    }


def command_ecs(record: CommandRecord) -> Event:
    """Write a command as a document of the Elastic Common Schema."""
    meta, command, refused = record.model.metadata, record.command, record.is_refused
    version = {"version": clean(command.version, SHORT)} if command.version else {}
    why = {"reason": clean(command.message)} if command.message else {}
    return {
        "@timestamp": instant(record.at),
        "ecs": {"version": ECS_VERSION},
        "message": clean(record.words),
        "event": {
            "id": record.uid,
            "kind": "event",
            "module": "knowngood",
            "dataset": "knowngood.command",
            "provider": "knowngood",
            "category": ["configuration"],
            "type": ["info" if refused else "change"],
            "outcome": "failure" if refused else "success",
            "action": "command-refused" if refused else "command-done",
            "sequence": record.number,
            **why,
        },
        "observer": OBSERVER,
        "orchestrator": {
            "type": "kubernetes",
            "namespace": meta.namespace,
            "resource": {"type": "aimodeldeployment", "name": meta.name},
        },
        "service": {"name": meta.name, **version},
        **({"user": {"name": clean(record.by, NAME)}} if record.by else {}),
        "knowngood": {"command": _unmapped(record)},
    }


def command_cef(record: CommandRecord) -> str:
    """Write a command as a line of CEF."""
    refused = record.is_refused
    kind = "command.refused" if refused else "command.done"
    name = header_of(clean(f"Command to {record.model.metadata.name}: {record.said}", 512))
    severity = "3" if refused else "1"
    header = "|".join(("CEF:0", "Knowngood", "Knowngood", API, kind, name, severity))
    return f"{header}|" + " ".join(f"{k}={value_of(v)}" for k, v in _fields(record) if v)


def _fields(record: CommandRecord) -> Iterator[tuple[str, str]]:
    meta, command = record.model.metadata, record.command
    yield "rt", str(milliseconds(record.at))
    yield "externalId", record.uid
    yield "cat", "command"
    yield "act", clean(command.verb, SHORT)
    yield "msg", record.words
    yield "outcome", str(command.result)
    yield "suser", clean(record.by, NAME)
    yield "reason", clean(command.message or "")
    yield from labelled("cs1", "model", f"{meta.namespace}/{meta.name}")
    yield from labelled("cs2", "claimedBy", clean(command.claimed or "", NAME))
    yield from labelled("cs3", "version", clean(command.version, SHORT))
    yield from labelled("cs4", "nonce", clean(command.nonce, SHORT))
    yield from labelled("cn1", "seq", str(command.seq))


def _unmapped(record: CommandRecord) -> Event:
    meta, command = record.model.metadata, record.command
    told = {
        "model": f"{meta.namespace}/{meta.name}",
        "verb": clean(command.verb, SHORT),
        "version": clean(command.version, SHORT),
        "nonce": clean(command.nonce, SHORT),
        "result": str(command.result),
        "proved": "yes" if record.by else "no",
        "claimed_by": clean(command.claimed or "", NAME),
    }
    return {name: value for name, value in told.items() if value}
