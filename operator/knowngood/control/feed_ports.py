"""What is read and written of objects that feed models. It is beside `ports`: one field of each, and nothing else."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FeedAt:
    """An object, and the field of it that suspends it.

    Attributes:
        namespace: Where it is.
        api_version: Group and version.
        resource: Its kind in the plural, as the paths of the API have it.
        name: Its name.
        path: JSON pointer to the field.
    """

    namespace: str
    api_version: str
    resource: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class FeedSeen:
    """An object as it is.

    Attributes:
        uid: Of the object.
        version: Its resourceVersion: a write is for exactly this one.
        value: The field, as JSON; None where it is not there.
        by: What the annotation says that names who has suspended it; empty where there is none.
        annotated: Whether there are any annotations.
        running: Names of the runs that are under way, as far as the object lists them.
    """

    uid: str
    version: str
    value: str | None
    by: str = ""
    annotated: bool = False
    running: tuple[str, ...] = ()


class FeedObjects(Protocol):
    """Objects of others that feed models."""

    async def read(self, at: FeedAt) -> FeedSeen | None:
        """Read an object; None where there is none.

        Raises:
            ApiError: It may not be read, or the API server does not say.
        """
        ...

    async def write(self, at: FeedAt, seen: FeedSeen, value: str | None, by: str) -> None:
        """Write the field and the annotation in one patch, and only if the object is as it was seen.

        Args:
            at: The object.
            seen: As it was read.
            value: What the field is to be, as JSON; None takes it away.
            by: What the annotation is to say; empty takes it away.

        Raises:
            Changed: It is not as it was seen any more.
            ApiError: It is gone, or the API server refuses, or does not answer.
            NotLeader: This process may not write.
        """
        ...
