"""The file that names receivers, and what is said of a mistake in it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.messages.escalating import Reach
from knowngood.messages.message import Audience
from knowngood.receivers.receiver import ReceiverProblem, load_receivers, parse_receivers
from knowngood.settings import SettingsError, parse

PAGER: dict[str, Any] = {"pagerDuty": {"routingKeyFile": "/x"}}
HOOK: dict[str, Any] = {"url": "https://hooks/x", "secretFile": "/x"}
BOARD: dict[str, Any] = {"webhook": HOOK, "audience": "Business"}


def test_what_is_not_written_has_its_default() -> None:
    one = parse_receivers({"oncall": PAGER})["oncall"]

    assert (one.default, one.audience) == (False, Audience.OPERATIONS)
    assert one.reach == Reach(default=False, namespaces=frozenset())
    assert one.pager_duty is not None
    assert one.pager_duty.url == "https://events.pagerduty.com"
    assert one.pager_duty.deadline == 10.0


def test_a_business_gets_updates_the_sooner_the_worse_it_is_and_nobody_else_does() -> None:
    def every(**more: object) -> dict[str, timedelta]:
        found = parse_receivers({"board": {**BOARD, **more}})["board"].reach.every
        return {severity.value: pause for severity, pause in found.items()}

    half, four = timedelta(minutes=30), timedelta(hours=4)
    assert every() == {"Critical": half, "High": 2 * half, "Medium": four}
    assert every(updateEvery={"critical": "5m", "medium": "0s", "low": "24h"}) == {
        "Critical": timedelta(minutes=5),
        "High": 2 * half,
        "Low": timedelta(days=1),
    }
    assert every(audience="Operations") == {}
    pager = parse_receivers({"board": {**PAGER, "audience": "Business"}})["board"]
    assert pager.reach.every == {}, "it has no word for an update"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({}, "receiver oncall: write exactly one of"),
        ({**PAGER, "slack": {"urlFile": "/x"}}, "receiver oncall: write exactly one of"),
        ({**PAGER, "audience": "Public"}, "receiver oncall: audience: "),
        ({**PAGER, "namespaces": ["*"]}, "receiver oncall: namespaces"),
        ({"pagerDuty": {}}, "receiver oncall: pagerDuty.routingKeyFile: "),
        ({"pagerDuty": {"routingKeyFile": "/x", "url": "http://p"}}, "pagerDuty: url: write https"),
        ({"apprise": {"url": "json://a"}}, "receiver oncall: apprise.urlFile: "),
        ({"apprise": {"urlFile": "/x"}, **PAGER}, "receiver oncall: write exactly one of"),
        ({"slack": {"url": "https://hooks"}}, "receiver oncall: slack.urlFile: "),
        ({"webhook": {"url": "https://a:b@hooks", "secretFile": "/x"}}, "it must hold no"),
        ({"webhook": {**HOOK, "format": "XML"}}, "receiver oncall: webhook.format: "),
        ({"webhook": {**HOOK, "url": "http://a", "tls": {"caFile": "/x"}}}, "tls needs a url"),
        ({"alertmanager": {"url": "http://a", "bearerTokenFile": "/x"}}, "write https://"),
        ({"alertmanager": {"url": "http://a", "deadline": "1h"}}, "alertmanager.deadline: write"),
        ({"webhook": HOOK, "updateEvery": {"high": "1h"}}, "updateEvery is for audience: Business"),
        ({**PAGER, "audience": "Business", "updateEvery": {}}, "and not for pagerDuty"),
        ({**BOARD, "updateEvery": {"high": "1m"}}, "updateEvery.high: write a time of 5m to 24h"),
        ({**BOARD, "updateEvery": {"low": "25h"}}, "updateEvery.low: write a time of 5m to 24h"),
        ({**BOARD, "updateEvery": {"low": 30}}, "updateEvery.low: write a time like 30m"),
        ({**BOARD, "updateEvery": {"info": "1h"}}, "updateEvery.info: "),
    ],
)
def test_a_mistake_is_told_with_the_names_of_receiver_and_field(
    entry: dict[str, Any], words: str
) -> None:
    with pytest.raises(ReceiverProblem) as told:
        parse_receivers({"oncall": entry})

    assert words in str(told.value)


def test_a_name_that_could_not_stand_in_a_status_is_refused_and_so_is_a_seventeenth() -> None:
    with pytest.raises(ReceiverProblem, match="receiver OnCall"):
        parse_receivers({"OnCall": PAGER})
    with pytest.raises(ReceiverProblem, match="at most 16 receivers"):
        parse_receivers({f"r{n}": PAGER for n in range(17)})


@pytest.mark.parametrize("text", ["- oncall", "oncall: [", ""])
def test_a_file_that_holds_no_receivers_is_told_by_its_name(text: str, tmp_path: Path) -> None:
    file = tmp_path / "receivers.yaml"
    file.write_text(text)

    with pytest.raises(SettingsError, match=r"receivers\.yaml"):
        parse(["--receivers", str(file)])


@pytest.mark.parametrize(
    ("arm", "field", "good"),
    [
        ("pagerDuty", "routingKeyFile", "r0"),
        ("slack", "urlFile", "https://hooks.slack.com/services/T/B/x"),
        ("webhook", "secretFile", "s3cr3t"),
        ("alertmanager", "bearerTokenFile", "t0"),
    ],
)
def test_the_operator_does_not_start_with_credentials_that_it_can_not_read(
    tmp_path: Path, arm: str, field: str, good: str
) -> None:
    file, secret = tmp_path / "receivers.yaml", tmp_path / "secret"
    address = {} if arm == "slack" else {"url": "https://somebody"}
    entry = {arm: {**address, field: str(secret)}}
    file.write_text(yaml.safe_dump({"oncall": entry}))
    with pytest.raises(SettingsError, match=rf"receiver oncall: {arm}\.{field}: .* No such file"):
        parse(["--receivers", str(file)])

    secret.write_text(good)

    assert parse(["--receivers", str(file)]).receivers == load_receivers(file)


@pytest.mark.parametrize(
    ("arm", "needed", "field", "good"),
    [
        ("pagerDuty", "routingKeyFile", "webhookSecretFile", "r0"),
        ("slack", "urlFile", "signingSecretFile", "https://hooks.slack.com/services/T/B/x"),
    ],
)
def test_a_secret_by_which_people_say_that_they_have_it_is_tried_at_the_start(
    tmp_path: Path, arm: str, needed: str, field: str, good: str
) -> None:
    file, key, secret = tmp_path / "receivers.yaml", tmp_path / "key", tmp_path / "secret"
    key.write_text(good)
    file.write_text(yaml.safe_dump({"oncall": {arm: {needed: str(key), field: str(secret)}}}))
    with pytest.raises(SettingsError, match=rf"receiver oncall: {arm}\.{field}: .* No such file"):
        parse(["--receivers", str(file)])
    secret.write_text("s0")

    assert parse(["--receivers", str(file), "--hooks-port", "9000"]).hooks_port == 9000


def test_a_webhook_of_slack_that_is_none_is_refused_and_not_repeated(tmp_path: Path) -> None:
    file, secret = tmp_path / "receivers.yaml", tmp_path / "secret"
    secret.write_text("http://hooks.slack.com/services/hunter2")
    file.write_text(yaml.safe_dump({"chat": {"slack": {"urlFile": str(secret)}}}))

    with pytest.raises(ReceiverProblem, match="must hold a URL with https://") as told:
        load_receivers(file)

    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    "entry",
    [
        {"slack": {"urlFile": "https://hooks.slack.com/services/T0/B0/hush"}},
        {"pagerDuty": {"routingKeyFile": "hush"}},
        {"webhook": {**HOOK, "secretFile": "hush"}},
    ],
    ids=["slack", "pagerDuty", "webhook"],
)
def test_a_secret_that_is_written_where_a_file_is_named_is_not_repeated(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "receivers.yaml"
    path.write_text(yaml.safe_dump({"oncall": entry}))

    with pytest.raises(
        ReceiverProblem, match="File: the file that it names can not be read"
    ) as told:
        load_receivers(path)

    assert "hush" not in str(told.value)
