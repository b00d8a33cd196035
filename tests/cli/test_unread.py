"""What a person is told to do about a signal that can not be read."""

from knowngood.api.v1alpha1 import ConditionType
from knowngood.cli.views.attention import attention
from knowngood.cli.views.one import one
from tests.cli.statuses import decided, flat, printed, with_condition


def test_where_a_signal_can_not_be_read_both_its_template_and_its_source_are_looked_at() -> None:
    message = "signal by-region: pod loan-8-x has a series without the label region"
    model = with_condition(
        decided("pausing"), ConditionType.GUARDED, "ObserverDown", message, holds=False
    )
    shown = flat(printed(one(model, [], None)))

    assert message in shown
    assert "mend the template" in shown
    assert "kubectl get csigt by-region -o yaml" in shown


def test_where_no_signal_is_named_all_templates_are_looked_at() -> None:
    message = "source default: cannot be reached"
    model = with_condition(
        decided("pausing"), ConditionType.GUARDED, "ObserverDown", message, holds=False
    )
    (found,) = attention(model)

    assert found.advice is not None
    assert found.advice.command == "kubectl get csigt"
