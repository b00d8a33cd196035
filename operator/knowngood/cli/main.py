"""The program `knowngood`, which is also the plugin `kubectl knowngood`."""

import io
import sys
from pathlib import Path
from typing import Final

import click

from knowngood.cli.baseline import baseline
from knowngood.cli.deciding import approve, veto
from knowngood.cli.declaring import decide, open_incident
from knowngood.cli.feeds import feed
from knowngood.cli.freezes import freeze, unfreeze
from knowngood.cli.incident import incident
from knowngood.cli.notify import notify
from knowngood.cli.options import WORDS
from knowngood.cli.orders import COMMANDS
from knowngood.cli.outcome import Exit
from knowngood.cli.policy import policy
from knowngood.cli.printing import complain
from knowngood.cli.problems import Problem
from knowngood.cli.replay import replay
from knowngood.cli.status import status
from knowngood.cli.wait import wait
from knowngood.cli.why import why

PLUGIN: Final = "kubectl-knowngood"


@click.group(context_settings=WORDS)
@click.version_option(package_name="knowngood", message="%(version)s")
def knowngood() -> None:
    """Look at the rollouts of AI models, and tell Knowngood what to do.

    It uses your kubeconfig and your rights, as kubectl does. Every command has its own --help.
    """


_LOOKING: Final = (status, why, wait, incident, policy, replay)
_CHANGING: Final = (*COMMANDS, freeze, unfreeze, feed, baseline, notify)
for _command in (*_LOOKING, *_CHANGING):
    knowngood.add_command(_command)


for _answer in (open_incident, approve, veto, decide):
    incident.add_command(_answer)


def main() -> int:
    """Run a command; returns the exit code. What goes wrong is told in one line."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that lacks a character must not end the program.
        sys.stdout.reconfigure(errors="replace")
    name = "kubectl knowngood" if Path(sys.argv[0]).name == PLUGIN else "knowngood"
    try:
        code = knowngood.main(prog_name=name, standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(f"{error.format_message()}\n")
    except Exception as error:  # noqa: BLE001  - nobody is to read a traceback
        # People get a line that they can report.
        complain(_words(error, name))
    else:
        return int(code or Exit.DONE)
    return Exit.TROUBLE


def _words(error: Exception, name: str) -> str:
    if isinstance(error, click.UsageError):
        called = error.ctx.command_path if error.ctx else name
        return f"{error.format_message().rstrip('.')} (see: {called} --help)"
    if isinstance(error, Problem):
        return str(error)
    return f"this is a fault of knowngood, please report it: {type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(main())
