import ClusterScheduler
import ClusterSimulation
import ScenarioInput
import Testing
import WorkloadModel

@Suite struct `Priority classes, budgets and backoff in scenarios` {
    private func scenario(_ keys: String, spec: String = "") throws -> Scenario {
        try readScenario(
            text: """
                apiVersion: topsim/v1
                kind: Scenario
                machines: {m: {shape: 1s1n2c1t, memoryPerNUMANode: 4Gi}}
                nodes: {n: {machine: m}}
                workload:
                  w:
                    template:
                      spec: {\(spec)containers: [{name: c, image: i}]}
                \(keys)
                """, file: "s.yaml", folder: "/",
            surroundings: ScenarioSurroundings(environment: [:])
        ).scenario
    }

    private func shape(_ scenario: Scenario) throws -> PodShape {
        guard case .generated(let shape, _, _) = try #require(scenario.workloads.first).source
        else { throw Missing() }
        return shape
    }

    private struct Missing: Error {}

    private let classes = """
        priorityClasses:
          high: {value: 1000, preemptionPolicy: Never}
          usual: {value: 7, globalDefault: true}
        """

    @Test func `a pod has the priority of its class, of the default class, or its own number`()
        throws
    {
        let high = try shape(scenario(classes, spec: "priorityClassName: high, "))
        #expect(high.priority == 1000)
        #expect(high.placement?.mayPreempt == false)
        #expect(try shape(scenario(classes)).priority == 7)
        #expect(try shape(scenario(classes, spec: "priority: 3, ")).priority == 3)
        #expect(try shape(scenario("")).priority == 0)
        #expect(
            try shape(scenario("", spec: "priorityClassName: system-node-critical, ")).priority
                == 2_000_001_000)
    }

    @Test func `budgets are read as policy/v1 writes them`() throws {
        let budgets = try scenario(
            """
            podDisruptionBudgets:
              a: {selector: {matchLabels: {app: a}}, minAvailable: 2}
              b: {selector: {matchExpressions: [{key: app, operator: Exists}]}, maxUnavailable: "30%"}
            """
        ).disruptionBudgets
        #expect(budgets.map(\.name) == ["a", "b"])
        #expect(budgets.map(\.limit) == [.minAvailable(.count(2)), .maxUnavailable(.percent(30))])
        #expect(budgets[0].selector.matches([Label(key: "app", value: "a")]))
        // 30 % of 5 is 1.5, and rounded up to 2: three stay.
        #expect(budgets[1].wantedHealthy(of: 5) == 3)
        #expect(budgets[0].wantedHealthy(of: 5) == 2)
    }

    @Test(arguments: [
        ("podDisruptionBudgets: {a: {selector: {}}}", "minAvailable"),
        ("podDisruptionBudgets: {a: {selector: {}, minAvailable: x}}", "no number of pods"),
        ("priorityClasses: {system-node-critical: {value: 1}}", "Kubernetes' own"),
        (
            "priorityClasses: {a: {value: 1, globalDefault: true}, b: {value: 2, globalDefault: true}}",
            "second global default"
        ),
        (
            "scheduler: {podInitialBackoffSeconds: 5, podMaxBackoffSeconds: 2}",
            "shorter than the first"
        ),
    ])
    func `what cannot be is told`(_ keys: String, _ words: String) {
        let error = #expect(throws: InputError.self) { try scenario(keys) }
        let told = error?.diagnostics.contains { $0.message.contains(words) } ?? false
        #expect(told, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func `backoff and preemption can be set`() throws {
        let scheduler = try scenario(
            """
            scheduler:
              podInitialBackoffSeconds: 2
              podMaxBackoffSeconds: 60
              profiles: [{plugins: {postFilter: {disabled: [{name: DefaultPreemption}]}}}]
            """
        ).scheduler
        #expect(scheduler.backoff.initial == 2_000_000_000)
        #expect(scheduler.backoff.maximum == 60_000_000_000)
        #expect(!scheduler.profiles[0].preempts)
    }
}
