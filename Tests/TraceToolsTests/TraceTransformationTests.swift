import Primitives
import ScenarioInput
import Testing
import WorkloadModel

import TraceTools

@Suite struct `What is made of recordings` {
    typealias Pod = TraceText.Pod

    static func sorted(_ pods: [Pod], by key: (Pod) -> String) -> [String] {
        pods.map(key).sorted()
    }

    /// Counts as pods of their own, in order.
    static func expanded(_ pods: [Pod]) -> [Pod] {
        pods.flatMap { pod in
            var one = pod
            one.count = 1
            return [Pod](repeating: one, count: pod.count)
        }
    }

    // MARK: Slices

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `a slice of a slice is the slice of what both want`(_ seed: UInt64) throws {
        var random = RandomTrace(seed: seed)
        let text = random.text(pods: 150)
        let last = try TraceText.pods(text).last?.arrival ?? 0
        func bounds() -> (Int64, Int64) {
            let a = Int64(random.random.below(UInt64(last + 1)))
            let b = Int64(random.random.below(UInt64(last + 1)))
            return (min(a, b), max(a, b))
        }
        let (one, two) = (bounds(), bounds())
        func slice(_ from: Int64, _ to: Int64) -> TraceSlice {
            var slice = TraceSlice()
            slice.from = SimTime(nanoseconds: from)
            slice.to = SimTime(nanoseconds: to)
            return slice
        }
        var first = slice(one.0, one.1)
        var second = slice(two.0, two.1)
        var both = slice(max(one.0, two.0), min(one.1, two.1))
        let twice = try TraceText.changed(TraceText.changed(text, by: &first), by: &second)
        let once = try TraceText.changed(text, by: &both)
        #expect(try TraceText.pods(twice) == TraceText.pods(once))
        // And it is what a plain look at the pods says.
        let wanted = try TraceText.pods(text).filter {
            $0.arrival >= max(one.0, two.0) && $0.arrival < min(one.1, two.1)
        }
        #expect(try TraceText.pods(once) == wanted)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the first n of the first m are the first of the smaller`(_ seed: UInt64) throws {
        var random = RandomTrace(seed: seed)
        let text = random.text(pods: 80)
        let counts = (0..<2).map { _ in Int64(1 + random.random.below(120)) }
        func first(_ count: Int64, of text: String) throws -> String {
            var slice = TraceSlice()
            slice.first = count
            return try TraceText.changed(text, by: &slice)
        }
        let twice = try first(counts[1], of: first(counts[0], of: text))
        let once = try first(counts.min() ?? 0, of: text)
        #expect(try TraceText.pods(twice) == TraceText.pods(once))
        let all = try Self.expanded(TraceText.pods(text))
        #expect(
            try Self.expanded(TraceText.pods(once)) == Array(all.prefix(Int(counts.min() ?? 0))))
    }

    @Test func `conditions of a kind are alternatives, those of several kinds all hold`() throws {
        let text = """
            topsim-trace 1
            shape a cpu=1 namespace=x
            shape b cpu=2 namespace=x
            shape c cpu=3 namespace=y
            columns arrival lifetime shape name deletion
            5 1 a p0
            6 1 b p1 9
            7 1 c p2
            8 1 a p3
            """
        var slice = TraceSlice()
        slice.shapes = ["a", "c"]
        #expect(
            try TraceText.pods(TraceText.changed(text, by: &slice)).map(\.name) == [
                "p0", "p2", "p3",
            ])
        slice.namespaces = ["x"]
        #expect(
            try TraceText.pods(TraceText.changed(text, by: &slice)).map(\.name) == ["p0", "p3"])
        var later = TraceSlice()
        later.from = SimTime(nanoseconds: 6)
        later.rebases = true
        let pods = try TraceText.pods(TraceText.changed(text, by: &later))
        #expect(pods.map(\.arrival) == [0, 1, 2])
        #expect(pods.map(\.deletion) == [3, nil, nil])
        #expect(pods.map(\.identifier) == ["b", "c", "a"])
    }

    // MARK: Scales

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a rate divides arrivals and leaves the rest`(_ seed: UInt64) throws {
        var random = RandomTrace(seed: seed)
        let text = random.text(pods: 100)
        let factor = try #require(Ratio(random.pick(["2", "0.5", "1/3", "7.25", "1"])))
        var scale = TraceScale(rate: factor)
        let before = try TraceText.pods(text)
        let after = try TraceText.pods(TraceText.changed(text, by: &scale))
        #expect(after.map(\.name) == before.map(\.name))
        #expect(after.map(\.lifetime) == before.map(\.lifetime))
        #expect(after.map(\.shape) == before.map(\.shape))
        for (old, new) in zip(before, after) {
            let exact = Double(old.arrival) * Double(factor.denominator) / Double(factor.numerator)
            #expect(abs(Double(new.arrival) - exact) <= 1 + exact * 1e-12)
            #expect(
                new.deletion.map { $0 - new.arrival } == old.deletion.map { $0 - old.arrival })
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `a whole count multiplies every pod, and a part keeps each with its probability`(
        _ seed: UInt64
    ) throws {
        var random = RandomTrace(seed: seed)
        let text = random.text(pods: 3000)
        let all = try Self.expanded(TraceText.pods(text))
        func count(_ factor: String, seed: UInt64) throws -> [Pod] {
            var scale = TraceScale(count: try #require(Ratio(factor)), seed: seed)
            return Self.expanded(try TraceText.pods(TraceText.changed(text, by: &scale)))
        }
        let tripled = try count("3", seed: seed)
        #expect(tripled.count == 3 * all.count)
        // Shapes and lifetimes come as often as before, times three.
        func keys(_ pods: [Pod]) -> [String: Int] {
            pods.reduce(into: [:]) {
                $0["\($1.arrival) \($1.identifier) \($1.lifetime ?? -1)", default: 0] += 1
            }
        }
        #expect(keys(tripled) == keys(all).mapValues { 3 * $0 })
        #expect(Set(tripled.filter { $0.count == 1 }.map(\.name)).isSuperset(of: all.map(\.name)))
        // A quarter: binomial, six standard deviations.
        let quarter = try count("0.25", seed: seed)
        let deviation = (Double(all.count) * 0.25 * 0.75).squareRoot()
        #expect(abs(Double(quarter.count) - Double(all.count) / 4) < 6 * deviation)
        #expect(try count("0.25", seed: seed) == quarter)
        #expect(try count("0.25", seed: seed + 1) != quarter)
        let more = try count("2.25", seed: seed)
        #expect(abs(Double(more.count) - 2.25 * Double(all.count)) < 6 * deviation)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a size multiplies what pods ask for and leaves devices`(_ seed: UInt64) throws {
        var random = RandomTrace(seed: seed)
        let text = random.text(pods: 60)
        let factor = try #require(Ratio("1.5"))
        var scale = TraceScale(size: factor)
        var source = try TraceText.source(text)
        let before = try TraceText.pods(&source)
        let after = try TraceText.pods(TraceText.changed(text, by: &scale))
        for (old, new) in zip(before, after) {
            #expect(old.shape.qos == new.shape.qos)
            #expect(old.shape.labels == new.shape.labels)
            for (was, now) in zip(old.shape.requests, new.shape.requests) {
                let name = source.resources[was.resource]
                #expect(was.resource == now.resource)
                if let page = source.resources.hugePageSize(was.resource) {
                    #expect(now.amount % page == 0)
                    #expect(now.amount >= was.amount * 3 / 2)
                    #expect(now.amount < was.amount * 3 / 2 + page)
                } else if name.contains("/") {
                    #expect(now.amount == was.amount)
                } else {
                    #expect(now.amount == (was.amount * 3 + 1) / 2)
                }
            }
        }
        // Twice by a half is the whole again.
        var half = TraceScale(size: try #require(Ratio("1/2")))
        var double = TraceScale(size: try #require(Ratio("2")))
        let back = try TraceText.changed(TraceText.changed(text, by: &double), by: &half)
        #expect(try TraceText.pods(back).map(\.shape) == before.map(\.shape))
    }

    // MARK: Shuffles

    @Test(arguments: 0..<20 as Range<UInt64>, TraceShuffle.allCases)
    func `a shuffle keeps what there is, and only its order changes`(
        _ seed: UInt64, _ subject: TraceShuffle
    ) throws {
        var random = RandomTrace(seed: seed)
        let text = random.text(pods: 120)
        let before = try TraceText.pods(text)
        let shuffled = try TraceText.shuffled(text, subject, seed: seed)
        let after = try TraceText.pods(shuffled)
        #expect(try TraceText.shuffled(text, subject, seed: seed) == shuffled)
        #expect(try TraceText.shuffled(text, subject, seed: seed + 1) != shuffled)
        func payload(_ pod: Pod) -> String {
            "\(pod.name) \(pod.identifier) \(pod.group) \(pod.count)"
        }
        func ends(_ pod: Pod) -> String {
            "\(pod.lifetime ?? -1) \(pod.deletion.map { $0 - pod.arrival } ?? -1)"
        }
        func gaps(_ pods: [Pod]) -> [Int64] {
            zip(pods, [nil] + pods.map(Optional.some)).map { $0.arrival - ($1?.arrival ?? 0) }
        }
        switch subject {
        case .pods:
            #expect(after.map(\.arrival) == before.map(\.arrival))
            #expect(
                Self.sorted(after) { payload($0) + ends($0) }
                    == Self.sorted(before) { payload($0) + ends($0) })
        case .gaps:
            #expect(after.map(payload) == before.map(payload))
            #expect(after.map(ends) == before.map(ends))
            #expect(gaps(after).sorted() == gaps(before).sorted())
        case .lifetimes:
            #expect(after.map(\.arrival) == before.map(\.arrival))
            #expect(after.map(payload) == before.map(payload))
            #expect(Self.sorted(after, by: ends) == Self.sorted(before, by: ends))
        }
    }

    @Test func `each order of three pods is as likely as any other`() throws {
        let text =
            "topsim-trace 1\nshape s\ncolumns arrival lifetime shape name\n0 1 s a\n1 1 s b\n2 1 s c\n"
        var counts: [String: Int] = [:]
        for seed in 0..<1200 as Range<UInt64> {
            let pods = try TraceText.pods(TraceText.shuffled(text, .pods, seed: seed))
            counts[pods.map(\.name).joined(), default: 0] += 1
        }
        #expect(counts.count == 6)
        // 200 expected; six standard deviations are 77.
        #expect(counts.values.allSatisfy { abs($0 - 200) < 77 })
    }

    // MARK: Anonymisation

    static let named = """
        topsim-trace 1
        shape billing cpu=1200m memory=1000Mi namespace=bank label:app=billing label:tier=gold select:rack=r1
        shape db namespace=bank template={"metadata": {"labels": {"app": "db"}}, "spec": {"schedulerName": \
        "house", "containers": [{"name": "oracle", "image": "corp/db:1", "resources": {"limits": {"cpu": "2", \
        "memory": "3Gi"}}}], "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": \
        [{"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "kubernetes.io/hostname"}]}}}}
        columns arrival lifetime shape name group
        0 10 billing pay-1 batch-7
        5 - db ora-1
        9 10 billing pay-1
        """

    @Test(arguments: TraceAnonymisation.Labels.allCases)
    func `no name is left, equal names stay equal, and times stay`(
        _ labels: TraceAnonymisation.Labels
    ) throws {
        var anonymisation = TraceAnonymisation(salt: "a long secret")
        anonymisation.labels = labels
        let text = try TraceText.changed(Self.named, by: &anonymisation)
        for word in [
            "pay", "ora", "bank", "billing", "batch", "corp", "gold", "rack", "house", "tier",
        ] {
            #expect(!text.contains(word), "\(word) is left")
        }
        let pods = try TraceText.pods(text)
        #expect(pods.map(\.arrival) == [0, 5, 9])
        #expect(pods.map(\.lifetime) == [10, nil, 10])
        #expect(pods[0].name == pods[2].name)
        #expect(pods[0].name != pods[1].name)
        #expect(pods[0].shape.namespace == pods[1].shape.namespace)
        let before = try TraceText.pods(Self.named)
        #expect(pods.map(\.shape.requests) == before.map(\.shape.requests))
        #expect(pods.map(\.shape.qos) == before.map(\.shape.qos))
        // A rule among pods means what it meant, or it is gone and that is told.
        let rule = pods[1].shape.placement?.podAntiAffinity.required.first
        switch labels {
        case .drop:
            #expect(rule == nil)
            #expect(pods.allSatisfy { $0.shape.labels.isEmpty })
            #expect(anonymisation.shapesWithLostRules == 1)
        case .hash:
            #expect(rule?.labelSelector?.matches(pods[1].shape.labels) == true)
            #expect(rule?.labelSelector?.matches(pods[0].shape.labels) == false)
            #expect(rule?.topologyKey == "kubernetes.io/hostname")
            #expect(anonymisation.shapesWithLostRules == 0)
        }
    }

    @Test func `the same salt gives the same tokens, another salt others`() throws {
        func names(_ salt: String) throws -> [String] {
            var anonymisation = TraceAnonymisation(salt: salt)
            return try TraceText.pods(TraceText.changed(Self.named, by: &anonymisation))
                .map(\.name)
        }
        #expect(try names("salt of one") == names("salt of one"))
        #expect(Set(try names("salt of one")).isDisjoint(with: try names("salt of two")))
        // Kinds have tokens of their own: a pod cannot be told to be called as its namespace is.
        let anonymisation = TraceAnonymisation(salt: "salt of one")
        #expect(
            anonymisation.token("pod", "x").dropFirst(4)
                != anonymisation.token("ns", "x").dropFirst(3))
    }

    @Test func `labels that are kept stay, with the rules that speak of them`() throws {
        var anonymisation = TraceAnonymisation(salt: "a long secret")
        anonymisation.keptLabels = ["app"]
        anonymisation.cpuStep = 500
        anonymisation.memoryStep = 1 << 30
        let pods = try TraceText.pods(TraceText.changed(Self.named, by: &anonymisation))
        #expect(pods[0].shape.labels == [Label(key: "app", value: "billing")])
        #expect(pods[1].shape.placement?.podAntiAffinity.required.count == 1)
        #expect(pods[0].shape.requests.map(\.amount) == [1500, 1 << 30])
        #expect(pods[1].shape.requests.map(\.amount) == [2000, 3 << 30])
    }

    // MARK: Several files

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `several files are merged by arrival, equal times in the order of the files`(
        _ seed: UInt64
    ) throws {
        var random = RandomTrace(seed: seed)
        let texts = [random.text(pods: 40), random.text(pods: 60)]
        var source = try TraceText.source(texts[0], texts[1])
        let merged = try TraceText.pods(&source)
        let both = try texts.enumerated().flatMap { index, text in
            try TraceText.pods(text).map { (index, $0) }
        }
        let wanted = both.enumerated().sorted {
            ($0.element.1.arrival, $0.element.0, $0.offset)
                < ($1.element.1.arrival, $1.element.0, $1.offset)
        }.map(\.element.1)
        #expect(merged.map(\.name) == wanted.map(\.name))
        #expect(merged.map(\.arrival) == wanted.map(\.arrival))
    }

    // MARK: Factors

    @Test(arguments: [
        ("2", "2"), ("0.5", "1/2"), ("1.50", "3/2"), ("4/6", "2/3"), ("0.000001", "1/1000000"),
    ])
    func `a factor is held exactly`(_ text: String, _ shown: String) {
        #expect(Ratio(text)?.description == shown)
    }

    @Test(arguments: [
        "", "0", "-1", "1e3", "1/0", "0/1", "2x", "1.2.3", "1/2/3", "99999999", "0.0000001", " 1",
    ])
    func `what is no factor is refused`(_ text: String) { #expect(Ratio(text) == nil) }
}
