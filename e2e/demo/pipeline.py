"""The course of pipeline: the feed of all versions turns bad, so people let people decide, and mend the feed."""

from collections.abc import Sequence
from typing import Final

from e2e.cluster import Cluster
from e2e.demo.answered import answered, answered_about_people
from e2e.demo.feeding import FEED, PIPELINE, Feeding
from e2e.demo.figures import SAFE_PATH
from e2e.demo.harm import Harm, harm
from e2e.demo.narrator import Narrator
from e2e.demo.observation import Action, IncidentView, Observation
from e2e.demo.person import Person
from e2e.demo.record import Record
from e2e.demo.scenario import Scenario
from e2e.demo.stage import EXAMPLES, MODEL, NAMESPACE, DemoError
from e2e.demo.watcher import Watcher
from e2e.load import Load
from e2e.models.clock import unix_seconds
from e2e.models.feed import Unit
from e2e.models.scoring import Kind

STANDBY: Final = "2"

_GOOD_S: Final = 180.0
_PROMOTION_S: Final = 180.0
_PAST_S: Final = 65.0
"""How long a version has to have served before its feed turns bad: before that there is nothing to compare with."""
_RUN_S: Final = 90.0
_FOUND_S: Final = 90.0
_HEARD_S: Final = 30.0
_BACK_S: Final = 60.0
_RIGHT_S: Final = 60.0
_OVER_S: Final = 180.0
_SETTLED_S: Final = 2.0
_SHIFTS: Final = {"Rollback", "ShiftToShadow"}


class Pipeline(Scenario):
    """No version is right, so no other version gets the requests."""

    bad, otherwise = "3", "it approves while its feed is right"
    effort = "one person had to say yes"
    paged = True

    def __init__(self, cluster: Cluster, watcher: Watcher, narrator: Narrator) -> None:
        super().__init__(cluster, watcher, narrator)
        self._decides: Sequence[bool] = self._stage.decides(Kind.RIDGE)
        self._record = Record(self._stage)
        self._feeding = Feeding(self._stage)
        self._alone = self._since = self._until = float("inf")

    def begin(self) -> None:
        """Apply everything with version 2, and wait until it answers."""
        self._feeding.begin()
        signals = EXAMPLES / "signal-templates.yaml"
        own = (PIPELINE / f"{name}.yaml" for name in ("review", "policy", "model-v2"))
        self._stage.first_version(
            signals, *own, serves=lambda seen: seen.stable == STANDBY, version=STANDBY
        )
        self._oncall, self._owner = Person(self._stage, "alice"), Person(self._stage, "dana")

    def trouble(self, load: Load) -> tuple[Harm, IncidentView]:
        """Let the feed of both versions turn bad, and a person decide that people decide."""
        say = self._stage.narrator.say
        self._two_versions(load)
        say("weeks pass; then whoever owns the feed changes it, and it gives the tenure in months")
        self._since = unix_seconds()
        self._owner.types("kubectl", "apply", "-f", "pipeline/feed-broken.yaml")
        self._delivered(load, Unit.MONTHS)
        say(
            "the feed has run, and its run has succeeded; both versions read what it brought",
            "bold",
        )
        incident = self._found(load)
        say("no version is any better: nothing is shifted, and people are asked", "red")
        self._record.paged(load, self.pager)
        self._oncall.types("knowngood", "incident", "acknowledge", incident.name, "-n", NAMESPACE)
        self._approve(load, incident, "SafePath", "version 2 reads the same feed")
        self._stage.wait(lambda seen: self._safe(load, seen), "users are safe", _HEARD_S)
        self._until = unix_seconds()
        say("people decide about every application; no version answers", "green")
        return self.harm(load), self._incident()

    def after(self, load: Load) -> None:
        """Stop the feed, mend it, give the requests back, and hold the incident against the questions."""
        say = self._stage.narrator.say
        incident = self._incident()
        self._approve(load, incident, "SuspendFeed", "nothing more of this")
        if not self._feeding.suspended():
            raise DemoError("the incident says that the feed is suspended, and it is not")
        say("the feed is suspended: it brings nothing more before somebody resumes it", "green")
        why = (
            "--outcome",
            "FixPipeline",
            "--rationale",
            "the tenure comes in months, at every version",
        )
        self._oncall.types("knowngood", "incident", "decide", incident.name, *why, "-n", NAMESPACE)
        self._mend(load)
        self._record.counted(load, self.bad)
        self._give_back(load)
        self._over(load)
        if load.ledger.first_of(STANDBY, self._alone) is not None:
            raise DemoError(f"version {STANDBY} has answered users")
        record = self._record.told(load)
        self._record.answers({**answered(record), **answered_about_people(record)})

    def harm(self, load: Load) -> Harm:
        """Return what version 3 has done to clients from its first wrong answer until users were safe."""
        answers = load.ledger.answers(self._since, self._until)
        first = harm(answers, self.bad, self._decides).first_bad
        since = self._until if first is None else first.answered_at
        return harm((a for a in answers if a.answered_at >= since), self.bad, self._decides)

    def also(self, load: Load) -> Sequence[str]:
        """Say who answered meanwhile."""
        by_people = sum(a.ok and not a.version for a in load.ledger.answers(self._since))
        return [f"people were given {by_people} applications to decide; no other version answered"]

    def _two_versions(self, load: Load) -> None:
        say = self._stage.narrator.say
        self._stage.known_good(load, "2", _GOOD_S)
        say("version 2 is known good: what it does is remembered", "green")
        self._stage.apply(PIPELINE / "model-v3.yaml")
        self._stage.known_good(load, "3", _PROMOTION_S + _GOOD_S)
        self._alone = unix_seconds()
        say("version 3 serves and is known good; version 2 stands by and answers copies", "green")
        self._stage.proved_standby(load, "2", _GOOD_S)
        last = load.ledger.last_of(STANDBY)
        enough = (last.answered_at if last else 0) + _PAST_S
        self._stage.wait(
            lambda seen: self._running(load, seen) and unix_seconds() > enough,
            "version 3 has a past to compare with",
            _PAST_S,
        )

    def _delivered(self, load: Load, unit: Unit) -> None:
        """Wait for a run of the feed from now on that brings the tenure in this unit."""
        now = unix_seconds()

        def is_so(seen: Observation) -> bool:
            return self._running(load, seen) and self._feeding.delivered(unit, now)

        self._stage.wait(is_so, f"a run of the feed has brought {unit}", _RUN_S, every_s=1)

    def _found(self, load: Load) -> IncidentView:
        """Wait for an incident that asks for both actions, and show why it does so."""

        def asks(seen: Observation) -> bool:
            wanted = {"SafePath", "SuspendFeed"}
            return self._running(load, seen) and wanted <= {a.type for a in _waiting(seen)}

        self._stage.wait(asks, "the incident asks people about both", _FOUND_S)
        self._record.found_alone(self._record.told(load))
        return self._incident()

    def _mend(self, load: Load) -> None:
        """Let the owner of the feed mend it, and not wait for its next minute; wait until both versions are right."""
        say = self._stage.narrator.say
        say(
            "the owner of the feed mends it, resumes it, and does not wait for the next minute",
            "bold",
        )
        self._owner.types("kubectl", "apply", "-f", "pipeline/feed.yaml")
        self._owner.types("knowngood", "feed", "resume", MODEL, FEED, "-n", NAMESPACE)
        run = (f"--from=cronjob/{FEED}", f"{FEED}-mended", "-n", NAMESPACE)
        self._owner.types("kubectl", "create", "job", *run)
        self._delivered(load, Unit.YEARS)
        self._stage.wait(
            lambda seen: self._running(load, seen) and self._feeding.is_right(),
            "both versions answer a golden request right",
            _RIGHT_S,
            every_s=1,
        )
        say("the feed has brought years again; every pod answers a golden request right", "green")

    def _give_back(self, load: Load) -> None:
        """Let the person on call give the requests back to version 3."""
        self._oncall.types("knowngood", "undo", MODEL, "--version", self.bad, "-n", NAMESPACE)

        def is_back(seen: Observation) -> bool:
            recent = load.ledger.tallies(unix_seconds() - _SETTLED_S)
            alone = (seen.weights or {}).get(self.bad) == 100
            return self._running(load, seen) and alone and set(recent) == {self.bad}

        self._stage.wait(is_back, "version 3 answers again", _BACK_S)
        self._stage.narrator.say("version 3 answers all requests again", "green")

    def _over(self, load: Load) -> None:
        """Wait until the cause was seen to be gone."""

        def is_over(seen: Observation) -> bool:
            phase = seen.incident.phase if seen.incident else ""
            return self._running(load, seen) and phase in {"Eradicated", "Recovered", "Closed"}

        self._stage.wait(is_over, "the cause is seen to be gone", _OVER_S)
        text = "the incident is eradicated; it is recovered when all has been well for 15 minutes"
        self._stage.narrator.say(text, "green")

    def _incident(self) -> IncidentView:
        incident = self._stage.watcher.view.model.incident
        if incident is None:
            raise DemoError("there is no incident")
        return incident

    def _approve(self, load: Load, incident: IncidentView, kind: str, note: str) -> None:
        """Let the person on call say yes to what is asked, and wait until that was done."""
        seen = self._stage.watcher.view.model
        ids = [a.id for a in _waiting(seen) if a.type == kind]
        if len(ids) != 1:
            raise DemoError(f"{len(ids)} actions {kind} wait, and not one")
        what = ("--action", ids[0], "--note", note, "-n", NAMESPACE)
        self._oncall.types("knowngood", "incident", "approve", incident.name, *what)

        def done(now: Observation) -> bool:
            states = {a.id: a.state for a in now.incident.actions} if now.incident else {}
            if states.get(ids[0]) in {"Failed", "Skipped", "Withdrawn", "Rejected"}:
                raise DemoError(f"{kind} was approved, and is {states[ids[0]]}")
            return self._running(load, now) and states.get(ids[0]) == "Verified"

        self._stage.wait(done, f"{kind} is seen to be done", _HEARD_S)

    def _safe(self, load: Load, seen: Observation) -> bool:
        verified = seen.incident is not None and seen.incident.containment == "Verified"
        return self._running(load, seen) and verified and (seen.weights or {}).get(SAFE_PATH) == 100

    def _running(self, load: Load, seen: Observation) -> bool:
        """True; raises when clients have stopped, or have been sent to another version."""
        shifted = seen.incident and [
            a for a in seen.incident.actions if a.type in _SHIFTS and a.state != "Withdrawn"
        ]
        sent = (seen.weights or {}).get(STANDBY, 0)
        if shifted or sent or seen.stable != self.bad:
            raise DemoError(
                f"another version gets the requests, which is no better: {shifted}, {seen}"
            )
        return self._stage.running(load)


def _waiting(seen: Observation) -> Sequence[Action]:
    actions = seen.incident.actions if seen.incident else ()
    return [action for action in actions if action.state == "Waiting"]
