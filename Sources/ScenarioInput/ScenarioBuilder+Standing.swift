import ClusterScheduler
import ClusterSimulation
import Foundation
import NodeManagers
import Primitives
import WorkloadModel

extension ScenarioBuilder {
    /// A cluster's pods as `kubectl get pods -A -o json` prints them are more than a configuration.
    static let podListLimits = SourceLimits(bytes: 64 << 20, depth: 100, values: 4_000_000)

    /// What nodes of a group have when the run begins.
    mutating func buildStanding(of group: inout NodeGroup, _ node: SourceNode) {
        guard let standing = node.present("standing") else { return }
        for item in standing.elements ?? [standing] {
            guard let one = standingNode(item, of: group) else { continue }
            if group.standing.contains(where: { $0.position == one.position }) {
                diagnostics.error(
                    at: item, "node \(one.position) of group `\(group.name)` stands here twice")
                continue
            }
            group.standing.append(one)
            checkStanding(one, of: group, at: item)
        }
        group.standing.sort { $0.position < $1.position }
    }

    /// The workload that standing pods belong to, before the others, as they are.
    mutating func buildStandingWorkload() {
        guard scenario.nodeGroups.contains(where: { !$0.standing.isEmpty }) else { return }
        if let entry = root.map("workload").first(where: { $0.key == StandingPods.workloadName }) {
            diagnostics.error(
                at: entry, "`\(entry.key)` is what pods of `standing` nodes belong to",
                hint: "call this workload something else")
            return
        }
        scenario.workloads.append(StandingPods.workload)
        for pod in scenario.nodeGroups.flatMap(\.standing).flatMap(\.pods) {
            let namespace = pod.shape.namespace
            if !scenario.scheduler.objects.namespaces.contains(where: { $0.name == namespace }) {
                scenario.scheduler.objects.namespaces.append(
                    NamespaceObject(
                        name: namespace,
                        labels: [Label(key: "kubernetes.io/metadata.name", value: namespace)]))
            }
        }
    }

    private mutating func standingNode(
        _ item: SourceNode, of group: NodeGroup
    ) -> StandingNode? {
        let position = item.integer("node") ?? 0
        guard position < group.count else {
            diagnostics.error(
                at: item.present("node") ?? item,
                "node group `\(group.name)` has no node \(position), its nodes are 0 to "
                    + "\(group.count - 1)")
            return nil
        }
        guard var pods = standingPods(item, nodeName: group.nodeName(position)),
            let checkpoints = checkpoints(item)
        else { return nil }
        // Without files there is nothing that a started container could have.
        if checkpoints == KubeletCheckpoints() {
            for index in pods.indices { pods[index].isStarted = false }
        }
        return StandingNode(position: position, checkpoints: checkpoints, pods: pods)
    }

    /// Tells why the kubelet would not start, and which pods it would not take back.
    private mutating func checkStanding(
        _ node: StandingNode, of group: NodeGroup, at item: SourceNode
    ) {
        do throws(KubeletStartError) {
            let model = try NodeModel(
                machine: group.machine, settings: group.kubelet, devices: group.devices,
                resources: scenario.resources)
            let (_, readmissions) = try node.start(on: model, firstPod: 0)
            for readmission in readmissions {
                guard case .rejected(let rejection) = readmission.outcome else { continue }
                let pod = node.pods[Int(readmission.pod.rawValue)]
                diagnostics.note(
                    at: item,
                    "the kubelet of node \(node.position) of `\(group.name)` does not take "
                        + "`\(pod.name)` back: \(rejection.message(scenario.resources))")
            }
        } catch {
            // What is wrong with the group without its files was told already.
            if error.stage == .start || error.stage == .notModelled {
                diagnostics.error(
                    at: item,
                    "node group `\(group.name)`: a kubelet would not start on these checkpoints: "
                        + error.message)
            }
        }
    }

    // MARK: Checkpoint files

    /// The three files of a kubelet's folder, each of which may be missing; nil after a mistake was told.
    private mutating func checkpoints(_ item: SourceNode) -> KubeletCheckpoints? {
        guard let folder = item.present("checkpoints"), let path = folder.text else {
            return KubeletCheckpoints()
        }
        var checkpoints = KubeletCheckpoints()
        var found = 0
        var isWell = true
        for name in [
            "cpu_manager_state", "memory_manager_state",
            "device-plugins/kubelet_internal_checkpoint", "kubelet_internal_checkpoint",
        ] {
            let file = "\(path)/\(name)"
            guard files.hasFile(file) else { continue }
            found += 1
            do throws(InputError) {
                let bytes = try readFile(file, at: folder)
                switch name {
                case "cpu_manager_state":
                    checkpoints.cpu = try CPUManagerCheckpoint(reading: bytes, file: file)
                case "memory_manager_state":
                    checkpoints.memory = try MemoryManagerCheckpoint(reading: bytes, file: file)
                default:
                    // Where the kubelet keeps it goes before a copy beside the others.
                    guard checkpoints.devices == nil else { continue }
                    checkpoints.devices = try DeviceManagerCheckpoint(reading: bytes, file: file)
                }
            } catch {
                isWell = false
                for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
            }
        }
        if found == 0 {
            diagnostics.error(
                at: folder, "`\(path)` has no checkpoint file of a kubelet",
                hint: "the folder is a copy of /var/lib/kubelet with `cpu_manager_state`, "
                    + "`memory_manager_state` and `device-plugins/kubelet_internal_checkpoint`")
            return nil
        }
        return isWell ? checkpoints : nil
    }

    private mutating func readFile(
        _ path: String, at node: SourceNode, limit: Int = SourceLimits.configuration.bytes
    ) throws(InputError) -> [UInt8] {
        do throws(FileProblem) {
            return try files.read(path, limit: limit)
        } catch {
            throw error.isKnown ? InputError([]) : problem(error, path, at: node)
        }
    }

    // MARK: Pods

    /// The pods that are bound to the node, in order of creation; nil after a mistake was told.
    private mutating func standingPods(_ item: SourceNode, nodeName: String) -> [StandingPod]? {
        guard let file = item.present("pods"), let path = file.text else { return nil }
        let objects: [SourceNode]
        do throws(InputError) {
            let limits = ScenarioBuilder.podListLimits
            let bytes = try readFile(path, at: file, limit: limits.bytes)
            objects = podObjects(try readObjectDocuments(bytes, file: path, limits: limits))
        } catch {
            for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
            return nil
        }
        let wanted = item.string("nodeName")
        let places = Set(objects.compactMap { $0["spec"]?["nodeName"]?.text })
        if wanted == nil, places.count > 1, !places.contains(nodeName) {
            diagnostics.error(
                at: file, "`\(path)` has pods of \(places.count) nodes, none called `\(nodeName)`",
                hint: "name the one that is meant with `nodeName`; the first is "
                    + "`\(places.sorted().first ?? "")`")
            return nil
        }
        let name = wanted ?? (places.count > 1 ? nodeName : places.first)
        var pods: [(created: String, pod: StandingPod)] = []
        var uids: Set<String> = []
        var isWell = true
        for object in objects {
            guard object["spec"]?["nodeName"]?.text == name || name == nil else { continue }
            if ["Succeeded", "Failed"].contains(object["status"]?["phase"]?.text ?? "") {
                continue
            }
            guard let pod = standingPod(object, lifetime: item.duration("lifetime")) else {
                isWell = false
                continue
            }
            guard uids.insert(pod.uid).inserted else {
                isWell = false
                diagnostics.error(at: object, "a second pod with the UID `\(pod.uid)`")
                continue
            }
            pods.append((object["metadata"]?["creationTimestamp"]?.text ?? "", pod))
        }
        let order = pods.indices.sorted { (pods[$0].created, $0) < (pods[$1].created, $1) }
        return isWell ? order.map { pods[$0].pod } : nil
    }

    private func podObjects(_ documents: [SourceNode]) -> [SourceNode] {
        documents.flatMap { document -> [SourceNode] in
            switch document["kind"]?.text {
            case "List", "PodList":
                (document["items"]?.elements ?? []).filter {
                    ($0["kind"]?.text ?? "Pod") == "Pod"
                }
            case "Pod": [document]
            default: []
            }
        }
    }

    private mutating func standingPod(
        _ object: SourceNode, lifetime: SimDuration?
    ) -> StandingPod? {
        let metadata = object["metadata"]
        // The kubelet knows a static pod by the hash of its file, which its mirror keeps.
        let mirrored = metadata?["annotations"]?["kubernetes.io/config.mirror"]?.text
        guard let uid = mirrored ?? metadata?["uid"]?.text, !uid.isEmpty else {
            diagnostics.error(
                at: metadata ?? object, "a pod without `metadata.uid`",
                hint: "checkpoint files name pods by UID; take them with `kubectl get pods -o json`"
            )
            return nil
        }
        var own = Diagnostics()
        // Elements of a PodList do not say what they are.
        let pod = object.filling("kind", with: .text("Pod", at: object.mark))
            .filling("apiVersion", with: .text("v1", at: object.mark))
        let read = readPod(pod, resources: &scenario.resources, diagnostics: &own)
        guard let read, !own.hasErrors else {
            for error in own.all where error.severity == .error { diagnostics.add(error) }
            return nil
        }
        return StandingPod(
            name: read.name, uid: uid, shape: read.shape,
            isStarted: object["status"]?["phase"]?.text != "Pending", lifetime: lifetime)
    }
}

extension InputFiles {
    /// Whether a file of that name is there; a path that cannot be is told when it is read.
    func hasFile(_ name: String) -> Bool {
        guard let path = try? expandVariables(in: name, from: environment).path else { return true }
        let url = path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
        return FileManager.default.fileExists(atPath: url.path)
    }
}
