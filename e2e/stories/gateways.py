"""For stories that must come out the same on every gateway."""

from typing import Final

import pytest

from e2e.bed import Gateway

ON_BOTH_GATEWAYS: Final = pytest.mark.parametrize("gateway", Gateway, ids=lambda g: g.name.lower())
