"""The rows, the trained models, and servers of them."""

import contextlib
from collections.abc import Iterator

import pytest

from e2e.models import data, train
from e2e.models.data import Loans
from e2e.models.features import Preprocessing
from e2e.models.scoring import Kind, Model
from tests.e2e_parts.serving import Serve, serving


@pytest.fixture(scope="session")
def loans() -> Loans:
    """The analysis rows that clients send, with their outcomes."""
    loans = data.analysis(data.fetch())
    return Loans(loans.rows[: data.BEFORE_THE_CHANGE], loans.repaid[: data.BEFORE_THE_CHANGE])


@pytest.fixture(scope="session")
def models() -> dict[str, Model]:
    """The three versions of the demo, by name, and the one that is held to smaller weights."""
    directory = train.ensure()
    return {
        "1": Model.load(directory, Kind.LOGISTIC, Preprocessing.V1),
        "2": Model.load(directory, Kind.LOGISTIC, Preprocessing.V2),
        "3": Model.load(directory, Kind.BOOSTED, Preprocessing.V1),
        "ridge": Model.load(directory, Kind.RIDGE, Preprocessing.V1),
    }


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start model servers as processes, and end them after the test."""
    with contextlib.ExitStack() as running:

        def start(**env: str) -> str:
            return running.enter_context(serving(env))

        yield start
