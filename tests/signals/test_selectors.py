import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from knowngood.signals.selectors import (
    Matcher,
    Operator,
    Selector,
    SelectorError,
    parse_selector,
)

READ = [
    ("up", "up"),
    ("a:b_total", "a:b_total"),
    (" up { } ", "up"),
    ("up{}", "up"),
    ('up{a="b"}', 'up{a="b"}'),
    ('up{a="b",}', 'up{a="b"}'),
    ('up{ a != "b" , c=~"d|e",f!~"5.." }', 'up{a!="b",c=~"d|e",f!~"5.."}'),
    ("up{a='it\\'s \"it\"'}", 'up{a="it\'s \\"it\\""}'),
    ("up{a=`raw \\d`}", 'up{a="raw \\\\d"}'),
    ('up{a="\\n\\t\\x41\\101\\u00e9\\U0001F600"}', 'up{a="\\n\\tAAé😀"}'),
    ('{__name__="up"}', "up"),
    ('{__name__="up",a="b"}', 'up{a="b"}'),
    ('{__name__=~"up|down"}', '{__name__=~"up|down"}'),
    ('{__name__="Inf",inf="a"}', '{__name__="Inf",inf="a"}'),
    ('{"up.time", "a.b"="c"}', '{__name__="up.time","a.b"="c"}'),
    ('up{a="b"} # the rest is a comment', 'up{a="b"}'),
    ('up{a="",b="c"}', 'up{a="",b="c"}'),
    ('up{a="# no comment {,}"}', 'up{a="# no comment {,}"}'),
]


@pytest.mark.parametrize(("text", "canonical"), READ)
def test_a_selector_is_read_and_written_in_one_spelling(text: str, canonical: str) -> None:
    assert parse_selector(text).render() == canonical


REFUSED = [
    ("", "character 1: a metric's name or '{' is wanted, found the end"),
    ("sum(up)", r"character 4: '\(' does not belong"),
    ("up[5m]", r"character 3: '\[' does not belong"),
    ("up offset 5m", "character 4: a plain selector ends here"),
    ("up + down", r"character 4: '\+' does not belong"),
    ('up{a="b"} or up', "character 11: a plain selector ends here"),
    ("up{a}", "character 5: one of = != =~ !~ is wanted, found '}'"),
    ("up{a=b}", "character 6: a quoted text is wanted, found 'b'"),
    ('up{a=="b"}', "character 5: '=' does not belong"),
    ('up{a="b" c="d"}', "character 10: ',' or '}' is wanted, found 'c'"),
    ('up{,a="b"}', "character 4: a label's name is wanted"),
    ('up{a:b="c"}', "character 4: a label's name is wanted, found 'a:b'"),
    ('up{a="b"', "character 9: ',' or '}' is wanted, found the end"),
    ('up{a="b', "character 6: this quoted text does not end"),
    ('up{a="b\n"}', "character 6: this quoted text does not end"),
    ('up{a="\\d"}', r"character 7: unknown escape \\d"),
    ('up{a="\\\'"}', "character 7: unknown escape"),
    ('up{a="\\xff"}', "character 7: write the character itself"),
    ('up{a="\\ud800"}', "character 7: no character has this number"),
    ('up{__name__="down"}', "character 4: the metric's name is given twice"),
    ('{"up","down"}', "character 7: the metric's name is given twice"),
    ("{}", "at least one matcher must refuse the empty text"),
    ('{a=~".*"}', "at least one matcher must refuse the empty text"),
    ('{a!="b"}', "at least one matcher must refuse the empty text"),
    ("nan", "character 1: a name is wanted; PromQL reads this word as a number"),
    ("5xx_total", "character 1: '5' does not belong"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_anything_else_is_refused_with_what_is_wrong_and_where(text: str, why: str) -> None:
    with pytest.raises(SelectorError, match=why):
        parse_selector(text)


def test_a_window_is_added_in_whole_seconds() -> None:
    assert parse_selector('up{a="b"}').render(30) == 'up{a="b"}[30s]'


MATCHING = [
    ('up{a="b"}', {"a": "b"}, True),
    ('up{a="b"}', {"a": "bb"}, False),
    ('up{a="b"}', {}, False),
    ('up{a!="b"}', {}, True),
    ('up{a!="b"}', {"a": "b"}, False),
    ('up{a=""}', {}, True),
    ('up{a=~"5.."}', {"a": "503"}, True),
    ('up{a=~"5.."}', {"a": "1503"}, False),
    ('up{a=~"5\\\\d+|4(29|04)"}', {"a": "429"}, True),
    ('up{a=~"5\\\\d+"}', {"a": "5٣"}, False),
    ('up{a=~"5.."}', {"a": "50\n"}, True),
    ('up{a!~"2..|3.."}', {"a": "404"}, True),
    ('up{a!~"2..|3.."}', {"a": "204"}, False),
    ('up{a!~".+"}', {}, True),
]


@pytest.mark.parametrize(("text", "labels", "expected"), MATCHING)
def test_matching_here_is_what_prometheus_does(
    text: str, labels: dict[str, str], *, expected: bool
) -> None:
    assert parse_selector(text).matches({"__name__": "up", **labels}) is expected


def test_the_name_of_the_metric_is_matched_too() -> None:
    assert not parse_selector("up").matches({"__name__": "down"})


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "a++", "(?i)a", "[[:alpha:]]", "a{2,3}", "\\pL", "a*b*c*", "(a|b)*", "[z-a]"],
)
def test_a_pattern_that_could_differ_or_be_slow_is_left_to_prometheus(pattern: str) -> None:
    matcher = Matcher("a", Operator.MATCHES, pattern)

    assert not matcher.is_local
    with pytest.raises(SelectorError, match="Prometheus only"):
        matcher.accepts("aaaa")


def test_a_selector_that_adds_matchers_narrows() -> None:
    total, events = parse_selector('r{app="x"}'), parse_selector('r{code=~"5..",app="x"}')

    assert events.narrows(total)
    assert not total.narrows(events)
    assert not parse_selector('s{code=~"5..",app="x"}').narrows(total)


labels = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True).filter(
    lambda label: label != "__name__"
)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
matchers = st.builds(Matcher, labels | any_text.filter(bool), st.sampled_from(Operator), any_text)


@given(any_text.filter(bool), st.lists(matchers, max_size=4))
@example('x"} or vector(1) #', [])
@example("up", [Matcher("a", Operator.EQUAL, '"} or vector(1) #')])
def test_whatever_is_written_reads_back_as_the_same(name: str, more: list[Matcher]) -> None:
    assume(all(m.label != "__name__" for m in more))
    selector = Selector((Matcher("__name__", Operator.EQUAL, name), *more))

    again = parse_selector(selector.render(None))

    assert set(again.matchers) == set(selector.matchers)
    assert again.render() == selector.render()


@given(st.text(alphabet="ab_:{}=!~\"'`\\,#\n []()5x", max_size=20))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        selector = parse_selector(text)
    except SelectorError as refusal:
        assert re.search(r"at character \d+: ", str(refusal))  # noqa: PT017  - reading is as good
    else:
        assert parse_selector(selector.render()).render() == selector.render()


@given(st.from_regex(r"[ab.]{1,4}[*+?]?(\|[ab]{1,3})?", fullmatch=True), st.text("ab|", max_size=6))
def test_local_patterns_are_anchored_at_both_ends(pattern: str, value: str) -> None:
    matcher = Matcher("x", Operator.MATCHES, pattern)
    assume(matcher.is_local)

    assert matcher.accepts(value) == bool(re.search(rf"\A(?:{pattern})\Z", value))
