"""One receiver, and the file that describes several."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from knowngood.api.v1alpha1.escalation import MOST_RECEIVERS
from knowngood.api.v1alpha1.scalars import DnsLabel
from knowngood.messages.escalating import Reach
from knowngood.messages.message import Audience
from knowngood.receivers.arms import (
    Alertmanager,
    Apprise,
    PagerDuty,
    Slack,
    SlackBot,
    Webhook,
    secret_url,
)
from knowngood.receivers.pauses import UpdateEvery
from knowngood.sources.credentials import check_tls, line_of
from knowngood.sources.source import Entry, SourceProblem, told

_ARMS: Final = ("alertmanager", "apprise", "pager_duty", "slack", "slack_bot", "webhook")


NO_APPRISE: Final = (
    "apprise: the library is not installed here: build the image with it (docker build --build-arg "
    "REQUIREMENTS=apprise), or install knowngood[apprise]"
)


class ReceiverProblem(Exception):
    """A receiver can not be used as it is configured. The text names receiver and field, and holds no secret."""


class ReceiverConfig(Entry):
    """Who is told, and how.

    Attributes:
        default: Whether it is told where no policy names anybody.
        audience: Who reads there.
        namespaces: Whose incidents it may be told of; empty for all.
        update_every: After how long a business gets an update; None for the defaults.
    """

    default: bool = False
    audience: Audience = Audience.OPERATIONS
    namespaces: Annotated[tuple[DnsLabel, ...], Field(max_length=1000)] = ()
    update_every: UpdateEvery | None = None
    alertmanager: Alertmanager | None = None
    apprise: Apprise | None = None
    pager_duty: PagerDuty | None = None
    slack: Slack | None = None
    slack_bot: SlackBot | None = None
    webhook: Webhook | None = None

    @model_validator(mode="after")
    def _one_arm(self) -> Self:
        if sum(getattr(self, arm) is not None for arm in _ARMS) != 1:
            raise ValueError(
                "write exactly one of alertmanager, apprise, pagerDuty, slack, slackBot and webhook"
            )
        return self

    @model_validator(mode="after")
    def _updates_fit(self) -> Self:
        if self.update_every is not None and not self._is_updated:
            raise ValueError(
                "updateEvery is for audience: Business, and not for pagerDuty, which has no word for it"
            )
        return self

    @property
    def _is_updated(self) -> bool:
        return self.audience is Audience.BUSINESS and self.pager_duty is None

    @property
    def reach(self) -> Reach:
        """Whose incidents it is told of, and after how long it gets an update."""
        every = (self.update_every or UpdateEvery()).by_severity if self._is_updated else {}
        return Reach(self.default, frozenset(self.namespaces), every)


_RECEIVERS: Final[TypeAdapter[dict[str, ReceiverConfig]]] = TypeAdapter(
    Annotated[dict[DnsLabel, ReceiverConfig], Field(max_length=MOST_RECEIVERS)]
)


def load_receivers(path: Path) -> dict[str, ReceiverConfig]:
    """Read a YAML file of receivers by name, and try the files that they name.

    Raises:
        ReceiverProblem: A file can not be read, or what is in it is wrong.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no YAML"
        raise ReceiverProblem(f"{path} can not be read: {why}") from None
    if not isinstance(found, dict):
        raise ReceiverProblem(f"{path} must hold receivers by name")
    try:
        receivers = parse_receivers(found)
        for name, receiver in receivers.items():
            _check(name, receiver)
    except ReceiverProblem as problem:
        raise ReceiverProblem(f"{path}: {problem}") from None
    return receivers


def parse_receivers(entries: dict[str, Any]) -> dict[str, ReceiverConfig]:
    """Read receivers by name.

    Raises:
        ReceiverProblem: The text names receiver and field.
    """
    try:
        return _RECEIVERS.validate_python(entries)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if not first["loc"]:
            raise ReceiverProblem(f"there can be at most {MOST_RECEIVERS} receivers") from None
        # The cause shows the input.
        raise ReceiverProblem(told("receiver", first["loc"], first["msg"])) from None


def _check(name: str, receiver: ReceiverConfig) -> None:
    try:
        for field, path in _secrets(receiver):
            if path is not None:
                line_of(path, field)
        if receiver.slack is not None:
            secret_url(receiver.slack.url_file, "slack.urlFile")
        if receiver.apprise is not None and find_spec("apprise") is None:
            raise ReceiverProblem(f"receiver {name}: {NO_APPRISE}")
        for arm in (getattr(receiver, each) for each in _ARMS):
            if arm is not None and not isinstance(arm, Apprise):
                check_tls(arm.tls)
    except SourceProblem as problem:
        raise ReceiverProblem(f"receiver {name}: {problem}") from None


def _secrets(receiver: ReceiverConfig) -> Iterator[tuple[str, Path | None]]:
    """Files of one line each, with their fields."""
    if (alerts := receiver.alertmanager) is not None:
        yield "alertmanager.bearerTokenFile", alerts.bearer_token_file
    if (pager := receiver.pager_duty) is not None:
        yield "pagerDuty.routingKeyFile", pager.routing_key_file
        yield "pagerDuty.webhookSecretFile", pager.webhook_secret_file
    if (slack := receiver.slack) is not None:
        yield "slack.signingSecretFile", slack.signing_secret_file
    if (bot := receiver.slack_bot) is not None:
        yield "slackBot.botTokenFile", bot.bot_token_file
        yield "slackBot.signingSecretFile", bot.signing_secret_file
    if (apprise := receiver.apprise) is not None:
        yield "apprise.urlFile", apprise.url_file
    if (webhook := receiver.webhook) is not None:
        yield "webhook.secretFile", webhook.secret_file
