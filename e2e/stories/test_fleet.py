"""Many models at once: nobody is taken back beyond what is promised, and who is worse is found among them."""

from collections.abc import Iterator

import pytest

from bench.fleet.figures import missed
from bench.fleet.manifests import APPROVALS, FAILURES, NAMESPACE
from bench.fleet.playing import Stage
from bench.fleet.scenario import HOUR, Scenario
from e2e.bed import Bed, wait_for
from e2e.bed.chart import IMAGE, operator_image
from e2e.cluster.progress import Terminal

pytestmark = pytest.mark.usefixtures("ours")

SHORT = Scenario(models=8, harmed=2, seconds=2 * HOUR)


@pytest.fixture
def stage(bed: Bed) -> Iterator[Stage]:
    """The bed's operator on a clock that runs faster, for as long as the story lasts."""
    bed.clear()
    made = Stage(bed.cluster, SHORT, Terminal())
    bed.operator.replace()
    try:
        yield made
    finally:
        kubectl = bed.cluster.kubectl
        kubectl("delete", "namespace", NAMESPACE, "--wait=false", "--ignore-not-found")
        gone = "namespace fleet is gone"
        wait_for(lambda: not bed.reader.namespace_exists(NAMESPACE), gone, deadline_s=120)
        kubectl("delete", "csigt", APPROVALS, FAILURES, "--ignore-not-found")
        usual = operator_image()
        bed.cluster.set_image(IMAGE, usual.argv, usual.env)
        bed.operator.replace()


@pytest.mark.timeout(1200)
def test_versions_that_are_alike_stay_and_those_that_are_worse_go(bed: Bed, stage: Stage) -> None:
    # Given models whose canaries are as good as what they are compared with, and a few whose canaries are not;
    # when two hours pass,
    seen = stage.play(bed.operator)

    # then there are no more false alarms than promised, the worse ones are taken back, and every request is counted.
    assert missed(seen) == []
    assert len(seen.counted) + len(seen.taken_back) == len(SHORT.members)
