"""What the pod template says about a server, in environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from e2e.models.features import Preprocessing
from e2e.models.scoring import Kind


class SettingsError(ValueError):
    """A variable is absent or holds what is none of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one server behaves.

    Attributes:
        directory: `MODEL_DIR`: the trained models, as `train.ensure` returns it.
        version: `MODEL_VERSION`: what the server calls itself in answers and metrics.
        model: `MODEL_NAME`: label of its metrics.
        kind: `MODEL_KIND`: which trained model.
        preprocessing: `PREPROCESSING`: which code stands before it.
        error_rate: `ERROR_RATE`: share of the answers that fail from the start on.
        host: `HOST`: address to listen on.
        port: `PORT`: port to listen on; 0 lets the system choose.
        drain_s: `DRAIN_SECONDS`: how long it still answers after SIGTERM, for gateways that have
            not heard of it yet.
        features_url: `FEATURES_URL`: where the feature store says what was delivered last. Empty: there is none,
            features come with the requests, in years, and are not counted.
    """

    directory: Path
    version: str
    model: str = "loan-approval"
    kind: Kind = Kind.LOGISTIC
    preprocessing: Preprocessing = Preprocessing.V1
    error_rate: float = 0.0
    host: str = "0.0.0.0"  # noqa: S104 - a pod is called at its own address
    port: int = 8080
    drain_s: float = 2.0
    features_url: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the variables.

        Raises:
            SettingsError: one is absent or wrong.
        """
        readers = {
            "model": ("MODEL_NAME", str),
            "kind": ("MODEL_KIND", Kind),
            "preprocessing": ("PREPROCESSING", Preprocessing),
            "error_rate": ("ERROR_RATE", float),
            "host": ("HOST", str),
            "port": ("PORT", int),
            "drain_s": ("DRAIN_SECONDS", float),
            "features_url": ("FEATURES_URL", str),
        }
        try:
            directory, version = Path(env["MODEL_DIR"]), env["MODEL_VERSION"]
            given = {
                field: read(env[name]) for field, (name, read) in readers.items() if name in env
            }
        except KeyError as error:
            raise SettingsError(f"set the environment variable {error.args[0]}") from error
        except ValueError as error:
            raise SettingsError(f"an environment variable is wrong: {error}") from error
        return cls(directory=directory, version=version, **given)
