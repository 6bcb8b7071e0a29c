"""Read the flows: what each task does, step by step.

    flows:
      return_items:
        title: the return                         # how the task is named when it is announced or taken up again
        description: Send items of an order back.
        slots: [order_id, item, wishes, order, lines, confirm]   # of this task; others live as long as the conversation
        gathers: [item]                           # several such requests are one task: each is an entry of `wishes`
        steps:
        - {call: identify, unless: customer_id}   # run another flow first
        - {action: action_find_order, until: order, asks: order_id, uses: [order_id]}  # run again until it is set
        - {action: action_choose_items, until: lines, asks: item, uses: [item, wishes], when: order}
        - {respond: utter_queue, with: [lines]}   # say something, with slots as its facts
        - {action: action_return_items, when: confirm, unless: order}   # `when` and `unless` look at a slot

A slot that a step `uses` may be given again later: the step and those after it then run anew, so that any earlier
answer can be corrected. A flow has the name of the intent that starts it, or is called by others. Validation names file
and line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from intents.yaml_files import BadYaml, read_yaml

SHIPPED = Path(__file__).with_name("flows")
ACCEPTS = Path(__file__).with_name("accepts.yml")
KINDS = ("call", "action", "respond")
STEP_KEYS = {*KINDS, "until", "asks", "uses", "with", "when", "unless"}
FLOW_KEYS = {"title", "description", "slots", "gathers", "steps"}
GATHERED = "wishes"  # the slot that holds what several requests of one task asked for


class BadFlows(ValueError):
    """The flow files have problems; the message lists them all, each with file and line."""


@dataclass(frozen=True)
class Step:
    kind: str  # one of KINDS
    name: str  # of the flow, action or response
    until: str | None = None  # wait for the shopper and run again until this slot is set
    asks: str | None = None  # what is asked meanwhile
    when: str | None = None  # only if this slot is set and not false
    unless: str | None = None  # only if it is not
    uses: frozenset[str] = frozenset()  # slots which, given again, make this step run anew
    facts: tuple[str, ...] = ()  # slots that a response states
    where: str = field(default="", compare=False)  # file:line, for messages

    def applies(self, slots: Mapping[str, Any]) -> bool:
        return (self.when is None or bool(slots.get(self.when))) and not (self.unless and slots.get(self.unless))


@dataclass(frozen=True)
class Flow:
    name: str
    description: str
    slots: frozenset[str]
    steps: tuple[Step, ...]
    title: str = ""
    gathers: frozenset[str] = frozenset()

    def step_using(self, slot: str, before: int) -> int | None:
        """The first step before this one that must run anew when the slot is given again."""
        return next((place for place, step in enumerate(self.steps[:before]) if slot in step.uses), None)

    def settled_from(self, place: int) -> frozenset[str]:
        """The slots of this task that this step and those after it wait for."""
        return frozenset(step.until for step in self.steps[place:] if step.until) & self.slots


def load_flows(
    known_actions: Collection[str], known_responses: Collection[str], folder: Path = SHIPPED
) -> dict[str, Flow]:
    """Every flow of the folder. Raises BadFlows."""
    problems: list[str] = []
    flows: dict[str, Flow] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        for name, spec, line in _specs(path, problems):
            where = f"{path}:{line}"
            if name in flows:
                problems.append(f"{where}: flow `{name}` is in {places[name]} already; give it another name")
            flows[name], places[name] = _flow(name, spec, where, problems), where
    names = {"call": flows.keys(), "action": known_actions, "respond": known_responses}
    for flow in flows.values():
        problems += [
            f"{step.where}: flow `{flow.name}` names {step.kind} `{step.name}`, which does not exist"
            for step in flow.steps
            if step.name not in names[step.kind]
        ]
    circle = _circle(flows)
    if circle:
        problems.append(f"{places[circle[0]]}: flow `{circle[0]}` calls itself: {', '.join(circle)}")
    if problems:
        raise BadFlows("\n".join(problems))
    return flows


def load_accepts(flows: Collection[str], responses: Collection[str], path: Path = ACCEPTS) -> dict[str, str]:
    """Which flow a yes to a response starts, where the response itself makes an offer. Raises BadFlows."""
    accepts = read_yaml(path)["accepts"]
    problems = [f"{path}: no response `{response}`" for response in accepts if response not in responses]
    problems += [f"{path}: no flow `{flow}`" for flow in accepts.values() if flow not in flows]
    if problems:
        raise BadFlows("\n".join(problems))
    return dict(accepts)


def _specs(path: Path, problems: list[str]) -> list[tuple[str, Any, int]]:
    try:
        data = read_yaml(path)
    except BadYaml as error:
        problems.append(f"{path}:{error.line}: {error}")
        return []
    flows = data.get("flows") if isinstance(data, dict) else None
    if not isinstance(flows, CommentedMap):
        problems.append(f"{path}:1: has no `flows:` mapping")
        return []
    return [(name, spec, flows.lc.key(name)[0] + 1) for name, spec in flows.items()]


def _flow(name: str, spec: Any, where: str, problems: list[str]) -> Flow:
    if not isinstance(spec, dict) or not isinstance(spec.get("steps"), list):
        problems.append(f"{where}: flow `{name}` needs a list of `steps:`")
        return Flow(name, "", frozenset(), ())
    if set(spec) - FLOW_KEYS:
        unknown = sorted(set(spec) - FLOW_KEYS)
        problems.append(f"{where}: flow `{name}` takes {', '.join(sorted(FLOW_KEYS))}, not {unknown}")
    slots, gathers = (_names(name, spec, key, where, problems) for key in ("slots", "gathers"))
    if gathers and not {*gathers, GATHERED} <= set(slots):
        problems.append(f"{where}: flow `{name}` gathers what is not among its slots; they need {GATHERED} too")
    path, lines = where.rsplit(":", 1)[0], spec["steps"].lc
    steps = [
        _step(name, step, f"{path}:{lines.item(place)[0] + 1}", problems) for place, step in enumerate(spec["steps"])
    ]
    for step in filter(None, steps):
        if unknown := sorted(step.uses - set(slots)):
            problems.append(f"{step.where}: flow `{name}` has no slots {unknown}, which a step uses")
    return Flow(
        name,
        str(spec.get("description", "")),
        frozenset(slots),
        tuple(step for step in steps if step),
        str(spec.get("title", "")),
        frozenset(gathers),
    )


def _names(name: str, spec: Mapping[str, Any], key: str, where: str, problems: list[str]) -> list[str]:
    names = spec.get(key) or []
    if isinstance(names, list):
        return names
    problems.append(f"{where}: flow `{name}` needs a list of `{key}:`, not {names!r}")
    return []


def _step(flow: str, spec: Any, where: str, problems: list[str]) -> Step | None:
    kinds = [kind for kind in KINDS if isinstance(spec, dict) and kind in spec]
    if len(kinds) != 1 or set(spec) - STEP_KEYS:
        problems.append(
            f"{where}: a step of flow `{flow}` has one of {', '.join(KINDS)} "
            f"and may have until, asks, uses, with, when, unless: {spec}"
        )
        return None
    if not isinstance(spec[kinds[0]], str):
        problems.append(f"{where}: a step of flow `{flow}` names one {kinds[0]}, not {spec[kinds[0]]!r}")
        return None
    if ("until" in spec) != ("asks" in spec):
        problems.append(f"{where}: a step of flow `{flow}` has `until` and `asks` together or neither: {spec}")
    if "uses" in spec and "until" not in spec:
        problems.append(f"{where}: a step of flow `{flow}` that `uses` slots has to wait `until` one is set: {spec}")
    if "with" in spec and kinds[0] != "respond":
        problems.append(f"{where}: only a response has facts `with` it, in flow `{flow}`: {spec}")
    until, asks, when, unless = (spec.get(key) for key in ("until", "asks", "when", "unless"))
    uses, facts = (_names(flow, spec, key, where, problems) for key in ("uses", "with"))
    return Step(kinds[0], spec[kinds[0]], until, asks, when, unless, frozenset(uses), tuple(facts), where)


def _circle(flows: Mapping[str, Flow]) -> list[str]:
    """A flow that would call itself without end, with the flows on the way back to it; empty if there is none."""

    def search(path: list[str]) -> list[str]:
        for step in flows[path[-1]].steps:
            if step.kind != "call" or step.name not in flows:
                continue
            if step.name in path:
                return [*path[path.index(step.name) :], step.name]
            if found := search([*path, step.name]):
                return found
        return []

    return next((found for name in flows if (found := search([name]))), [])
