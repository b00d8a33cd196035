"""Options that all commands have, and how their values are read."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click
from pydantic import TypeAdapter, ValidationError

from knowngood.api.v1alpha1 import VersionName, seconds
from knowngood.api.v1alpha1.scalars import DnsLabel, ObjectName
from knowngood.cli.cluster import Cluster, Place

Command = TypeVar("Command", bound=Callable[..., Any])

WORDS: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""How click is to set up a command."""


class Span(click.ParamType[float]):
    """A duration like 90s, 10m or 1h30m; its value is in seconds."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read it."""
        if isinstance(value, float):
            return value
        try:
            return seconds(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Named(click.ParamType[str]):
    """A name; the API server would not understand what is no name."""

    def __init__(self, name: str, kind: TypeAdapter[str], rule: str) -> None:
        self.name = name
        self._kind = kind
        self._rule = rule

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it."""
        try:
            return self._kind.validate_python(value)
        except ValidationError:
            article = "an" if self.name.startswith(tuple("aeiou")) else "a"
            self.fail(f"{value!r} is not {article} {self.name} name: {self._rule}", param, ctx)


MODEL: Final = Named("model", TypeAdapter[str](ObjectName), "lower case letters, digits and '-'")
SIGNAL: Final = Named(
    "signal", TypeAdapter[str](ObjectName), "lower case letters, digits, '-' and '.'"
)
NAMESPACE: Final = Named(
    "namespace", TypeAdapter[str](DnsLabel), "lower case letters, digits and '-'"
)
VERSION: Final = Named(
    "version", TypeAdapter[str](VersionName), "up to 40 letters, digits, '-', '_' and '.'"
)


OUTPUT: Final = click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or for machines.",
)


def placed(command: Command) -> Command:
    """Add the options that say where to ask, in the order in which they are shown."""
    options = (
        click.option(
            "-n",
            "--namespace",
            type=NAMESPACE,
            metavar="NAME",
            help="Namespace (default: the context's).",
        ),
        click.option("--context", metavar="NAME", help="Context (default: the kubeconfig's)."),
        click.option(
            "--kubeconfig",
            metavar="FILE",
            help="Kubeconfig (default: KUBECONFIG, else ~/.kube/config).",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def connect(namespace: str | None, context: str | None, kubeconfig: str | None) -> Cluster:
    """Connect to where these options say."""
    return Cluster.connect(Place(namespace, context, kubeconfig))
