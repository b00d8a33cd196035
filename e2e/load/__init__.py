"""Steady traffic through a gateway, with a ledger of every request.

with Load.start(Traffic(url=gateway_url, host="loan.example.com", rate=60)) as load:
    ...
    assert load.ledger.lost() == ()
"""

from e2e.load.answer import Answer
from e2e.load.generator import Load
from e2e.load.ledger import Ledger, Tally
from e2e.load.traffic import Traffic

__all__ = ["Answer", "Ledger", "Load", "Tally", "Traffic"]
