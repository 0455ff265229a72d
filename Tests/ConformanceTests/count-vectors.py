#!/usr/bin/env python3
"""Counts, for docs/fidelity.md, how many vectors use each manager, option and scope.

    python3 Tests/ConformanceTests/count-vectors.py FOLDER

FOLDER holds node-admission.jsonl and the other files. A case counts once for everything that it uses at
its start (what a restart changes is a row of its own); `container` and `pod` are the Topology Manager's scope, `off` is
its policy `none`. A kubelet that does not start counts for nothing else.
"""
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

folder = Path(sys.argv[1])


def cases(name):
    with open(folder / name) as lines:
        return [json.loads(line) for line in lines if line.strip()]


def used(settings, devices, gates, pods, restarts, health):
    """What one node with these settings uses, as row titles."""
    rows = set()
    cpu = settings.get("cpuManagerPolicy") or "none"
    rows.add(f"CPU Manager `{cpu}`")
    for name, value in (settings.get("cpuManagerPolicyOptions") or {}).items():
        if value == "true":
            rows.add(f"CPU Manager `static`, `{name}`")
    if cpu == "static":
        listed = settings.get("reservedSystemCPUs")
        rows.add("reserved CPUs by " + ("list" if listed else "quantity"))
    memory = settings.get("memoryManagerPolicy") or "None"
    rows.add(f"Memory Manager `{memory}`")
    kinds = {c.get("kind", "app") for p in pods for c in p["containers"]}
    if "init" in kinds:
        rows.add("init containers")
    if "sidecar" in kinds:
        rows.add("sidecars")
    asked = {
        key
        for p in pods
        for c in p["containers"]
        for part in ("both", "requests", "limits")
        for key in c.get(part) or {}
    }
    if memory == "Static" and any(key.startswith("hugepages-") for key in asked):
        rows.add("Memory Manager `Static`, huge pages")
    if any(p.get("resources") for p in pods):
        on = gates.get("PodLevelResourceManagers", False) and gates.get("PodLevelResources", True)
        rows.add("pod-level resources, " + ("managed as a share" if on else "not managed"))
    for device in devices:
        rows.add("Device Manager")
        rows.add(f"Device Manager, preferred `{device['preferred']}`")
        for one in device["devices"]:
            numa = one["numa"]
            count = "no" if not numa else "one" if len(numa) == 1 else "several"
            rows.add(f"Device Manager, devices with {count} NUMA node" + ("s" if count == "several" else ""))
    if health:
        rows.add("Device Manager, health changes")
    policy = settings.get("topologyManagerPolicy") or "none"
    rows.add(f"Topology Manager `{policy}`")
    for name, value in (settings.get("topologyManagerPolicyOptions") or {}).items():
        if value != "false":
            rows.add(f"Topology Manager, `{name}`")
    for restart in restarts:
        rows.add(f"restart, plugins {restart.get('plugins') or 'before'}")
        if restart.get("override"):
            rows.add("restart with changed settings")
        if "error" in restart["expect"]:
            rows.add("restart that fails")
    scope = "off" if policy == "none" else settings.get("topologyManagerScope") or "container"
    return rows, scope


table = defaultdict(Counter)
for case in cases("node-admission.jsonl"):
    operations = case.get("ops") or []
    pods = [o["pod"] for o in operations if o["op"] == "admit"]
    restarts = [o for o in operations if o["op"] == "restart"]
    health = any(o["op"] == "device-health" for o in operations)
    gates = case.get("featureGates") or {}
    rows, scope = used(case["settings"], case.get("devices") or [], gates, pods, restarts, health)
    if "error" in case["start"]:
        rows = {"kubelet that does not start"}
    for row in rows:
        table[row][scope] += 1
    for row in rows if rows else []:
        table[row]["all"] += 1

print("| node-admission.jsonl | off | container | pod | all |")
print("|---|--:|--:|--:|--:|")
for row in sorted(table):
    counts = table[row]
    cells = " | ".join(f"{counts[c]:,}" for c in ("off", "container", "pod", "all"))
    print(f"| {row} | {cells} |")

single = Counter()
for name in ("cpu-assignment.jsonl", "cpu-assignment-nonterminating.jsonl", "upstream-cpu-assignment.jsonl"):
    for case in cases(name):
        single[name, case["fn"]] += 1
        for option in case.get("options") or []:
            single[name, f"`{option}`"] += 1
        if case.get("prefer_uncore"):
            single[name, "`prefer_uncore`"] += 1
        if case.get("strategy") == "spread":
            single[name, "spread"] += 1
for name in ("hint-merge.jsonl", "upstream-hint-merge.jsonl"):
    for case in cases(name):
        single[name, f"`{case['policy']}`"] += 1
        for option in case.get("options") or {}:
            single[name, f"`{option}`"] += 1
for case in cases("upstream-hints.jsonl"):
    single["upstream-hints.jsonl", case["fn"]] += 1
print("\n| file | with | cases |\n|---|---|--:|")
for (name, what), count in sorted(single.items()):
    print(f"| {name} | {what} | {count:,} |")
