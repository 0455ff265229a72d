import ClusterScheduler
import ClusterSimulation
import Primitives
import ScenarioInput
import Testing
import WorkloadModel

/// `scheduler:` and the placement fields of pods, from text to what the scheduler is given.
@Suite struct `The scheduler's configuration` {
    private func read(_ scheduler: String, spec: String = "{}") throws -> Scenario {
        let text = """
            apiVersion: topsim/v1
            kind: Scenario
            machines: {m: {shape: 1s1n4c2t}}
            nodes: {w: {count: 2, machine: m}}
            scheduler: \(scheduler)
            workload:
              web:
                controller: Deployment
                namespace: shop
                template:
                  metadata: {labels: {app: web}}
                  spec: \(spec)
                arrivals: {process: fixed}
            """
        return try readScenario(
            text: text, file: "test.yaml", folder: "/", overrides: [],
            surroundings: ScenarioSurroundings(environment: [:])
        ).scenario
    }

    private let spec = "{containers: [{name: c, image: web}]}"

    private func messages(_ scheduler: String, spec: String) -> [String] {
        do {
            _ = try read(scheduler, spec: spec)
            return []
        } catch let error as InputError {
            return error.diagnostics.filter { $0.severity == .error }.map(\.message)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `is the default profile of 1.36 where nothing is said`() throws {
        let scheduler = try read("{}", spec: spec).scheduler
        #expect(scheduler.profiles == [SchedulerProfile()])
        #expect(scheduler.tieRule == .heap)
        #expect(scheduler.percentageOfNodesToScore == 0)
    }

    @Test func `switches plugins on and off, and weighs them`() throws {
        let profile = try read(
            """
            {profiles: [{plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit, weight: 5}]},
              multiPoint: {disabled: [{name: InterPodAffinity}]}}}]}
            """, spec: spec
        ).scheduler.profiles[0]
        #expect(profile.disabledFilters == ["InterPodAffinity"])
        #expect(!profile.disabledScores.contains("NodeResourcesFit"))
        #expect(profile.disabledScores.contains("ImageLocality"))
        #expect(profile.weights == ["NodeResourcesFit": 5])
    }

    @Test func `carries the arguments of plugins`() throws {
        let scheduler = try read(
            """
            {percentageOfNodesToScore: 30, ties: random, profiles: [{pluginConfig: [
              {name: NodeResourcesFit, args: {ignoredResourceGroups: [example.com], scoringStrategy: {
                type: RequestedToCapacityRatio, resources: [{name: cpu, weight: 3}],
                requestedToCapacityRatio: {shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]}}}},
              {name: InterPodAffinity, args: {hardPodAffinityWeight: 7}},
              {name: NodeAffinity, args: {addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: Exists}]}]}}}},
              {name: PodTopologySpread, args: {defaultingType: List, defaultConstraints: [
                {maxSkew: 2, topologyKey: rack, whenUnsatisfiable: DoNotSchedule}]}}]}]}
            """, spec: spec
        ).scheduler
        let profile = scheduler.profiles[0]
        #expect(scheduler.percentageOfNodesToScore == 30)
        #expect(scheduler.tieRule == .random)
        #expect(profile.fit.strategy == "RequestedToCapacityRatio")
        #expect(profile.fit.resources == [ResourceWeight("cpu", 3)])
        #expect(profile.fit.shape.map(\.score) == [0, 10])
        #expect(profile.fit.ignoredResourceGroups == ["example.com"])
        #expect(profile.interPodAffinity.hardPodAffinityWeight == 7)
        #expect(
            profile.addedRequiredTerms == [
                NodeSelectorTerm(matchExpressions: [
                    NodeSelectorRequirement(key: "pool", operation: .exists)
                ])
            ])
        #expect(profile.spreadDefaults?.map(\.topologyKey) == ["rack"])
    }

    @Test func `reads what a pod says about its place`() throws {
        let scenario = try read(
            "{}",
            spec: """
                {containers: [{name: c, image: web, ports: [{containerPort: 80, hostPort: 8080, protocol: UDP}]}],
                  affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [
                    {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]},
                   nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [
                    {weight: 9, preference: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}}]}},
                  topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
                    minDomains: 2, nodeTaintsPolicy: Honor, labelSelector: {matchExpressions: [
                      {key: app, operator: NotIn, values: [db]}]}}],
                  schedulingGates: [{name: quota}], preemptionPolicy: Never}
                """)
        guard case .generated(let shape, _, _) = scenario.workloads[0].source else {
            Issue.record("the workload has no shape")
            return
        }
        let placement = try #require(shape.placement)
        #expect(shape.namespace == "shop")
        #expect(shape.containers.map(\.image) == ["web"])
        #expect(placement.hostPorts == [HostPort(port: 8080, transport: .udp)])
        #expect(placement.podAntiAffinity.required.map(\.topologyKey) == ["kubernetes.io/hostname"])
        #expect(placement.preferredNodeTerms.map(\.weight) == [9])
        #expect(placement.topologySpread.map(\.minDomains) == [2])
        #expect(placement.topologySpread.map(\.nodeTaintsPolicy) == [.honor])
        #expect(placement.schedulingGates == ["quota"])
        #expect(!placement.mayPreempt)
        #expect(placement.controller == ControllerReference(kind: .replicaSet, name: "web"))
        let controllers = scenario.scheduler.objects.controllers
        #expect(controllers.map(\.selector) == [LabelSelector(matchLabels: shape.labels)])
        #expect(controllers.map(\.namespace) == ["shop"])
    }

    @Test(arguments: [
        ("{profiles: [{plugins: {score: {enabled: [{name: NodeAfinity}]}}}]}", "{}"),
        ("{profiles: [{}, {}]}", "{}"),
        (
            "{profiles: [{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: RequestedToCapacityRatio}}}]}]}",
            "{}"
        ),
        (
            "{}",
            "{containers: [{name: c}], topologySpreadConstraints: [{maxSkew: 0, topologyKey: z, whenUnsatisfiable: DoNotSchedule}]}"
        ),
        (
            "{}",
            "{containers: [{name: c}], affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, podAffinityTerm: {topologyKey: z}}]}}}"
        ),
        (
            "{}",
            "{containers: [{name: c}], affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Is}]}]}}}}"
        ),
    ])
    func `refuses what Kubernetes refuses`(_ scheduler: String, _ spec: String) {
        let found = messages(scheduler, spec: spec == "{}" ? self.spec : spec)
        #expect(found.count == 1, "\(found)")
    }
}
