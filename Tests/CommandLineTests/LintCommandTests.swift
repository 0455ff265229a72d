import Foundation
import TestSupport
import Testing

@Suite struct `topsim lint at the shell` {
    private func run(_ line: String, pod: String = "", as name: String = "p.yaml") throws
        -> FinishedCommand
    {
        let folder = try ScratchFolder()
        try folder.write(pod, to: name)
        return try RunTopsim.run(shell: line, in: folder)
    }

    private let bad = """
        kind: Pod
        metadata: {name: p, labels: {topsim/workload-class: c1}}
        spec: {containers: [{name: a, resources: {limits: {cpu: 1500m, memory: 1Gi}}}]}
        """

    @Test func `findings of severity error are exit code 1`() throws {
        let result = try run("topsim lint p.yaml", pod: bad)
        #expect(result.exitCode == 1)
        #expect(result.standardOutput.hasPrefix("p.yaml:3:21: error[R0003] Pod default/p: "))
        #expect(result.standardOutput.hasSuffix("1 error, 0 warnings, 0 notes\n"))
        #expect(result.standardError == "")
    }

    @Test(arguments: [
        ("topsim lint p.yaml --ignore R0003", 0), ("topsim lint p.yaml --only R0004", 0),
        ("topsim lint p.yaml --only R0003,R0004", 1), ("topsim lint p.yaml --class c3", 1),
        ("topsim lint - < p.yaml", 1), ("topsim lint p.yaml --only R9999", 2),
        ("topsim lint", 2), ("topsim lint absent.yaml", 2), ("topsim lint p.yaml --table", 2),
        ("topsim lint p.yaml --class c9", 2), ("topsim lint --explain R0000", 2),
        ("topsim lint --table", 0), ("topsim lint scenarios/telco-edge.yaml --only R0030", 0),
    ])
    func `exit codes`(_ line: String, _ code: Int32) throws {
        #expect(try run(line, pod: bad).exitCode == code)
    }

    @Test(arguments: ["json", "sarif"])
    func `reports for programs are JSON`(_ format: String) throws {
        let result = try run("topsim lint p.yaml --format \(format)", pod: bad)
        let value = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))
        #expect((value as? [String: Any])?.isEmpty == false)
        #expect(result.exitCode == 1)
    }

    @Test func `a code is explained by its page's summary`() throws {
        let result = try run("topsim lint --explain R0003")
        #expect(result.exitCode == 0)
        #expect(result.standardOutput.hasPrefix("R0003 cpus-not-whole, error\n"))
        #expect(result.standardOutput.contains("RA2 chapter 3: Hardware Topology Management"))
        #expect(result.standardOutput.contains("docs/reference/lint/R0003.md"))
    }

    @Test func `classes are listed`() throws {
        let result = try run("topsim lint scenarios/telco-edge.yaml --classes")
        #expect(result.exitCode == 0)
        #expect(result.standardOutput.contains("c4\tinferred\tworkload upf\n"))
        #expect(result.standardOutput.contains("none\tinferred\tworkload node-agent\n"))
    }

    @Test func `mistakes of all files are told and nothing is judged`() throws {
        let result = try run("topsim lint p.yaml absent.yaml", pod: "kind: Deployment")
        #expect(result.exitCode == 2)
        #expect(result.standardOutput == "")
        #expect(result.standardError.contains("has no pod"))
        #expect(result.standardError.contains("no such file"))
    }
}
