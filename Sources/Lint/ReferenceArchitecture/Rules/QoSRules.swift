import WorkloadModel

// R0002, R0003, R0004, R0007, R0008, R0009: whether the managers serve the pod at all.

extension LintRun {
    /// R0002, R0004, R0007: one cause of a lost QoS class is told, the one to mend first.
    mutating func checkQoS(_ pod: PodFacts, _ judged: JudgedClass) {
        guard !pod.isGuaranteed else { return checkWholeCPUs(pod, judged) }
        // R0009 says the same of them, and more.
        if pod.asksPagesAlone { return }
        let subject = pod.subject
        if let podLevel = pod.podLevel, !podLevel.names.isEmpty {
            add(
                RA2Codes.notGuaranteed, subject, at: pod.place,
                "the resources of the pod as a whole do not make it Guaranteed, and \(judged.shown) needs that",
                hint: "limit cpu and memory, and request the same")
            return
        }
        let bad = pod.containers.filter { !$0.resources.isGuaranteed }
        if bad.allSatisfy({ $0.kind == .initContainer }), bad.count < pod.containers.count {
            for container in bad {
                add(
                    RA2Codes.initContainerSpoilsQoS, subject, at: container.place,
                    "init container `\(container.name)` \(container.resources.whatIsMissing), so the pod is not "
                        + "Guaranteed and no container gets exclusive CPUs",
                    hint: "give it limits for cpu and memory")
            }
            return
        }
        for container in bad {
            let resources = container.resources
            if (resources.requests["memory"] ?? 0) > 0, resources.limits["memory"] == nil {
                add(
                    RA2Codes.memoryOnlyInRequests, subject, at: container.place,
                    "container `\(container.name)` requests memory and does not limit it, so the pod is not Guaranteed",
                    hint: "add `memory` to its limits"
                        + ((resources.limits["cpu"] ?? 0) > 0
                            ? "" : ", and `cpu`, which it lacks as well"))
            } else {
                add(
                    RA2Codes.notGuaranteed, subject, at: container.place,
                    "container `\(container.name)` \(resources.whatIsMissing), so the pod is not Guaranteed; "
                        + "\(judged.shown) needs that",
                    hint: "limit cpu and memory, and request the same")
            }
        }
    }

    /// R0003: of containers that matter, and of all where none asks for whole CPUs.
    private mutating func checkWholeCPUs(_ pod: PodFacts, _ judged: JudgedClass) {
        if let podLevel = pod.podLevel, podLevel.names.contains("cpu"),
            pod.lasting.allSatisfy({ $0.resources.names.isEmpty })
        {
            return
        }
        let nobodyHasWhole = !pod.lasting.contains(where: \.asksWholeCPUs)
        for container in pod.lasting where !container.asksWholeCPUs {
            let matters =
                !container.resources.hugePages.isEmpty || !container.resources.devices.isEmpty
            guard nobodyHasWhole || matters else { continue }
            let cpu = container.resources.request("cpu")
            add(
                RA2Codes.cpusNotWhole, pod.subject, at: container.place,
                "container `\(container.name)` asks for a cpu of \(shown(cpu, of: "cpu")), which gives it no "
                    + "exclusive ones; \(judged.shown) needs them",
                hint: "ask for \((cpu + 999) / 1000)")
        }
    }

    /// R0008 and R0009, which the API server would refuse.
    mutating func checkQuantities(_ pod: PodFacts) {
        let parts =
            pod.containers.map { ("container `\($0.name)`", $0.place, $0.resources) }
            + (pod.podLevel.map { [("the pod", pod.place, $0)] } ?? [])
        for (name, place, resources) in parts {
            for resource in resources.names
            where resource.hasPrefix("hugepages-") || isExtendedResource(resource) {
                let request = resources.requests[resource]
                if let page = pageSize(ofHugePages: resource),
                    let amount = [request, resources.limits[resource]].compactMap(\.self)
                        .first(where: { $0 % page != 0 })
                {
                    add(
                        RA2Codes.pagesNotWhole, pod.subject, at: place,
                        "\(name) asks for \(shown(amount, of: resource)) of `\(resource)`, which is no whole number "
                            + "of pages",
                        hint: "ask for a multiple of \(shown(page, of: resource))")
                    continue
                }
                guard let limit = resources.limits[resource] else {
                    add(
                        RA2Codes.requestsDiffer, pod.subject, at: place,
                        "\(name) requests `\(resource)` and does not limit it",
                        hint: "write it under `limits`")
                    continue
                }
                guard let request, request != limit else { continue }
                add(
                    RA2Codes.requestsDiffer, pod.subject, at: place,
                    "\(name) requests \(shown(request, of: resource)) of `\(resource)` and limits it to "
                        + shown(limit, of: resource),
                    hint: "make them equal")
            }
        }
        if let size = pod.hugePages.first, pod.asksPagesAlone {
            add(
                RA2Codes.hugePagesAlone, pod.subject, at: pod.place,
                "it asks for `\(size)` and for neither cpu nor memory",
                hint: "add limits for cpu and memory")
        }
    }
}

extension ResourceFacts {
    /// Why a container does not count as Guaranteed, after its name: `has no limit for cpu`.
    fileprivate var whatIsMissing: String {
        let missing = ["cpu", "memory"].filter { (limits[$0] ?? 0) <= 0 }
        if !missing.isEmpty { return "has no limit for \(missing.joined(separator: " and "))" }
        for name in ["cpu", "memory"] {
            if let request = requests[name], let limit = limits[name], request != limit {
                return "requests \(shown(request, of: name)) of \(name) and limits it to "
                    + shown(limit, of: name)
            }
        }
        return "has resources that differ"
    }
}

extension PodFacts {
    /// Huge pages, and neither cpu nor memory in any container.
    fileprivate var asksPagesAlone: Bool {
        !hugePages.isEmpty && !resourceNames.contains("cpu") && !resourceNames.contains("memory")
    }
}

/// Bytes of a page of `hugepages-2Mi`; nil for another name.
private func pageSize(ofHugePages resource: String) -> Int64? {
    let prefix = "hugepages-"
    guard resource.hasPrefix(prefix) else { return nil }
    let word = resource.dropFirst(prefix.count)
    let powers: [(unit: String, power: Int64)] = [("Ki", 10), ("Mi", 20), ("Gi", 30)]
    guard let known = powers.first(where: { word.hasSuffix($0.unit) }),
        let count = Int64(word.dropLast(known.unit.count)), 1...(1 << 20) ~= count
    else { return nil }
    return count << known.power
}
