import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import ScenarioInput
import Testing
import WorkloadModel

@Suite struct `Actions, rollouts and cluster templates in scenarios` {
    private func read(_ keys: String, rollout: String = "", controller: String = "Deployment")
        throws(InputError) -> Scenario
    {
        try readScenario(
            text: """
                apiVersion: topsim/v1
                kind: Scenario
                until: 10h
                machines: {m: {shape: 1s1n2c1t, memoryPerNUMANode: 4Gi}, big: {shape: 1s1n4c1t}}
                nodes: {worker: {machine: m, count: 3}}
                workload:
                  web:
                    controller: \(controller)
                \(rollout)
                    template:
                      metadata: {labels: {app: web}}
                      spec: {containers: [{name: c, image: i}]}
                \(keys)
                """, file: "s.yaml", folder: "/",
            surroundings: ScenarioSurroundings(environment: [:])
        ).scenario
    }

    private func action(_ text: String) throws -> NodeAction {
        try #require(try read("actions:\n- {\(text)}").lifecycle.actions.first)
    }

    @Test func `actions on nodes are read with their defaults`() throws {
        let drain = try action("at: 1h, do: drain, nodes: {group: worker, count: 2}")
        #expect(drain.time == SimTime.zero + .seconds(3600))
        #expect(drain.kind == .drain(DrainSettings()))
        #expect(drain.nodes.group == "worker")
        #expect(drain.nodes.count == 2)
        var settings = DrainSettings()
        settings.isForced = true
        settings.timeout = .seconds(600)
        settings.gracePeriodSeconds = 5
        settings.isParallel = true
        #expect(
            try action(
                "at: 1h, do: drain, force: true, timeout: 10m, gracePeriod: 5s, parallel: true"
            )
            .kind == .drain(settings))
        #expect(try action("at: 1h, do: removeNodes").kind == .remove(drain: nil))
        #expect(
            try action("at: 1h, do: removeNodes, drain: true").kind
                == .remove(drain: DrainSettings()))
        #expect(try action("at: 1h, do: fail, for: 5m").kind == .fail(recovery: .seconds(300)))
        #expect(
            try action("at: 1h, do: addNodes, group: worker, count: 2").kind
                == .add(AddedNodes(group: "worker", count: 2, bootTime: .seconds(180))))
        #expect(
            try action("at: 1h, do: cordon, nodes: {names: [worker-2], labels: {a: b}}").nodes.names
                == ["worker-2"])
        let upgrade = try action(
            "at: 1h, do: upgradeNodes, nodes: {group: worker}, kubelet: {maxPods: 50}, machine: big"
        )
        guard case .upgrade(let settled) = upgrade.kind else {
            Issue.record("no upgrade")
            return
        }
        #expect(settled.settings?.maxPods == 50)
        #expect(settled.machine?.machine.cpus.count == 4)
        #expect(settled.down == .seconds(300))
    }

    @Test func `changes of workloads are read`() throws {
        let scenario = try read(
            """
            actions:
            - {at: 1h, do: scale, workload: web, replicas: 4}
            - {at: 2h, do: update, workload: web, owner: 0, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: j}]}}}
            - {at: 3h, do: delete, workload: web}
            """,
            rollout: "    rollout: {maxSurge: 50%, maxUnavailable: 0, minReadySeconds: 5}")
        #expect(scenario.workloadChanges.map(\.workload) == ["web", "web", "web"])
        #expect(scenario.workloadChanges[0].kind == .scale(replicas: 4))
        #expect(scenario.workloadChanges[2].kind == .delete)
        guard case .template(let shape) = scenario.workloadChanges[1].kind else {
            Issue.record("no template")
            return
        }
        #expect(shape.containers[0].image == "j")
        #expect(shape.placement?.controller?.name == "web")
        #expect(scenario.workloadChanges[1].owner == 0)
        let strategy = try #require(scenario.rolloutStrategies["web"])
        #expect(strategy.maxSurge == .percent(50))
        #expect(strategy.maxUnavailable == .count(0))
        #expect(strategy.minReadySeconds == 5)
    }

    @Test func `cluster templates are read`() throws {
        let template = try #require(
            try read(
                "clusterTemplates: {worker: {max: 9, autoscaler: {utilizationPercent: 40}}}"
            ).lifecycle.templates.first)
        #expect(template.count == 3)
        #expect(template.max == 9)
        #expect(template.autoscaler?.utilizationPercent == 40)
    }

    /// One mistake, one error, at its place.
    @Test(arguments: [
        (
            "actions: [{at: 1h, do: drain, nodes: {group: wroker}}]", "",
            "no node group is called `wroker`"
        ),
        (
            "actions: [{at: 1h, do: drain, nodes: {names: [worker-3]}}]", "",
            "no node is called `worker-3`"
        ),
        ("actions: [{at: 1h, do: drian}]", "", "drian"),
        ("actions: [{do: drain}]", "", "at"),
        (
            "actions: [{at: 1h, do: drain, timeout: 0s}]", "", "a drain that gives up at once"
        ),
        (
            "actions: [{at: 1h, do: scale, workload: wbe, replicas: 2}]", "",
            "no workload is called `wbe`"
        ),
        (
            "actions: [{at: 1h, do: upgradeNodes, kubelet: {maxPods: 9}}]", "",
            "another kubelet or machine for nodes of any group"
        ),
        (
            "actions: [{at: 1h, do: setCount, template: worker, count: 2}]", "",
            "no cluster template is called `worker`"
        ),
        (
            "clusterTemplates: {worker: {max: 9}}\nactions: [{at: 1h, do: setCount, template: worker, count: 10}]",
            "", "allows 0 to 9 nodes, not 10"
        ),
        ("clusterTemplates: {other: {}}", "", "no node group is called `other`"),
        (
            "clusterTemplates: {worker: {count: 2, min: 3, max: 9}}", "",
            "wants 2 nodes, and allows 3 to 9"
        ),
        (
            "clusterTemplates: {worker: {period: 10ms}}", "",
            "a loop that looks more often than once a second"
        ),
        ("", "    rollout: {maxSurge: many}", "`many` is no number of pods"),
        (
            "", "    rollout: {maxSurge: 0, maxUnavailable: 0}",
            "`maxUnavailable` and `maxSurge` are both 0"
        ),
        ("", "    rollout: {partition: 1}", "`partition` has no meaning for a Deployment"),
        ("", "    rollout: {type: OnDelete}", "`type` has no meaning for a Deployment"),
    ])
    func `a mistake is told once`(_ keys: String, _ rollout: String, _ said: String) {
        do {
            _ = try read(keys, rollout: rollout)
            Issue.record("nothing was refused: \(keys) \(rollout)")
        } catch {
            let errors = error.diagnostics.filter { $0.severity == .error }
            #expect(errors.count == 1, "\(errors.map(\.message))")
            #expect(errors.first?.message.contains(said) == true, "\(errors.map(\.message))")
        }
    }

    @Test func `what an owner cannot do is refused by its kind`() {
        for (controller, keys, said) in [
            (
                "DaemonSet", "actions: [{at: 1h, do: scale, workload: web, replicas: 2}]",
                "is a DaemonSet, which `scale` cannot change"
            ),
            (
                "Job",
                "actions: [{at: 1h, do: update, workload: web, template: {spec: {containers: [{name: c, image: i}]}}}]",
                "is a Job, which `update` cannot change"
            ),
        ] {
            do {
                _ = try read(keys, controller: controller)
                Issue.record("nothing was refused: \(controller)")
            } catch {
                #expect(error.diagnostics.count { $0.severity == .error } == 1)
                #expect(error.diagnostics.first?.message.contains(said) == true)
            }
        }
    }
}
