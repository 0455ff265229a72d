import WorkloadModel

// R0020, R0021, R0024, R0025, R0026, R0036, R0037: features, freedom to move, and what the pod says of itself.

extension LintRun {
    mutating func checkFeatures(_ pod: PodFacts, _ judged: JudgedClass?) {
        let nodes = facts.nodes.filter(\.isNode)
        let known = nodes.compactMap(\.labels)
        if !known.isEmpty, known.count == nodes.count {
            for label in pod.nodeSelector
            where label.key.hasPrefix(featureLabelPrefix)
                && !known.contains(where: { $0.contains(label) })
            {
                add(
                    RA2Codes.featureNotLabelled, pod.subject, at: pod.place,
                    "it selects `\(label.key)` of `\(label.value)`, and no node has that label",
                    hint: "run node feature discovery, or correct the label")
            }
            for key in pod.affinityKeys
            where key.hasPrefix(featureLabelPrefix)
                && !known.contains(where: { $0.contains { $0.key == key } })
            {
                add(
                    RA2Codes.featureNotLabelled, pod.subject, at: pod.place,
                    "its node affinity names `\(key)`, and no node has such a label",
                    hint: "run node feature discovery, or correct the label")
            }
        }
        guard let judged, judged.isStated,
            judged.workloadClass.demands.contains(.nodeFeatureDiscovery),
            !pod.wantedLabelKeys.contains(where: { $0.hasPrefix(instructionLabelPrefix) })
        else { return }
        add(
            RA2Codes.instructionsNotSelected, pod.subject, at: pod.place,
            "\(judged.shown) needs CPU instructions, and the pod selects no `\(instructionLabelPrefix)…` label",
            hint: "select one, such as `\(instructionLabelPrefix)cpuid.AVX512F`")
    }

    mutating func checkFreedom(_ pod: PodFacts, _ judged: JudgedClass?) {
        let selected = pod.nodeSelector.first { $0.key == "kubernetes.io/hostname" }?.value
        if let name = (pod.isPlaced ? nil : pod.nodeName) ?? selected,
            judged != nil
        {
            add(
                RA2Codes.tiedToANode, pod.subject, at: pod.place,
                "it runs on `\(name)` and nowhere else",
                hint: "select a feature of the node instead")
        }
        if let judged, judged.workloadClass.isDataplane, let replicas = pod.replicas, replicas > 1,
            !pod.isKeptApart, !pod.isTransient
        {
            add(
                RA2Codes.replicasNotApart, pod.subject, at: pod.place,
                "nothing keeps its \(replicas) pods of \(judged.shown) on different nodes",
                hint: "add pod anti-affinity or a spread constraint")
        }
        guard judged != nil else { return }
        for (path, place) in pod.hostPaths {
            add(
                RA2Codes.hostPath, pod.subject, at: place, "it mounts `\(path)` of its node",
                hint: "use an `emptyDir` or a claim")
        }
    }

    mutating func checkWords(_ pod: PodFacts, _ judged: JudgedClass?) {
        if let word = pod.classWord, pod.statedClass == nil {
            add(
                RA2Codes.unknownClass, pod.subject, at: pod.classPlace ?? pod.place,
                "`\(word)` is no workload class", hint: "classes are `c1` to `c5`")
        }
        if let word = pod.trafficWord, pod.traffic == nil {
            add(
                RA2Codes.unknownClass, pod.subject, at: pod.trafficPlace ?? pod.place,
                "`\(word)` is no kind of traffic", hint: "kinds are `signalling` and `user-plane`")
        }
        guard let judged, judged.isStated, !judged.workloadClass.isDataplane,
            let inferred = pod.inferredClass(in: facts), inferred.isDataplane
        else { return }
        add(
            RA2Codes.classTooLow, pod.subject, at: pod.classPlace ?? pod.place,
            "it says \(judged.shown) and asks for what \(inferred.rawValue) asks for",
            hint: "say `\(inferred.rawValue)`, or leave huge pages and devices for DPDK away")
    }
}
