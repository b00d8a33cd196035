"""Policies that must be refused: each is a good one with one thing wrong."""

from typing import Final

from tests.crds.manifests import ABSENT
from tests.crds.refusal import refusals

_TEST: Final = "spec.triggers[0].test"
_CLAIM: Final = f"{_TEST}.proportion.nonInferior"

_DRIFT: Final = {"comparedTo": "Stable", "above": "0.25"}
_ABOVE: Final = (f"{_TEST}.distribution.above", "above zero")
_ONE_TEST: Final = "exactly one of proportion, threshold, distribution, rate, disagreement"

POLICIES: Final = refusals(
    "IncidentPolicy",
    ("spec.selector", ABSENT, "spec.selector", "Required"),
    ("spec.selector.matchLabels", {"a b": "c"}, "spec.selector.matchLabels", "label key"),
    ("spec.selector.matchLabels", {"a": "b c"}, "spec.selector.matchLabels.a"),
    ("spec.selector.matchExpressions.0.values", [], "matchExpressions[0].values", "In and NotIn"),
    ("spec.selector.matchExpressions.1.values", ["x"], "matchExpressions[1].values", "only for"),
    ("spec.selector.matchExpressions.0.operator", "Gt", "matchExpressions[0].operator"),
    ("spec.mode", "Enforce", "spec.mode", '"Observe", "Act"'),
    ("spec.triggers", [], "spec.triggers", "at least 1 items"),
    ("spec.triggers.1.name", "approvals-fall", "spec.triggers[1]", "Duplicate"),
    ("spec.triggers.0.name", "Approvals fall", "spec.triggers[0].name"),
    ("spec.triggers.0.signal.kind", "SignalTemplate", "spec.triggers[0].signal.kind"),
    ("spec.triggers.0.signal.name", ABSENT, "spec.triggers[0].signal.name", "Required"),
    ("spec.triggers.0.roles", ["Shadow"], "spec.triggers[0].roles[0]", '"Canary"'),
    ("spec.triggers.0.roles", ["Stable"], "spec.triggers[0].roles", "roles must be [Stable]"),
    ("spec.triggers.0.roles", [], "spec.triggers[0].roles", "at least 1 items"),
    ("spec.triggers.0.severity", "Warning", "spec.triggers[0].severity", '"Critical"'),
    ("spec.triggers.0.use", "Page", "spec.triggers[0].use"),
    ("spec.triggers.0.test", {}, _TEST, _ONE_TEST),
    (
        "spec.triggers.0.test.threshold",
        {"above": "1", "window": "1m"},
        _TEST,
        _ONE_TEST,
    ),
    ("spec.triggers.0.test", {"distribution": {**_DRIFT, "above": "0"}}, *_ABOVE),
    ("spec.triggers.0.test", {"distribution": {**_DRIFT, "above": "-1"}}, *_ABOVE),
    (
        "spec.triggers.0.test",
        {"distribution": {**_DRIFT, "window": "9s"}},
        f"{_TEST}.distribution.window",
        "between 1m and 24h",
    ),
    (
        "spec.triggers.0.test",
        {"distribution": {**_DRIFT, "statistic": "KS"}},
        f"{_TEST}.distribution.statistic",
        '"PSI"',
    ),
    (
        "spec.triggers.0.test",
        {"distribution": {**_DRIFT, "name": 0}},
        f"{_TEST}.distribution.name",
        "greater than or equal to 1",
    ),
    (
        "spec.triggers.0.test.distribution",
        _DRIFT,
        _TEST,
        "exactly one of proportion, threshold, distribution",
    ),
    (
        "spec.triggers.0.test.proportion.designEffect",
        "0.5",
        f"{_TEST}.proportion.designEffect",
        "Auto",
    ),
    (
        "spec.triggers.0.test.proportion.designEffect",
        "auto",
        f"{_TEST}.proportion.designEffect",
        "Auto",
    ),
    (
        "spec.triggers.0.test.proportion.designEffect",
        "1000",
        f"{_TEST}.proportion.designEffect",
        "Auto",
    ),
    (
        "spec.triggers.0.test.proportion.designEffect",
        10,
        f"{_TEST}.proportion.designEffect",
        "string",
    ),
    (
        "spec.triggers.0.test",
        {"distribution": {**_DRIFT, "designEffect": "Auto"}},
        f"{_TEST}.distribution.designEffect",
        "should match",
    ),
    ("spec.triggers.0.test.proportion.comparedTo", "Standby", f"{_TEST}.proportion.comparedTo"),
    ("spec.triggers.0.test.proportion.direction", ABSENT, f"{_TEST}.proportion.direction"),
    ("spec.triggers.0.test.proportion.tolerance", "5%", f"{_TEST}.proportion.tolerance"),
    ("spec.triggers.0.test.proportion.tolerance", "-1pp", f"{_TEST}.proportion.tolerance"),
    (
        "spec.triggers.0.test.proportion.effect.atLeast",
        "0.0pp",
        f"{_TEST}.proportion.effect.atLeast",
        "above zero",
    ),
    (
        "spec.triggers.0.test.proportion.effect.over",
        "25h",
        f"{_TEST}.proportion.effect.over",
        "between 1s and 24h",
    ),
    (
        "spec.triggers.0.test.proportion.falseAlarms.perRollout",
        "0%",
        f"{_TEST}.proportion.falseAlarms.perRollout",
        "above zero",
    ),
    (
        "spec.triggers.0.test.proportion.falseAlarms.perRollout",
        "100%",
        f"{_TEST}.proportion.falseAlarms.perRollout",
    ),
    ("spec.triggers.0.test.proportion.minSamples", 0, f"{_TEST}.proportion.minSamples"),
    ("spec.triggers.0.test.proportion.minEvents", 0, f"{_TEST}.proportion.minEvents"),
    ("spec.triggers.0.test.proportion.nonInferior.margin", "0pp", f"{_CLAIM}.margin", "above zero"),
    ("spec.triggers.0.test.proportion.nonInferior.margin", ABSENT, f"{_CLAIM}.margin", "Required"),
    ("spec.triggers.0.test.proportion.nonInferior.confidence", "None", f"{_CLAIM}.confidence"),
    ("spec.triggers.0.test.proportion.nonInferior.confidence", "100%", f"{_CLAIM}.confidence"),
    ("spec.triggers.0.critical", False, "spec.triggers[0].critical", "nonInferior"),
    ("spec.triggers.0.use", "Notify", "spec.triggers[0].critical", "only notifies"),
    (
        "spec.triggers.1",
        {
            "name": "gate",
            "use": "Gate",
            "critical": False,
            "signal": {"name": "error-rate"},
            "test": {"threshold": {"above": "0.05", "window": "10s"}},
        },
        "spec.triggers[1].critical",
        "nothing but hold",
    ),
    (
        "spec.triggers.1.test.threshold.below",
        "0.01",
        "spec.triggers[1].test.threshold",
        "exactly one of above, below",
    ),
    ("spec.triggers.1.test.threshold.above", "5%", "spec.triggers[1].test.threshold.above"),
    ("spec.triggers.1.test.threshold.above", 0.05, "spec.triggers[1].test.threshold.above"),
    (
        "spec.triggers.1.test.threshold.window",
        ABSENT,
        "[1].test.threshold",
        "one of window, samples",
    ),
    ("spec.triggers.1.test.threshold.samples", 500, "[1].test.threshold", "one of window, samples"),
    ("spec.triggers.1.test.threshold.maxAge", "12h", "test.threshold.maxAge", "windows by samples"),
    (
        "spec.triggers.1.test",
        {"threshold": {"above": "1", "samples": 20, "minSamples": 21}},
        "spec.triggers[1].test.threshold.minSamples",
        "must not be more than samples",
    ),
    *(
        ("spec.triggers.1.test", {"rate": rate}, f"spec.triggers[1].test.rate.{field}", words)
        for rate, field, words in (
            ({"comparedTo": "Limit"}, "above", "must be set"),
            ({"comparedTo": "Share", "above": "3"}, "above", "only then"),
            ({"comparedTo": "Limit", "above": "0.0"}, "above", "above zero"),
            ({"comparedTo": "Share", "per": "1h"}, "per", "comparedTo Limit only"),
            ({"comparedTo": "Baseline"}, "comparedTo", '"Share", "Limit"'),
        )
    ),
    *(
        ("spec.triggers.1.test", {"disagreement": pairs}, f"test.disagreement.{field}", words)
        for pairs, field, words in (
            ({}, "kind", "Required"),
            ({"kind": "Any"}, "above", "must be set"),
            ({"kind": "Net", "above": "5pp"}, "above", "only then"),
        )
    ),
    ("spec.triggers.1.test.threshold.window", "0s", "test.threshold.window", "between"),
    ("spec.triggers.1.test.threshold.window", "25h", "test.threshold.window", "between"),
    ("spec.triggers.1.test.threshold.for", "25h", "test.threshold.for", "between"),
    ("spec.triggers.1.test.threshold.confidence", "100%", "test.threshold.confidence"),
    ("spec.responses.0.when.triggers", ["error"], "spec.responses", "must name triggers"),
    ("spec.responses.0.actions", [], "spec.responses[0].actions", "at least 1 items"),
    (
        "spec.responses.0.actions.0",
        {},
        "spec.responses[0].actions[0]",
        "rollback, shiftToShadow, safePath, suspendFeed, hold",
    ),
    ("spec.responses.0.actions", [{"shiftToShadow": {}}], "spec.responses[0]", "roles to [Stable]"),
    ("spec.responses.0.actions", [{"suspendFeed": {}}], "spec.responses[0]", "suspendFeed is for"),
    (
        "spec.responses.0.actions",
        [{"suspendFeed": {"feeds": ["../x"]}}],
        "spec.responses[0].actions[0].suspendFeed.feeds[0]",
    ),
    ("spec.responses.0.actions.0.hold", {}, "spec.responses[0].actions[0]", "exactly one of"),
    ("spec.limits.falseAlarmBudget.perRollout", "0.00%", "falseAlarmBudget.perRollout", "zero"),
    ("spec.limits.actionsPerHour", 0, "spec.limits.actionsPerHour", "greater than or equal to 1"),
    ("spec.limits.cooldown", "25h", "spec.limits.cooldown", "between 1s and 24h"),
    *(
        ("spec.approval", [{"action": "ShiftToShadow", **rule}], f"spec.approval[0]{field}", words)
        for rule, field, words in (
            ({}, ".mode", "Required"),
            ({"mode": "Ask"}, ".mode", "VetoWindow"),
            ({"mode": "Act", "action": "Rollback"}, ".action", "ShiftToShadow"),
            ({"mode": "Act", "timeout": "1m"}, ".timeout", "waits for nobody"),
            ({"mode": "Act", "people": 1}, ".people", "for mode Require only"),
            ({"mode": "VetoWindow", "people": 2}, ".people", "for mode Require only"),
            ({"mode": "VetoWindow", "onTimeout": "Hold"}, ".onTimeout", "that is over acts"),
            ({"mode": "Require", "people": 3}, ".people", "less than or equal to 2"),
            ({"mode": "Require", "timeout": "5s"}, ".timeout", "between 10s and 24h"),
            ({"mode": "Require", "onTimeout": "Skip"}, ".onTimeout", "Hold"),
        )
    ),
    (
        "spec.approval",
        [
            {"action": "ShiftToShadow", "mode": "Act"},
            {"action": "ShiftToShadow", "mode": "Require"},
        ],
        "spec.approval[1]",
        "Duplicate",
    ),
)
