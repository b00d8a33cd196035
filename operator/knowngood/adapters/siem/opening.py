"""Sinks as they are configured."""

import sys
from collections.abc import Mapping

from knowngood.adapters.siem.hec import SplunkSink
from knowngood.adapters.siem.stdout import StdoutSink
from knowngood.adapters.siem.syslog import SyslogSink
from knowngood.control.sinks import Sink
from knowngood.sinks.sink import SinkConfig


def open_sinks(configs: Mapping[str, SinkConfig], host: str) -> dict[str, Sink]:
    """Make a sink of each entry; nothing is connected before there is something to tell.

    Args:
        configs: What is configured, by name.
        host: This process, as those call it who want to know where a message comes from.
    """
    return {name: _sink(config, host) for name, config in configs.items()}


def _sink(config: SinkConfig, host: str) -> Sink:
    if config.splunk_hec is not None:
        return SplunkSink(config, config.splunk_hec)
    if config.syslog is not None:
        return SyslogSink(config, config.syslog, host)
    return StdoutSink(config, sys.stdout.buffer)
