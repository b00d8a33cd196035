"""Who has taken an incident where people are paged: what is signed is read, and what a person has said counts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1.notification_status import PagedBy
from knowngood.receivers.hooks import (
    NOBODY,
    Hook,
    Said,
    Unreadable,
    Unsigned,
    call_of,
    name_of,
)
from knowngood.receivers.opening_hooks import open_hooks
from knowngood.receivers.pagerduty_hooks import PagerDutyHook
from knowngood.receivers.receiver import parse_receivers
from knowngood.receivers.slack_hooks import SlackHook
from knowngood.sources.source import SourceProblem
from tests.receivers.paged import (
    ALICE,
    PROGRAM,
    SECRET,
    a_file,
    by_pagerduty,
    by_slack,
    event,
    mac,
    press,
)

NOW = datetime(2026, 11, 29, 22, tzinfo=UTC)
UID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture
def pager(tmp_path: Path) -> Hook:
    return PagerDutyHook("oncall", a_file(tmp_path))


@pytest.fixture
def slack(tmp_path: Path) -> Hook:
    return SlackHook("channel", a_file(tmp_path))


def test_who_acknowledges_in_pagerduty_is_known_by_their_name_and_the_key_that_was_sent(
    pager: Hook,
) -> None:
    body = event(UID)

    assert pager.read(by_pagerduty(body), body, NOW) == Said(UID, ALICE, "PagerDuty", "oncall")  # type: ignore[arg-type]  # the word of the enumeration


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(event(UID, agent=PROGRAM), id="a program, such as we ourselves"),
        pytest.param(event(UID, agent=None), id="nobody knows who"),
        pytest.param(event(UID, kind="incident.resolved"), id="it is resolved there"),
        pytest.param(event(UID, kind="incident.unacknowledged"), id="somebody gives it back"),
        pytest.param(event(UID, kind="pagey.ping"), id="a test of the webhook"),
    ],
)
def test_what_says_nothing_about_who_has_it_is_no_acknowledgement(pager: Hook, body: bytes) -> None:
    assert pager.read(by_pagerduty(body), body, NOW) is None


def test_one_of_several_signatures_is_enough_while_a_secret_is_changed(
    pager: Hook, tmp_path: Path
) -> None:
    body = event(UID)
    both = by_pagerduty(body, "of-before", SECRET)
    assert pager.read(both, body, NOW) is not None
    spaced = {name: value.replace(",", ", ") for name, value in both.items()}
    assert pager.read(spaced, body, NOW) is not None

    a_file(tmp_path, "of-after")

    with pytest.raises(Unsigned):
        pager.read(both, body, NOW)
    assert pager.read(by_pagerduty(body, "of-after"), body, NOW) is not None


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v1=",
        "v1",
        "v2={mac}",
        "{mac}",
        "V1={mac}",
        "v1={mac}0",
        "v1={upper}",
        "v1=\udcff",
        "é,,",
    ],
)
def test_a_signature_that_is_not_ours_is_refused(pager: Hook, signature: str) -> None:
    body = event(UID)
    found = mac(SECRET, body)
    headers = {"X-PagerDuty-Signature": signature.format(mac=found, upper=found.upper())}

    for each in (headers, {}, by_pagerduty(body, "another")):
        with pytest.raises(Unsigned):
            pager.read(each, body, NOW)
    with pytest.raises(Unsigned):
        pager.read(by_pagerduty(body), body + b" ", NOW)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"event": 1}', b'{"event": {}}', b"[" * 60_000]
)
def test_what_is_signed_and_no_event_is_refused_with_nothing_of_it_in_the_words(
    pager: Hook, body: bytes
) -> None:
    with pytest.raises(Unreadable, match=r"^it is no event$"):
        pager.read(by_pagerduty(body), body, NOW)


def test_a_secret_that_can_not_be_read_is_named_by_its_field(tmp_path: Path) -> None:
    for hook, field in (
        (PagerDutyHook("oncall", tmp_path / "none"), r"pagerDuty\.webhookSecretFile"),
        (SlackHook("channel", tmp_path / "none"), r"slack\.signingSecretFile"),
    ):
        with pytest.raises(SourceProblem, match=field):
            hook.read({}, b"", NOW)


def test_who_presses_the_button_in_slack_has_it(slack: Hook) -> None:
    body = press(UID)

    said = slack.read(by_slack(body, NOW.timestamp()), body, NOW)

    assert said == Said(UID, "alice", "Slack", "channel")  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize("age", [-301, 301, 86400])
def test_what_was_signed_too_long_ago_is_refused_though_it_is_signed(
    slack: Hook, age: float
) -> None:
    body = press(UID)
    assert slack.read(by_slack(body, NOW.timestamp() - 299), body, NOW) is not None
    for _ in "again":
        with pytest.raises(Unsigned, match="just now"):
            slack.read(by_slack(body, NOW.timestamp() - age), body, NOW)


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1.5", "\N{SUPERSCRIPT TWO}", "9" * 5000])
def test_a_time_that_is_none_is_refused(slack: Hook, stamp: str) -> None:
    body = press(UID)
    headers = by_slack(body, NOW.timestamp()) | {"X-Slack-Request-Timestamp": stamp}

    with pytest.raises(Unsigned):
        slack.read(headers, body, NOW)


def test_a_time_that_was_not_signed_is_refused(slack: Hook) -> None:
    body, then = press(UID), NOW.timestamp() - 3600
    headers = by_slack(body, then) | {"X-Slack-Request-Timestamp": str(int(NOW.timestamp()))}

    with pytest.raises(Unsigned):
        slack.read(headers, body, NOW)
    with pytest.raises(Unsigned):
        slack.read(by_slack(body, NOW.timestamp(), "another"), body, NOW)


def test_everything_else_that_people_do_in_the_app_says_nothing(slack: Hook) -> None:
    for body in (press(UID, action="another"), press(UID, kind="view_submission")):
        assert slack.read(by_slack(body, NOW.timestamp()), body, NOW) is None


@pytest.mark.parametrize("body", [b"", b"payload=", b"payload={", b"a=1", b"\xff", b"&" * 50_000])
def test_what_is_signed_and_no_interaction_is_refused(slack: Hook, body: bytes) -> None:
    with pytest.raises(Unreadable):
        slack.read(by_slack(body, NOW.timestamp()), body, NOW)


@given(st.text(max_size=400))
def test_whatever_somebody_is_called_fits_a_line_and_a_status(text: str) -> None:
    name = name_of(text)

    assert 1 <= len(name) <= 253
    assert name.isprintable()


@pytest.mark.parametrize("text", [None, "", " \n\t\N{RIGHT-TO-LEFT OVERRIDE}"])
def test_whoever_has_no_name_is_somebody(text: str | None) -> None:
    assert name_of(text) == NOBODY


def test_only_receivers_with_a_secret_for_it_are_heard() -> None:
    keyed = {"routingKeyFile": "/k"}
    configs = parse_receivers(
        {
            "oncall": {"pagerDuty": {**keyed, "webhookSecretFile": "/s"}},
            "deaf": {"pagerDuty": keyed},
            "channel": {"slack": {"urlFile": "/u", "signingSecretFile": "/s"}},
            "quiet": {"slack": {"urlFile": "/u"}},
        }
    )

    assert open_hooks(configs).keys() == {("pagerduty", "oncall"), ("slack", "channel")}


@pytest.mark.parametrize(
    ("call", "uid", "reopened"),
    [
        ("9f3f", "9f3f", 0),
        ("9f3f/2", "9f3f", 2),
        ("9f3f/", "9f3f/", 0),
        ("9f3f/-1", "9f3f/-1", 0),
        ("9f3f/" + "9" * 5000, "9f3f/" + "9" * 5000, 0),
        ("9f3f/\N{SUPERSCRIPT TWO}", "9f3f/\N{SUPERSCRIPT TWO}", 0),
        ("", "", 0),
    ],
)
def test_an_answer_says_which_call_it_is_to(call: str, uid: str, reopened: int) -> None:
    said = Said.to(call, "alice", PagedBy.SLACK, "oncall")

    assert (said.uid, said.reopened) == (uid, reopened)
    if reopened:
        assert call_of(uid, reopened) == call
