"""What can go wrong with a local cluster.

ClusterError
├── OptionError         what was asked for can not be
├── StartError          a part did not become ready; carries the end of its log
├── BuildError          a program could not be built or fetched
├── NotPermittedError   the machine does not let us make namespaces or links
├── NotOursError        the operation needs a cluster that was started here
└── KubectlFailed       kubectl ended with an error; carries its stderr
"""

from collections.abc import Sequence


class ClusterError(Exception):
    """The root of all errors of this package."""


class OptionError(ClusterError):
    """What was asked for can not be; nothing was started."""


class StartError(ClusterError):
    """A part of the cluster did not become ready."""


class BuildError(ClusterError):
    """A program could not be built or fetched."""


class NotPermittedError(ClusterError):
    """The machine does not allow what a cluster is made of."""


class NotOursError(ClusterError):
    """The cluster was only attached to, so nothing of it can be stopped or killed."""


class KubectlFailed(ClusterError):
    """A kubectl call failed.

    Attributes:
        stderr: What it said.
        code: Its exit code.
    """

    def __init__(self, args: Sequence[str], code: int, stderr: str) -> None:
        self.stderr = stderr
        self.code = code
        super().__init__(f"kubectl {' '.join(args)} ended with {code}: {stderr.strip()}")
