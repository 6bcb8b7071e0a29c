"""Comparisons with what the shopper has: "a bigger one", "less bright", "i7 or above", "500 pieces fewer".

A comparison gives each value of one option its place; values left out are not wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.desk.named_values import NamedValue
from assistant.desk.options import Option
from assistant.desk.tokens import UNIT_OF, Token, alike, in_smallest

SIZE_NAMES = (
    "size capacity diameter length height width thickness weight pieces piece cubes storage pack set sections".split()
)
# (words for more, words for less, the options they speak of, the likeliest first)
ADJECTIVES = (
    ("big large huge roomy", "small tiny little compact", SIZE_NAMES),
    ("long", "short", ["length", "life", "height", "size"]),
    ("tall high", "short low", ["height"]),
    ("bright", "dim dark", ["brightness"]),
    ("thick", "thin slim", ["thickness"]),
    ("heavy", "light", ["weight"]),
    ("dark", "light pale fair", ["tone", "shade"]),
    ("wide broad", "narrow", ["width", "view", "fit", "size"]),
    ("hard difficult tough challenging complex", "easy simple", ["difficulty"]),
    ("strong powerful", "weak", ["pressure", "power", "output", "capacity"]),
    ("fast", "slow", ["speed", "processor"]),
    ("sharp", "blurry", ["resolution"]),
    ("firm", "soft", ["firmness"]),
    ("professional advanced", "basic", ["kit", "difficulty"]),
)
MORE = frozenset("more higher greater better bigger larger up upgraded increased extra".split())
LESS = frozenset("less fewer lower smaller worse down reduced".split())
MOST = frozenset("most highest maximum max best greatest top maximal maximized maximised biggest largest".split())
LEAST = frozenset("least fewest lowest minimum min minimal".split())
UP = frozenset("above up better higher more newer over bigger larger faster greater upwards".split())
DOWN = frozenset("below down lower less smaller under fewer older shorter".split())
SLIGHTLY = frozenset("slightly bit little touch next tad step somewhat".split())
BREAKS = frozenset("and but with or for than then so because".split())
NEAR = 3  # tokens between a word and the name of the option it speaks of


@dataclass(frozen=True)
class Comparison:
    start: int  # its tokens; `end` is exclusive
    end: int
    option: str
    ranks: dict[str, int]  # value -> place, 0 is best


@dataclass(frozen=True)
class _Degree:
    sign: int  # 1: more, -1: less
    most: bool  # as much as there is
    end: int
    names: Sequence[str]  # options that the word itself speaks of
    implied: bool = False  # "too big": less of it


def comparisons(
    tokens: Sequence[Token], options: Sequence[Option], current: Mapping[str, str], found: Sequence[NamedValue]
) -> Iterator[Comparison]:
    taken: set[int] = set()
    for bound in _bounds(tokens, options, found):
        taken |= set(range(bound.start, bound.end))
        yield bound
    said: set[str] = set()
    implied: list[Comparison] = []
    for start in range(len(tokens)):
        degree = _degree(tokens, start)
        if degree is None or taken & set(range(start, degree.end)):
            continue
        option, end = _option(tokens, start, degree, options)
        if option is None:
            continue
        comparison = _comparison(tokens, start, end, degree, option, current)
        taken |= set(range(comparison.start, comparison.end))
        if degree.implied:
            implied.append(comparison)
            continue
        said.add(option.name)
        yield comparison
    yield from (comparison for comparison in implied if comparison.option not in said)


def _bounds(tokens: Sequence[Token], options: Sequence[Option], found: Sequence[NamedValue]) -> Iterator[Comparison]:
    """ "i7 or above", "at least 16 GB", "larger than 500 ml"."""
    ladders = {option.name: option.ladder for option in options}
    for mention in found:
        ladder = ladders[mention.option]
        if not ladder:
            continue
        after = [token.text for token in tokens[mention.end : mention.end + 2]]
        before = [token.text for token in tokens[max(mention.start - 3, 0) : mention.start]]
        limit = ladder[mention.value]
        if after[:1] == ["+"] or (after[:1] in (["or"], ["and"]) and after[1:] and after[1] in UP):
            chosen, start, end = _from(ladder, limit, 1), mention.start, mention.end + len(after)
        elif after[:1] == ["or"] and after[1:] and after[1] in DOWN:
            chosen, start, end = _from(ladder, limit, -1), mention.start, mention.end + 2
        elif before[-2:] == ["at", "least"] or before[-1:] in (["minimum"], ["min"]):
            chosen, start, end = _from(ladder, limit, 1), mention.start - 2, mention.end
        elif before[-2:] == ["at", "most"] or before[-2:] == ["up", "to"] or before[-3:-1] in (["no", "more"],):
            chosen, start, end = _from(ladder, limit, -1), mention.start - 2, mention.end
        elif before[-1:] == ["than"] and len(before) > 1 and before[-2] in UP | DOWN | {"longer", "shorter"}:
            sign = 1 if before[-2] in UP | {"longer"} else -1
            chosen = {value: 0 for value, place in ladder.items() if (place - limit) * sign > 0}
            start, end = mention.start - 2, mention.end
        else:
            continue
        yield Comparison(max(start, 0), end, mention.option, chosen)


def _from(ladder: Mapping[str, float], limit: float, sign: int) -> dict[str, int]:
    return {value: 0 for value, place in ladder.items() if (place - limit) * sign >= 0}


def _degree(tokens: Sequence[Token], start: int) -> _Degree | None:
    word = tokens[start].text
    following = tokens[start + 1].text if start + 1 < len(tokens) else ""
    before = tokens[start - 1].text if start else ""
    if word in ("too", "so") and (adjective := _adjective(following)):
        return _Degree(-adjective[0], False, start + 2, adjective[1], implied=True) if word == "too" else None
    if word in ("more", "less", "most", "least") and (adjective := _adjective(following)):
        sign = adjective[0] * (1 if word in ("more", "most") else -1)
        return _Degree(sign, word in ("most", "least"), start + 2, adjective[1])
    if before == "not" and following == "enough" and (adjective := _adjective(word)):
        return _Degree(adjective[0], False, start + 2, adjective[1], implied=True)
    if form := _inflected(word):
        return None if before == "no" and word == "longer" else _Degree(*form[:2], start + 1, form[2])
    if before == "at" or following == "than":
        return None
    if word in MORE | LESS:
        return _Degree(1 if word in MORE else -1, False, start + 1, ["size"] if before in ("size", "sizes") else [])
    if word in MOST | LEAST:
        return _Degree(1 if word in MOST else -1, True, start + 1, [])
    return None


def _adjective(word: str) -> tuple[int, Sequence[str]] | None:
    for more, less, _ in ADJECTIVES:
        for sign, adjectives in ((1, more), (-1, less)):
            if word in adjectives.split():
                return sign, _all_names(word)
    return None


def _all_names(adjective: str) -> list[str]:
    return [name for more, less, names in ADJECTIVES if adjective in f"{more} {less}".split() for name in names]


def _inflected(word: str) -> tuple[int, bool, Sequence[str]] | None:
    """ "brighter" -> (1, False, ["brightness"]), "smallest" -> (-1, True, …)."""
    for ending, most in (("er", False), ("est", True)):
        if not word.endswith(ending):
            continue
        root = word[: -len(ending)]
        roots = (root, root + "e", root[:-1] if root[-1:] == root[-2:-1] else root, root.removesuffix("i") + "y")
        for adjective in roots:
            if meant := _adjective(adjective):
                return meant[0], most, meant[1]
    return None


def _option(
    tokens: Sequence[Token], start: int, degree: _Degree, options: Sequence[Option]
) -> tuple[Option | None, int]:
    """The option that is compared, and where the words about it end."""
    ordered = [option for option in options if option.ladder]
    for index in _nearby(tokens, start, degree.end):
        named = [option for option in ordered if _speaks_of(tokens[index], option)]
        if named:
            suited = [option for option in named if any(name in option.words for name in degree.names)]
            return (suited or named)[0], max(index + 1, degree.end)
    for name in degree.names:
        for option in ordered:
            if name in option.words:
                return option, degree.end
    return None, degree.end


def _nearby(tokens: Sequence[Token], start: int, end: int) -> list[int]:
    """The tokens around those from `start` to `end` that may say what is compared, the nearest first."""
    own = tokens[start].clause
    after = range(end, min(end + NEAR, len(tokens)))
    before = range(start - 1, max(start - 1 - NEAR, -1), -1)
    reached = []
    for side in (after, before):
        for distance, index in enumerate(side):
            if tokens[index].clause != own or tokens[index].text in BREAKS:
                break
            reached.append((distance, index))
    return [index for _, index in sorted(reached, key=lambda one: one[0])]


def _speaks_of(token: Token, option: Option) -> bool:
    units = {value.amount[1] for value in option.values if value.amount}
    by_unit = token.text in UNIT_OF and in_smallest(1, UNIT_OF[token.text])[1] in units - {"", "inch", "x"}
    return by_unit or (len(token.text) > 2 and any(alike(token.text, word) for word in option.words))


def _comparison(
    tokens: Sequence[Token], start: int, end: int, degree: _Degree, option: Option, current: Mapping[str, str]
) -> Comparison:
    ladder = option.ladder
    if degree.most:
        ordered = sorted(ladder, key=lambda value: -degree.sign * ladder[value])
        return Comparison(start, end, option.name, {value: place for place, value in enumerate(ordered)})
    own = ladder.get(current.get(option.name, ""), 0.0)
    beyond = {value: place for value, place in ladder.items() if (place - own) * degree.sign > 0}
    first = max(start - 3, 0)
    around = [
        index for index in range(first, min(end + 1, len(tokens))) if tokens[index].clause == tokens[start].clause
    ]
    steps = next((index for index in around if tokens[index].number is not None), None)
    measured = any(value.amount for value in option.values)
    sizes = any(tokens[index].text in ("size", "sizes", "step", "steps") for index in around)
    ordered = sorted(beyond, key=lambda value: abs(ladder[value] - own))
    if sizes and any(tokens[index].text == "half" for index in around):
        half = {value: 0 for value in beyond if abs(ladder[value] - own) == 0.5}
        return Comparison(first, end, option.name, half)
    if sizes and (steps is not None or any(tokens[index].text in ("one", "a", "next") for index in around)):
        count = int(tokens[steps].number or 1) if steps is not None else 1
        return Comparison(start, end, option.name, {value: 0 for value in ordered[count - 1 : count]})
    if steps is not None and measured:
        amount = in_smallest(tokens[steps].number or 0, _unit(tokens, steps))[0]
        wanted = {value: 0 for value in beyond if abs(abs(ladder[value] - own) - amount) < 0.01}
        return Comparison(min(steps, start), max(end, steps + 1), option.name, wanted)
    slight = any(tokens[index].text in SLIGHTLY for index in around if index < start)
    ranks = {value: place if slight else 0 for place, value in enumerate(ordered)}
    return Comparison(start, end, option.name, ranks)


def _unit(tokens: Sequence[Token], index: int) -> str:
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return following.norm if following and following.text in UNIT_OF else ""
