"""One receiver, and the file that describes several."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from knowngood.api.v1alpha1.escalation import MOST_RECEIVERS
from knowngood.api.v1alpha1.scalars import DnsLabel
from knowngood.messages.escalating import Reach
from knowngood.messages.message import Audience
from knowngood.sources.credentials import check_tls, line_of
from knowngood.sources.source import Deadline, Entry, SourceProblem, Tls, Url, told

_ARMS: Final = ("alertmanager", "pager_duty", "slack", "webhook")


class ReceiverProblem(Exception):
    """A receiver can not be used as it is configured. The text names receiver and field, and holds no secret."""


class Alertmanager(Entry):
    """An Alertmanager, or what takes its API.

    Attributes:
        url: Without `/api/v2`.
        bearer_token_file: Holds a token; None where it asks for none.
        deadline: Seconds that one request may take.
    """

    url: Url
    bearer_token_file: Path | None = None
    deadline: Deadline = 10.0
    tls: Tls = Tls()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_encrypted(self.url, self.tls, secret=self.bearer_token_file is not None)
        return self


class PagerDuty(Entry):
    """PagerDuty, by its Events API v2.

    Attributes:
        routing_key_file: Holds the integration key of a service.
        webhook_secret_file: Holds the secret of the webhook by which it tells who has taken an incident; None for none.
        url: Without `/v2/enqueue`.
        deadline: Seconds that one request may take.
    """

    routing_key_file: Path
    webhook_secret_file: Path | None = None
    url: Url = "https://events.pagerduty.com"
    deadline: Deadline = 10.0
    tls: Tls = Tls()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_encrypted(self.url, self.tls, secret=True)
        return self


class Slack(Entry):
    """A channel of Slack, by an incoming webhook.

    Attributes:
        url_file: Holds the webhook's URL: whoever knows it can write to the channel.
        signing_secret_file: Holds the signing secret of the app that the webhook belongs to; None for no button.
        deadline: Seconds that one request may take.
    """

    url_file: Path
    signing_secret_file: Path | None = None
    deadline: Deadline = 10.0
    tls: Tls = Tls()


class WebhookFormat(StrEnum):
    """How the body of a webhook is written."""

    JSON = "JSON"
    CLOUD_EVENTS = "CloudEvents"


class Webhook(Entry):
    """An HTTP server of your own.

    Attributes:
        url: Where each message is posted.
        secret_file: Holds the secret with which each request is signed.
        format: Plain JSON, or CloudEvents 1.0 in its structured mode around the same.
        deadline: Seconds that one request may take.
    """

    url: Url
    secret_file: Path
    format: WebhookFormat = WebhookFormat.JSON
    deadline: Deadline = 10.0
    tls: Tls = Tls()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_encrypted(self.url, self.tls, secret=False)
        return self


class ReceiverConfig(Entry):
    """Who is told, and how.

    Attributes:
        default: Whether it is told where no policy names anybody.
        audience: Who reads there.
        namespaces: Whose incidents it may be told of; empty for all.
    """

    default: bool = False
    audience: Audience = Audience.OPERATIONS
    namespaces: Annotated[tuple[DnsLabel, ...], Field(max_length=1000)] = ()
    alertmanager: Alertmanager | None = None
    pager_duty: PagerDuty | None = None
    slack: Slack | None = None
    webhook: Webhook | None = None

    @model_validator(mode="after")
    def _one_arm(self) -> Self:
        if sum(getattr(self, arm) is not None for arm in _ARMS) != 1:
            raise ValueError("write exactly one of alertmanager, pagerDuty, slack and webhook")
        return self

    @property
    def reach(self) -> Reach:
        """Whose incidents it is told of."""
        return Reach(self.default, frozenset(self.namespaces))


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


def secret_url(path: Path, field: str) -> str:
    """Read a URL that is a secret itself.

    Raises:
        SourceProblem: It can not be read, or is none; the text names the field and holds nothing of it.
    """
    text = line_of(path, field)
    if not text.startswith("https://"):
        raise SourceProblem(f"{field}: {path} must hold a URL with https://")
    return text


def _check_encrypted(url: str, tls: Tls, *, secret: bool) -> None:
    """Refuse to send a secret in the clear, and certificates where nobody would look at them."""
    if secret and not url.startswith("https://"):
        raise ValueError("url: write https://: the token would be read by others")
    if tls != Tls() and not url.startswith("https://"):
        raise ValueError("tls needs a url with https://")


def _check(name: str, receiver: ReceiverConfig) -> None:
    try:
        for field, path in _secrets(receiver):
            if path is not None:
                line_of(path, field)
        if receiver.slack is not None:
            secret_url(receiver.slack.url_file, "slack.urlFile")
        arm = receiver.alertmanager or receiver.pager_duty or receiver.slack or receiver.webhook
        if arm is not None:
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
    if (webhook := receiver.webhook) is not None:
        yield "webhook.secretFile", webhook.secret_file
