import ClusterSimulation
import Foundation
import ScenarioInput
import Testing
@Test func dumpSchema() throws {
    try Data(scenarioJSONSchema().utf8).write(to: URL(filePath: "/tmp/topsim.schema.json"))
    for n in ["quickstart", "telco-edge", "openb"] {
        do throws(InputError) {
            let l = try readScenario(
                path: "scenarios/\(n).yaml",
                surroundings: ScenarioSurroundings(environment: ["TOPSIM_SHARED": "/work/shared"]))
            print(n, l.scenario.nodeGroups.count, l.scenario.workloads.count);
            print(render(l.notes, colour: false))
        } catch { print(error.rendered(colour: false)) }
    }
}
