"""Where two ends differ, in a line each."""

from typing import Any


def differences(want: Any, got: Any, path: str = "") -> list[str]:
    if isinstance(want, dict) and isinstance(got, dict):
        keys = sorted(want.keys() | got.keys())
        return [
            line
            for key in keys
            for line in differences(want.get(key), got.get(key), f"{path}/{key}")
        ]
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        return [
            line
            for i, pair in enumerate(zip(want, got, strict=True))
            for line in differences(*pair, f"{path}[{i}]")
        ]
    return [] if want == got else [f"{path}: wanted {want}, got {got}"]
