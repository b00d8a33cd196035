from tests.adapters.conftest import all_kinds

__all__ = ["all_kinds"]
