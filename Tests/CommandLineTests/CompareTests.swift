import Foundation
import TestSupport
import Testing

/// `topsim compare` at a shell: what makes a pair, and what cannot be one.
@Suite struct CompareTests {
    private static let policy = "nodes.worker.kubelet.topologyManagerPolicy"

    private static func study(_ rest: String) -> String {
        "topsim compare scenarios/quickstart.yaml --set until=1h -j 2 " + rest
    }

    @Test func `two studies compare as one that has both`() throws {
        let result = try RunTopsim.run(
            shell: """
                s='topsim sweep scenarios/quickstart.yaml --set until=1h -j 2'
                $s --vary '\(Self.policy)=none,restricted' --seeds 9 -o both.sqlite > /dev/null
                $s --vary '\(Self.policy)=none' --seeds 1-9 -o none.sqlite > /dev/null
                $s --vary '\(Self.policy)=restricted' --seeds 4-15 -o restricted.sqlite > /dev/null
                $s --vary '\(Self.policy)=restricted' --seeds 9 -o same.sqlite > /dev/null
                $s --vary '\(Self.policy)=restricted' --seeds 21-30 -o other.sqlite > /dev/null
                topsim compare both.sqlite --format csv | sed s/,none,restricted,/,/ > a.csv
                topsim compare none.sqlite same.sqlite --format csv > b.csv
                sed -i s/,none,same,/,/ b.csv
                diff a.csv b.csv || exit 9
                topsim compare none.sqlite restricted.sqlite | grep -e paired -e partner
                topsim compare none.sqlite other.sqlite
                """, in: try ScratchFolder())
        #expect(result.exitCode == 2, "\(result.standardOutput)\(result.standardError)")
        #expect(result.standardOutput.contains("· 6 paired seeds ·"))
        #expect(result.standardOutput.contains("3 runs of none have no partner"))
        #expect(result.standardOutput.contains("6 runs of restricted have no partner"))
        #expect(result.standardError.contains("no seed"), "\(result.standardError)")
    }

    @Test func `another scenario is no partner`() throws {
        let result = try RunTopsim.run(
            shell: """
                sed 's/name: quickstart/name: other/' scenarios/quickstart.yaml > other.yaml
                topsim run other.yaml --set until=1h -o b.sqlite > /dev/null
                topsim run scenarios/quickstart.yaml --set until=1h -o a.sqlite > /dev/null
                topsim compare a.sqlite b.sqlite; echo $?
                topsim sweep other.yaml --vary seed=1 --set until=1h --seeds 2 -o c.sqlite > /dev/null
                topsim sweep scenarios/quickstart.yaml --vary nodes.worker.count=6 --set until=1h \
                  --seeds 2 -o d.sqlite > /dev/null
                topsim compare d.sqlite c.sqlite; echo $?
                """, in: try ScratchFolder())
        #expect(result.standardOutput == "2\n2\n", "\(result.standardError)")
        #expect(result.standardError.contains("another scenario"))
    }

    @Test func `threads and a second time change no digit, and no file is left`() throws {
        let result = try RunTopsim.run(
            shell: """
                c='\(Self.study("--vary \(Self.policy)=none,restricted --seeds 9 --all --format json"))'
                $c > one.json && $c -j 1 > two.json && diff one.json two.json && ls
                """, in: try ScratchFolder())
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(result.standardOutput == "one.json\nscenarios\ntwo.json\n")
    }

    @Test func `points of one seed are one pair`() throws {
        let result = try RunTopsim.run(
            shell: Self.study("--vary nodes.worker.count=5,6 --vary seed=1,2 --seeds 9 --by count"),
            in: try ScratchFolder())
        // `--vary seed` is overwritten by each run's own: two points of equal runs.
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(result.standardOutput.contains("9 paired seeds"))
        #expect(result.standardOutput.contains("the mean of up to 2 points"))
    }
}
