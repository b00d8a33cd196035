"""What each kind of receiver is configured with."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from knowngood.sources.credentials import line_of
from knowngood.sources.source import Deadline, Entry, SourceProblem, Tls, Url


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


class SlackBot(Entry):
    """A channel of Slack, by a bot: a thread for each incident, with its timeline in it.

    Attributes:
        bot_token_file: Holds the bot's token.
        channel: The channel's id.
        signing_secret_file: Holds the signing secret of the bot's app; None for no button.
        url: Without `/api`.
        deadline: Seconds that one request may take.
    """

    bot_token_file: Path
    channel: Annotated[str, Field(pattern=r"^[CDG][A-Z0-9]{2,30}$")]
    signing_secret_file: Path | None = None
    url: Url = "https://slack.com"
    deadline: Deadline = 10.0
    tls: Tls = Tls()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_encrypted(self.url, self.tls, secret=True)
        return self


class Apprise(Entry):
    """Whatever the library apprise knows, by one of its URLs.

    Attributes:
        url_file: Holds the URL: there are keys and passwords in it.
        deadline: Seconds that one message may take.
    """

    url_file: Path
    deadline: Deadline = 10.0


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
