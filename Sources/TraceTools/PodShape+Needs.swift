import Primitives
package import WorkloadModel

extension PodShape {
    /// Whether a kubelet with the static CPU policy would hand a container CPUs of its own: Guaranteed and whole CPUs.
    package var wantsExclusiveCPUs: Bool {
        qos == .guaranteed
            && containers.contains { container in
                let cpu = container.resources.request(ResourceTable.cpu) ?? 0
                return cpu > 0 && cpu % 1000 == 0
            }
    }

    /// Containers of a Guaranteed pod that ask for a part of a CPU beside at least one whole one, and so share CPUs.
    package var containersWithPartsOfCPUs: [ContainerShape] {
        guard qos == .guaranteed else { return [] }
        return containers.filter { container in
            let cpu = container.resources.request(ResourceTable.cpu) ?? 0
            return cpu > 1000 && cpu % 1000 != 0
        }
    }
}
