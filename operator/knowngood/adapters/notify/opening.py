"""Receivers as they are configured."""

from collections.abc import Callable, Mapping
from datetime import datetime

from knowngood.adapters.notify.alertmanager import AlertmanagerReceiver
from knowngood.adapters.notify.apprised import AppriseReceiver
from knowngood.adapters.notify.pagerduty import PagerDutyReceiver
from knowngood.adapters.notify.slack import SlackReceiver
from knowngood.adapters.notify.slack_threads import SlackThreads
from knowngood.adapters.notify.webhook import WebhookReceiver
from knowngood.control.receivers import Receiver
from knowngood.receivers.receiver import ReceiverConfig


def open_receivers(
    configs: Mapping[str, ReceiverConfig], now: Callable[[], datetime]
) -> dict[str, Receiver]:
    """Make a receiver of each entry; nothing is connected before there is something to tell.

    Args:
        configs: What is configured, by name.
        now: The time of day.
    """
    found = {name: _receiver(config, now) for name, config in configs.items()}
    return {name: receiver for name, receiver in found.items() if receiver is not None}


def _receiver(config: ReceiverConfig, now: Callable[[], datetime]) -> Receiver | None:
    if config.alertmanager is not None:
        return AlertmanagerReceiver(config.alertmanager, now)
    if config.apprise is not None:
        return AppriseReceiver(config.apprise)
    if config.pager_duty is not None:
        return PagerDutyReceiver(config.pager_duty)
    if config.slack_bot is not None:
        return SlackThreads(config.slack_bot)
    if config.slack is not None:
        return SlackReceiver(config.slack)
    return WebhookReceiver(config.webhook, now) if config.webhook is not None else None
