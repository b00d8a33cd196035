"""Commands of people as records, held against the schema that is published where there is one."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.exporting.command_formats import command_ocsf
from knowngood.exporting.commands import (
    CommandRecord,
    command_position,
    commands_since,
    with_command_export,
)
from knowngood.exporting.formats import Format, line, written
from tests.control.manifests import a_model
from tests.exporting.cases import DETECTED, at
from tests.exporting.test_ocsf import check

Json = dict[str, Any]


def command(seq: int = 1, seconds: float = 0, **more: object) -> Json:
    return {
        "seq": seq,
        "nonce": "2026-11-28T21:59:33Z",
        "verb": "promote",
        "version": "8",
        "by": "alice",
        "result": "Done",
        "time": at(seconds),
        **more,
    }


REFUSED = command(2, 5, verb="force", by="unverified", claimed="eve", result="Refused",
                  message="given 12 minutes ago; a command is good for 10 minutes")  # fmt: skip
UNREAD = command(3, 9, verb="", version="", by="unverified", result="Refused", message="?")


def commanded(*commands: Json, **status: object) -> AIModelDeployment:
    body = a_model() | {"status": {"commands": list(commands), **status}}
    body["metadata"]["uid"] = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    return AIModelDeployment.model_validate(body)


def records(*commands: Json) -> tuple[CommandRecord, ...]:
    return commands_since(commanded(*commands), 0)


def test_commands_fit_the_published_schema_whatever_became_of_them() -> None:
    found = [command_ocsf(r) for r in records(command(), REFUSED, UNREAD)]

    for event in found:
        check(event)
    assert [(e["status"], e["severity"]) for e in found] == [
        ("Success", "Informational"), ("Failure", "Low"), ("Failure", "Low")]  # fmt: skip
    assert found[1]["status_detail"] == REFUSED["message"]
    assert [e["metadata"]["sequence"] for e in found] == [1, 2, 3]


def test_a_name_that_nothing_proves_never_stands_where_a_proved_one_does() -> None:
    """Whoever searches for what eve has done must not find what somebody did in her name."""
    (record,) = records(REFUSED)
    ocsf, ecs, cef = (written(record, form, "on-call") for form in Format)

    assert isinstance(ocsf, dict)
    assert isinstance(ecs, dict)
    assert "actor" not in ocsf
    assert "user" not in ecs
    assert "suser" not in cef
    assert ocsf["unmapped"]["claimed_by"] == ecs["knowngood"]["command"]["claimed_by"] == "eve"
    assert "cs2Label=claimedBy cs2=eve" in cef
    assert "eve" not in ocsf["message"]


def test_a_proved_name_is_the_actor_in_every_format() -> None:
    (record,) = records(command())
    ocsf, ecs, cef = (written(record, form, "on-call") for form in Format)

    assert isinstance(ocsf, dict)
    assert isinstance(ecs, dict)
    assert ocsf["actor"] == {"user": {"name": "alice"}}
    assert ecs["user"] == {"name": "alice"}
    assert "suser=alice" in cef
    assert "CEF:0|Knowngood|Knowngood|v1alpha1|command.done|" in cef


@settings(deadline=None)
@given(text=st.text(min_size=1))
def test_words_of_others_make_one_short_line_in_every_format(text: str) -> None:
    hostile = command(
        nonce=text[:64], verb=text[:64], version=text[:64], message=text[:2048],
        by="unverified", claimed=text[:253], result="Refused",
    )  # fmt: skip
    (record,) = records(hostile)

    check(command_ocsf(record))
    for form in Format:
        shown = line(written(record, form, "on-call"))
        assert len(shown.splitlines()) == 1
        assert len(shown.encode()) < 8000
        if form is not Format.CEF:
            json.loads(shown)


def test_the_same_command_has_the_same_id_and_another_one_with_its_number_has_another() -> None:
    """After a status was lost numbers begin anew."""
    first, again = records(command()), records(command())
    (later,) = records(command(seconds=60))

    assert first[0].uid == again[0].uid != later.uid


@pytest.mark.parametrize(
    ("exports", "age", "position"),
    [
        pytest.param({"soc": 2}, 99.0, 2, id="it goes on where it was"),
        pytest.param({}, 0.0, 0, id="a new one begins with what was given lately"),
        pytest.param({}, 99.0, 3, id="and not with what is old"),
        pytest.param({"other": 3}, 0.0, 0, id="another one is another one"),
    ],
)
def test_where_a_sink_begins(exports: dict[str, int], age: float, position: int) -> None:
    told = [{"sink": name, "seq": seq} for name, seq in exports.items()]
    model = commanded(command(), REFUSED, UNREAD, commandExports=told)

    assert command_position(model, "soc", DETECTED + timedelta(hours=age)) == position


def test_what_fell_out_before_a_new_sink_came_is_not_counted_as_lost() -> None:
    model = commanded(command(25, 1), command(26, 2))

    assert command_position(model, "soc", DETECTED) == 24


def test_a_cursor_is_noted_beside_those_of_others() -> None:
    model = commanded(command(), commandExports=[{"sink": "lake", "seq": 1}])

    found = with_command_export(model, "soc", 1, {"soc", "lake"})

    assert {e.sink: e.seq for e in found.command_exports} == {"lake": 1, "soc": 1}
    assert found.commands == (model.status or found).commands
