import shutil
from pathlib import Path

import pytest

from e2e.cluster.errors import BuildError
from e2e.models import data
from e2e.models.data import Loans
from e2e.models.features import FEATURES


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache of its own, filled."""
    whole = data.fetch()
    shutil.copytree(whole, tmp_path / whole.name)
    return tmp_path


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def test_a_damaged_file_is_noticed_and_fetched_again(cache: Path) -> None:
    before = (data.fetch() / "synthetic_car_loan_analysis.csv").read_bytes()
    damaged = data.fetch(cache) / "synthetic_car_loan_analysis.csv"
    damaged.write_bytes(before[:-1] + b"7")
    said: list[str] = []
    repaired = data.fetch(cache, said.append) / "synthetic_car_loan_analysis.csv"
    assert repaired.read_bytes() == before
    assert any("damaged" in line for line in said)


@pytest.mark.usefixtures("offline")
def test_a_whole_cache_needs_no_network(cache: Path) -> None:
    said: list[str] = []
    assert data.fetch(cache, said.append).parent == cache
    assert said == []


@pytest.mark.usefixtures("offline")
def test_without_network_and_cache_it_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"nannyml==0\.13\.1"):
        data.fetch(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_there_are_as_many_rows_as_the_sets_have() -> None:
    directory = data.fetch()
    assert len(data.reference(directory).rows) == 50_000
    assert len(data.analysis(directory).rows) == 50_000
    assert len(data.traffic(directory)) == 25_000


def test_a_row_holds_what_a_client_knows_and_not_the_outcome(loans: Loans) -> None:
    assert all(set(row) == set(FEATURES) for row in loans.rows)
    assert loans.rows[0]["size_of_downpayment"] == "10%"
    assert loans.rows[0]["repaid_loan_on_prev_car"] is False
