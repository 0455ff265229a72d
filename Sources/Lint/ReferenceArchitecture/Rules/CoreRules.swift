import WorkloadModel

// R0005, R0006: threads and cores.

extension LintRun {
    /// R0006 where a node would refuse the pod, else R0005 for dataplane pods.
    mutating func checkCores(_ pod: PodFacts, _ judged: JudgedClass?) {
        guard pod.isGuaranteed else { return }
        let strict = eligible.filter {
            ($0.kubelet?.cpuManagerPolicy == "static") && ($0.kubelet?.fullPCPUsOnly ?? false)
        }
        for container in pod.containers where container.asksWholeCPUs {
            let count = container.resources.request("cpu") / 1000
            let refusing = strict.filter { count % Int64($0.threadsPerCore ?? 2) != 0 }
            if let node = refusing.first {
                add(
                    RA2Codes.smtAlignmentRefused, pod.subject, at: container.place,
                    "container `\(container.name)` asks for \(count) CPUs, and \(enumerated(refusing.map(\.subject))) "
                        + "admits only whole cores of \(node.threadsPerCore ?? 2) threads",
                    hint: "ask for \(rounded(count, to: Int64(node.threadsPerCore ?? 2)))")
                continue
            }
            guard let judged, judged.workloadClass.isDataplane, count % 2 != 0,
                container.kind == .app
            else { continue }
            // Known hardware without SMT has nothing to share.
            if !eligible.isEmpty, eligible.allSatisfy({ $0.threadsPerCore == 1 }) { continue }
            add(
                RA2Codes.oddCPUs, pod.subject, at: container.place,
                "container `\(container.name)` asks for \(count) CPUs; with two threads a core, one of them has a "
                    + "stranger for a sibling",
                hint: "ask for \(count + 1)")
        }
    }

    private func rounded(_ count: Int64, to unit: Int64) -> Int64 {
        (count + unit - 1) / unit * unit
    }
}
