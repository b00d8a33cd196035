"""The words fit each state that an incident can have."""

from typing import Any

import pytest

from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind
from knowngood.messages.business import for_business
from knowngood.messages.dispatches import dispatch_of, reminder_of
from knowngood.messages.message import Audience, Message
from knowngood.messages.occasions import noted, owed
from knowngood.messages.operations import for_operations
from tests.exporting.cases import DETECTED, at, entry, evidence
from tests.messages.cases import (
    NOW,
    Object,
    acknowledged,
    asked,
    failed,
    held,
    on_safe_path,
    reopened,
    shifted,
    told,
)

AGAIN = "approval-rate of version 2 is 0.1011 (9 of 89) against 0.4839 (285 of 589) of version 1"
BY_HAND = "version 2 of loan-approval is taken back: alice gave the command rollback"


def message(body: Object, audience: Audience = Audience.OPERATIONS) -> Message:
    """What somebody is told who knew nothing."""
    incident = told(body)
    occasion = owed(incident, None, now=DETECTED)
    assert occasion is not None
    return (for_business if audience is Audience.BUSINESS else for_operations)(incident, occasion)


def line(body: Object, head: str) -> str:
    audiences = ("Customers", Audience.BUSINESS), ("What was done", Audience.BUSINESS)
    found = message(body, dict(audiences).get(head, Audience.OPERATIONS))
    return next(one.text for one in found.lines if one.head == head)


def over(body: Object, **status: object) -> Object:
    """The cause was seen to be gone."""
    clocks = body["status"]["clocks"] | {"eradicated": at(600)}
    return {**body, "status": body["status"] | {"phase": "Eradicated", "clocks": clocks, **status}}


def over_and_closed(body: Object) -> Object:
    return over(body, phase="Closed", resolution="Resolved")


def answered(state: str, result: str) -> Object:
    body = asked()
    body["status"]["actions"][-1] |= {"state": state, "result": result}
    return body


def granted() -> Object:
    body = asked()
    waits = body["status"]["actions"][-1]
    waits["approval"] |= {"grantedAt": at(60), "grantedBy": "alice"}
    return body


def by_hand(**spec: object) -> Object:
    body = held(evidence=[], summary=BY_HAND)
    body["spec"] |= {"origin": "Manual", **spec}
    return body


def test_what_was_found_before_it_was_opened_again_are_no_numbers_of_now() -> None:
    body = reopened()
    body["status"]["evidence"] += [evidence(2, AGAIN), evidence(3, "other", trigger="errors")]
    said = "the incident is opened again: version 2 is bad again"
    news = (said, AGAIN, "nothing is shifted", "other")
    body["status"]["timeline"] += [entry(4 + n, 7200, "DE.AE", t) for n, t in enumerate(news)]

    harm = line(body, "Harm")

    assert harm.startswith(f"{AGAIN}, and 1 more trigger, since")


def test_a_trigger_that_is_breached_twice_is_one() -> None:
    assert "more trigger" not in line(held(evidence=[evidence(), evidence(2, AGAIN)]), "Harm")


def test_what_nobody_has_found_is_not_called_found() -> None:
    said = {"by": "alice", "summary": "applicants say that it refuses everybody"}

    declared = message(by_hand(declared=said)).title
    rolled_back = message(by_hand()).title

    assert "version 2 of loan-approval in lending is said to be bad (" in declared
    assert "version 2 of loan-approval in lending is taken back (" in rolled_back


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            answered("Rejected", "nothing is shifted: bob said no"),
            "nothing was shifted (nothing is shifted: bob said no)",
        ),
        (
            answered("Withdrawn", "nobody is asked any more"),
            "nothing was shifted (nobody is asked any more)",
        ),
        (
            granted(),
            "nothing yet; it is decided that version 1 gets all requests (two people decide until 22:10)",
        ),
    ],
    ids=["rejected", "withdrawn", "granted"],
)
def test_what_people_were_asked_about_and_was_not_done_is_not_told_as_done(
    body: Object, words: str
) -> None:
    assert line(body, "Done") == words


def test_who_has_decided_is_not_told_to_decide() -> None:
    assert "people have to decide" in line(held(), "What was done")
    refused = line(answered("Rejected", "nothing is shifted: bob said no"), "What was done")
    assert refused == "nothing was changed: a person has decided so"


@pytest.mark.parametrize("body", [over(held()), over(failed()), over_and_closed(held())])
def test_what_is_over_is_not_said_to_go_on(body: Object) -> None:
    verified, customers = line(body, "Verified"), line(body, "Customers")

    assert verified.endswith("the cause was seen to be gone at 2026-11-28 22:09:33 UTC")
    assert "goes on" not in verified
    assert "may have got wrong answers from 2026-11-28 21:59:28 UTC to 2026-11-28" in customers
    assert "decide" not in line(body, "What was done")


def test_nothing_is_done_yet_only_while_it_is_open() -> None:
    body = by_hand()
    body["status"]["actions"] = []
    assert line(body, "Done") == "nothing yet"
    body["status"] |= {"phase": "Closed", "resolution": "FalsePositive"}
    assert line(body, "Done") == "nothing"


def test_no_command_is_cut_also_with_long_names() -> None:
    incident, space = "credit-card-fraud-detection-europe-12", "risk-management-production-1"
    where = f"{incident} --action a2 -n {space}"
    calls = f"knowngood incident approve {where}, or knowngood incident veto {where}"
    first = f"say that you have it (knowngood incident acknowledge {incident} -n {space}), and "
    decide = f"decide whether version 7 gets all requests instead of version 8 ({calls}): "
    until = "it begins at 2026-11-28T22:09:33Z unless somebody objects, or as soon as 1 person has approved"
    words = f"{first}{decide}{until}; then close the incident {incident}"
    body = asked()
    body["status"]["nextForHuman"] = words

    assert line(body, "You must") == words


def test_a_model_that_is_gone_does_not_go_on() -> None:
    gone = held(phase="Closed", resolution="ModelDeleted")
    assert line(gone, "Verified") == "nothing to verify any more: the model is gone"


def test_a_version_that_nobody_knows_does_not_go_on_either() -> None:
    assert line(held() | {"status": held()["status"] | {"subject": None}}, "Verified") == (
        "nothing to verify: nothing was moved"
    )


def test_business_is_not_told_that_wrong_answers_are_given_by_what_is_contained() -> None:
    title = message(shifted(), Audience.BUSINESS).title

    assert title.endswith("gave answers that may have been wrong")


def test_who_has_closed_it_does_not_look_after_it_any_more() -> None:
    body = acknowledged()
    assert line(body, "What was done").endswith("; alice is looking after it")
    body["status"] |= {"phase": "Closed", "resolution": "Resolved"}
    assert line(body, "What was done").endswith("; alice has looked after it")


def known(body: Object) -> Notification:
    first = owed(told(body), None, now=NOW)
    assert first is not None
    return noted(told(body), None, first, "oncall", DETECTED)


def test_a_question_that_is_answered_before_it_could_be_told_is_not_told() -> None:
    assert owed(told(granted()), known(held()), now=NOW) is None


def test_an_earlier_question_that_is_left_is_not_told_again() -> None:
    both = asked(5)
    both["status"]["actions"].append(asked(900)["status"]["actions"][-1] | {"id": "a3"})

    assert owed(told(asked(5)), known(both), now=NOW) is None


def test_nobody_is_reminded_of_a_question_that_is_answered() -> None:
    note = known(held())
    occasion = owed(told(asked()), note, now=NOW)
    assert occasion is not None
    assert occasion.kind is OccasionKind.ASKED
    note = noted(told(asked()), note, occasion, "oncall", NOW)

    def reminded(body: Object) -> tuple[str, Any]:
        found = reminder_of(told(body), "oncall", Audience.OPERATIONS, note)
        return found.message.title, found.severity

    first = dispatch_of(told(asked()), occasion, "oncall", Audience.OPERATIONS, note)
    assert "waits for people to decide" in first.message.title
    assert "waits for people to decide" in reminded(asked())[0]
    assert "is found to be bad" in reminded(answered("Rejected", "bob said no"))[0]


def test_people_are_told_that_the_model_answers_again_after_the_safe_path() -> None:
    body = on_safe_path()
    body["status"] |= {"fallback": None, "containment": "None", "phase": "Detected"}

    done = line(body, "What was done")

    assert done.startswith("no AI model answered for a while; now it answers again")


def test_a_safe_path_that_does_not_work_is_not_called_another_version() -> None:
    body = on_safe_path(state="Failed")
    body["status"] |= {"fallback": None, "containment": "Failed", "phase": "Detected"}

    done = line(body, "What was done")

    assert done.startswith("what was chosen to answer in place of the AI model does not")
