"""Which receivers tell who has taken an incident."""

from collections.abc import Mapping

from knowngood.receivers.hooks import Hook
from knowngood.receivers.pagerduty_hooks import PagerDutyHook
from knowngood.receivers.receiver import ReceiverConfig
from knowngood.receivers.slack_hooks import SlackHook


def open_hooks(configs: Mapping[str, ReceiverConfig]) -> dict[tuple[str, str], Hook]:
    """Make a hook of each receiver that has a secret for one, by the first word of its path and the receiver's name."""
    hooks: dict[tuple[str, str], Hook] = {}
    for name, config in configs.items():
        pager, slack = config.pager_duty, config.slack
        if pager is not None and pager.webhook_secret_file is not None:
            hooks["pagerduty", name] = PagerDutyHook(name, pager.webhook_secret_file)
        if slack is not None and slack.signing_secret_file is not None:
            hooks["slack", name] = SlackHook(name, slack.signing_secret_file)
        bot = config.slack_bot
        if bot is not None and bot.signing_secret_file is not None:
            hooks["slack", name] = SlackHook(name, bot.signing_secret_file)
    return hooks
