import ClusterScheduler
import ClusterSimulation
import Foundation
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

/// "Beware of Fragmentation" (USENIX ATC 2023): what its authors published, against what the study gives.
@Suite(.enabled(if: SharedFolder.isPresent)) struct PublishedStudyTests {
    static let traces = "data/traces/openb-fgd-orders/"
    static let policies = ["DotProd", "GpuClustering", "GpuPacking", "BestFit", "FGD"]

    static func study(orders: String? = nil) throws -> GPUShareStudy {
        let shared = try #require(SharedFolder.url)
        let scenario = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "scenarios/fgd/atc23.yaml")
        let overrides =
            orders.map { ["orders=\(shared.appending(path: $0).path)"] } ?? []
        return try readGPUShareStudy(
            path: scenario.path, overrides: overrides,
            surroundings: ScenarioSurroundings(environment: ["TOPSIM_SHARED": shared.path])
        ).study
    }

    /// One published table: rows by policy and seed, values by percent of GPUs that arrived.
    static func table(_ name: String) throws -> [String: [Int: Double]] {
        let url = try #require(SharedFolder.url).appending(
            path: traces + "published_analysis_\(name)_discrete_default.csv.gz")
        let lines = String(decoding: try gunzip(url), as: UTF8.self).split(separator: "\n")
        let header = lines[0].split(separator: ",").map(String.init)
        var rows: [String: [Int: Double]] = [:]
        for line in lines.dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            var values: [Int: Double] = [:]
            for (name, field) in zip(header, fields) {
                if let percent = Int(name), let value = Double(field) { values[percent] = value }
            }
            // `06-FGD`, and the seed.
            rows[fields[1].dropFirst(3) + " " + fields[3]] = values
        }
        return rows
    }

    @Test func `five policies and ten seeds give the published tables to the last digit`() throws {
        let study = try PublishedStudyTests.study()
        #expect(study.seeds == Array(42...51))
        let allocated = try PublishedStudyTests.table("allo")
        let ratios = try PublishedStudyTests.table("frag_ratio")
        let fragments = try PublishedStudyTests.table("frag")
        var compared = 0
        for index in 0..<study.runCount {
            guard
                PublishedStudyTests.policies.contains(
                    study.policies[index / study.seeds.count])
            else { continue }
            let run = GPUShareRun(index, of: study)
            let name = "\(run.policy) \(run.seed)"
            let points = run.curve.points
            #expect(Set(points.map(\.arrivedPercent)) == Set(try #require(allocated[name]).keys))
            for point in points {
                let percent = point.arrivedPercent
                #expect(point.allocatedPercent == allocated[name]?[percent], "\(name) \(percent)")
                #expect(point.fragmentPercent == fragments[name]?[percent], "\(name) \(percent)")
                let ratio = try #require(ratios[name]?[percent])
                #expect(abs(point.fragmentRatioPercent - ratio) < 1e-9, "\(name) \(percent)")
                compared += 1
            }
        }
        #expect(compared == 50 * 131)
    }

    @Test(arguments: ["FGD", "BestFit"])
    func `every pod goes where the authors' simulator put it`(_ policy: String) throws {
        let study = try PublishedStudyTests.study()
        let policyIndex = try #require(study.policies.firstIndex(of: policy))
        let run = GPUShareRun(policyIndex * study.seeds.count, of: study)
        let order = study.orders[0]
        let log = zip(order.arrivals, run.placements).map { arrival, placement in
            let node =
                placement.node < 0
                ? "-" : study.rankedName(of: Int(placement.node), in: order)
            return "\(study.name(of: arrival)) \(node)"
        }
        let url = try #require(SharedFolder.url).appending(
            path: "conformance/fgd/expected_placements_\(policy)_seed42.txt.gz")
        let expected = String(decoding: try gunzip(url), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        #expect(log == expected)
    }

    @Test func `the ten published orders are the ones that are drawn`() throws {
        let drawn = try PublishedStudyTests.study().orders
        let read = try PublishedStudyTests.study(
            orders: PublishedStudyTests.traces + "seed{seed}.txt.gz"
        ).orders
        #expect(drawn.count == 10)
        #expect(drawn == read)
    }
}
