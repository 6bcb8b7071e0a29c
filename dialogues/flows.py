"""Read the flows: what each task does, step by step.

    flows:
      track_order:
        description: Say where an order is.
        slots: [order_id, item, order]            # slots of this task alone; others live as long as the conversation
        steps:
        - {call: identify, unless: customer_id}   # run another flow first
        - {action: action_find_order, until: order, asks: order_id}   # run again on each answer until the slot is set
        - {respond: utter_declined, unless: confirm}    # say something; `when` and `unless` look at a slot

A flow has the name of the intent that starts it, or is called by others. Validation names file and line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

SHIPPED = Path(__file__).with_name("flows")
KINDS = ("call", "action", "respond")
STEP_KEYS = {*KINDS, "until", "asks", "when", "unless"}
FLOW_KEYS = {"description", "slots", "steps"}


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

    def applies(self, slots: Mapping[str, Any]) -> bool:
        return (self.when is None or bool(slots.get(self.when))) and not (self.unless and slots.get(self.unless))


@dataclass(frozen=True)
class Flow:
    name: str
    description: str
    slots: frozenset[str]
    steps: tuple[Step, ...]


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
            f"{places[flow.name]}: flow `{flow.name}` names {step.kind} `{step.name}`, which does not exist"
            for step in flow.steps
            if step.name not in names[step.kind]
        ]
    if problems:
        raise BadFlows("\n".join(problems))
    return flows


def _specs(path: Path, problems: list[str]) -> list[tuple[str, Any, int]]:
    try:
        data = YAML(typ="rt").load(path.read_text("utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.append(f"{path}:{line}: not YAML: {error.problem}")
        return []
    flows = data.get("flows") if isinstance(data, dict) else None
    if not isinstance(flows, dict):
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
    steps = [_step(name, step, where, problems) for step in spec["steps"]]
    slots = frozenset(spec.get("slots") or ())
    return Flow(name, str(spec.get("description", "")), slots, tuple(step for step in steps if step))


def _step(flow: str, spec: Any, where: str, problems: list[str]) -> Step | None:
    kinds = [kind for kind in KINDS if isinstance(spec, dict) and kind in spec]
    if len(kinds) != 1 or set(spec) - STEP_KEYS:
        problems.append(
            f"{where}: a step of flow `{flow}` has one of {', '.join(KINDS)} "
            f"and may have until, asks, when, unless: {spec}"
        )
        return None
    if ("until" in spec) != ("asks" in spec):
        problems.append(f"{where}: a step of flow `{flow}` has `until` and `asks` together or neither: {spec}")
    return Step(kinds[0], spec[kinds[0]], spec.get("until"), spec.get("asks"), spec.get("when"), spec.get("unless"))
