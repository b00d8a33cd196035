"""Whoever finds its own name on the Lease takes it, so no two processes may have the same."""

import os

import pytest

from knowngood.settings import parse


def test_a_pod_keeps_its_name_when_its_process_is_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POD_NAME", "knowngood-7f9c-x2")

    assert {parse([]).identity, parse([]).identity} == {"knowngood-7f9c-x2"}


def test_two_processes_without_a_pod_have_two_names_also_with_the_same_process_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("POD_NAME", raising=False)
    monkeypatch.setattr(os, "getpid", lambda: 1)

    assert parse([]).identity != parse([]).identity
