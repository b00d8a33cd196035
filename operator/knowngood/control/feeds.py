"""Objects that feed models: read where something hangs on them, and suspended or resumed as the status says."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.api.v1alpha1.feed_status import FeedState, HeldFeed
from knowngood.api.v1alpha1.feeds import ObjectRef
from knowngood.control.feed_ports import FeedAt, FeedObjects, FeedSeen
from knowngood.decisions.feeds import ENDED, FeedView, is_ours, mark_of, owner, target_of, words
from knowngood.decisions.serving import ServingView
from knowngood.decisions.suspendable import AllowList, Suspendable
from knowngood.errors import ApiError, Changed, Gone, Refused, Unavailable

logger = logging.getLogger(__name__)

WRITING: Final = frozenset({FeedState.SUSPENDING, FeedState.RESUMING})
AT_ONCE: Final = timedelta(0)
AT_REST: Final = timedelta(seconds=9)
"""How old what is known of a feed may be that nothing is done about."""

PATIENCE: Final = 2.0
"""Seconds that a read may take: a kind that hangs must not keep users from being looked after."""

ATTEMPTS: Final = 3
"""How often an object is read and written anew that others change meanwhile."""

_Known = tuple[str, str]


class Feeds:
    """Reads them, and writes the one field that the operator's configuration lets it write."""

    def __init__(self, objects: FeedObjects, allowed: AllowList) -> None:
        self._objects = objects
        self._allowed = allowed
        self._views: dict[_Known, tuple[datetime, FeedView]] = {}
        self._refused: dict[_Known, str] = {}
        self._away: dict[_Known, datetime] = {}

    async def seen(
        self, model: AIModelDeployment, serving: ServingView | None, now: datetime
    ) -> Mapping[str, FeedView]:
        """What is known of the feeds that something hangs on; those that can not be read now are left out."""
        held = {h.name: h for h in model.status.feeds} if model.status else {}
        targets = {name: target_of(h) for name, h in held.items() if h.state not in ENDED}
        for target in self._asked_for(model, serving):
            if target.name not in held:
                targets.setdefault(target.name, target)
        # All at once: several that hang must not add up.
        views = await asyncio.gather(
            *(self._view(model, target, held.get(name), now) for name, target in targets.items())
        )
        return {name: view for name, view in zip(targets, views, strict=True) if view is not None}

    async def perform(self, model: AIModelDeployment) -> None:
        """Do what the status says, which is written down already.

        Raises:
            ApiError: The API server does not answer; it is tried again.
        """
        failed: list[ApiError] = []
        for held in model.status.feeds if model.status else ():
            if held.state in WRITING:
                try:
                    await self._write(model, held)
                except ApiError as error:  # one that hangs keeps no other one back
                    failed.append(error)
        if failed:
            raise failed[0]

    def forget(self, uid: str) -> None:
        """Drop what is remembered of a model that is gone."""
        for known in [key for key in self._views if key[0] == uid]:
            del self._views[known]
        for known in [key for key in self._refused if key[0] == uid]:
            del self._refused[known]
        for known in [key for key in self._away if key[0] == uid]:
            del self._away[known]

    def _asked_for(
        self, model: AIModelDeployment, serving: ServingView | None
    ) -> Iterable[ObjectRef]:
        """Feeds that a breach of what serves asks for."""
        breached = [t for t in serving.triggers if t.breached] if serving else []
        rules = [t.suspends for t in breached if t.suspends is not None]
        for feed in model.spec.feeds if rules else ():
            target = feed.target
            if target is not None and any(rule.is_for(target.name) for rule in rules):
                yield target

    async def _view(
        self,
        model: AIModelDeployment,
        target: ObjectRef,
        held: HeldFeed | None,
        now: datetime,
    ) -> FeedView | None:
        key = (model.metadata.uid, target.name)
        age = AT_ONCE if held is None or held.state in WRITING else AT_REST
        refused = self._refused.pop(key, "")
        known = self._views.get(key)
        if known is not None and known[0] + age > now and not refused:
            return known[1]
        why = self._why_not(model, target, held)
        if why:
            return FeedView(problem=why)
        away = self._away.get(key)
        if away is not None and away + AT_REST > now:
            return None
        entry = self._entry(target, held)
        try:
            seen = await self._read(_at(model, target, entry))
        except Refused as error:
            return FeedView(problem=f"{words(target)} can not be read: {error}")
        except Unavailable as error:
            self._away[key] = now
            logger.warning("%s is not known now: %s", words(target), error)
            return None
        view = _view_of(seen, entry, refused)
        self._views[key] = now, view
        return view

    def _why_not(self, model: AIModelDeployment, target: ObjectRef, held: HeldFeed | None) -> str:
        """Say why an object may not be touched; what is suspended may be resumed wherever it is."""
        if held is not None and held.path is not None:
            return "" if self._allowed.find(target) else self._allowed.why_not("", target)
        return self._allowed.why_not(model.metadata.namespace or "", target)

    def _entry(self, target: ObjectRef, held: HeldFeed | None) -> Suspendable:
        """The entry of the list, with the field that was written where one was."""
        entry = self._allowed.find(target)
        if entry is None:
            raise KeyError(target.kind)
        if held is None or held.path is None or held.value is None:
            return entry
        return Suspendable(entry.api_version, entry.kind, held.path, held.value, entry.resource)

    async def _read(self, at: FeedAt) -> FeedSeen | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._objects.read(at)
        except TimeoutError as error:
            raise Unavailable(f"{at.resource} {at.name}: no answer in {PATIENCE:g} s") from error

    async def _write(self, model: AIModelDeployment, held: HeldFeed) -> None:
        key = (model.metadata.uid, held.name)
        self._views.pop(key, None)
        target = target_of(held)
        if self._why_not(model, target, held):
            return  # the next look says so
        at = _at(model, target, self._entry(target, held))
        for _ in range(ATTEMPTS):
            try:
                if not await self._attempt(model, held, at):
                    return
            except Changed:
                continue
            except (Refused, Gone) as error:
                self._refused[key] = str(error)
            return
        self._refused[key] = f"others changed it {ATTEMPTS} times while it was to be written"

    async def _attempt(self, model: AIModelDeployment, held: HeldFeed, at: FeedAt) -> bool:
        """Write it if it is as it was when that was decided; False where there is nothing to write."""
        seen = await self._read(at)
        if seen is None or seen.uid != held.uid:
            return False
        if held.state is FeedState.SUSPENDING:
            if seen.value != held.before or seen.value == held.value:
                return False
            await self._objects.write(at, seen, held.value, mark_of(model, held.incident))
            return True
        if seen.value != held.value:
            return False
        if seen.by and not is_ours(model, seen.by):
            raise Refused(f"it is suspended by {owner(seen.by)}")
        await self._objects.write(at, seen, held.before, "")
        return True


def _at(model: AIModelDeployment, target: ObjectRef, entry: Suspendable) -> FeedAt:
    namespace = model.metadata.namespace or ""
    return FeedAt(namespace, entry.api_version, entry.resource, target.name, entry.path)


def _view_of(seen: FeedSeen | None, entry: Suspendable, refused: str) -> FeedView:
    if seen is None:
        return FeedView(gone=True, path=entry.path, wanted=entry.value, refused=refused)
    return FeedView(
        uid=seen.uid,
        path=entry.path,
        wanted=entry.value,
        value=seen.value,
        by=seen.by,
        running=seen.running,
        refused=refused,
    )
