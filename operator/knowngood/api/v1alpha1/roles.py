"""Which version has which part, and what becomes of a known good one that does not answer."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import cel, validated_by
from knowngood.api.v1alpha1.scalars import Text, Word
from knowngood.api.v1alpha1.wire import Wire

VersionOrNone = Annotated[str, Field(max_length=40)]


class Standby(StrEnum):
    """How the newest other known good version stands by.

    Warm: its pods stay. Cold: its Deployment stays, without pods. None: it is retired like any other version.
    """

    WARM = "Warm"
    COLD = "Cold"
    NONE = "None"


class ShadowSpec(Wire):
    """What stands by."""

    model_config = validated_by(
        cel(
            "!has(self.mirrorPercent) || self.mirrorPercent == 0 || !has(self.standby) || self.standby == 'Warm'",
            "mirrorPercent needs standby: Warm: without pods nobody answers copies",
            path=".mirrorPercent",
        )
    )

    standby: Standby = Standby.WARM
    """How it stands by. Warm: its pods stay. Cold: its Deployment stays, without pods. None: it is retired. With
    services the pods are yours, so Warm and Cold are the same. Default: Warm."""

    replicas: Annotated[int, Field(ge=1, le=1000)] = 1
    """Pods that stay while it stands by Warm. Default: 1."""

    mirror_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """Share of the requests, in percent, that it gets copies of while it stands by and nothing is rolled out; nobody
    gets its answers. Triggers with comparedTo: Shadow need it. It needs mirror.sideEffects: None, Warm, and a gateway
    that can; pods for so many requests stay. Default: 0."""


class VersionNames(Wire):
    """Which version has which part. Empty where there is none."""

    desired: VersionOrNone = ""
    """The version that the spec asks for."""

    stable: VersionOrNone = ""
    """The version that answers users."""

    canary: VersionOrNone = ""
    """The version that is being tried."""

    shadow: VersionOrNone = ""
    """The newest other version that was found good, standing by. KnownGoodAvailable says whether it can be used."""


class VersionHeader(Wire):
    """The header that names the version of an answer."""

    name: Word
    """Its name."""

    gateways: Text
    """Gateways that were seen to set it, as namespace/name."""
