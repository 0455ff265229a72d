package import WorkloadModel

/// cpu and memory of one container, or of a pod as a whole, as far as they decide the QoS class.
package struct QoSResources: Sendable {
    package var cpuRequest: Quantity
    package var cpuLimit: Quantity
    package var memoryRequest: Quantity
    package var memoryLimit: Quantity

    package init(
        cpuRequest: Quantity, cpuLimit: Quantity, memoryRequest: Quantity, memoryLimit: Quantity
    ) {
        self.cpuRequest = cpuRequest
        self.cpuLimit = cpuLimit
        self.memoryRequest = memoryRequest
        self.memoryLimit = memoryLimit
    }
}

extension QoSClass {
    /// The class of a pod whose status does not tell: by its containers, init containers included, or by its pod-level
    /// resources alone.
    ///
    /// Source: k/k pkg/apis/core/v1/helper/qos/qos.go, `ComputePodQOS`.
    package init(_ parts: [QoSResources]) {
        func isPositive(_ quantity: Quantity) -> Bool { quantity.sign > 0 }
        func total(_ path: KeyPath<QoSResources, Quantity>) -> Quantity {
            parts.map { $0[keyPath: path] }.filter(isPositive).reduce(.zero, +)
        }
        let cpu = (request: total(\.cpuRequest), limit: total(\.cpuLimit))
        let memory = (request: total(\.memoryRequest), limit: total(\.memoryLimit))
        if ![cpu.request, cpu.limit, memory.request, memory.limit].contains(where: isPositive) {
            self = .bestEffort
        } else if parts.allSatisfy({ isPositive($0.cpuLimit) && isPositive($0.memoryLimit) }),
            cpu.request == cpu.limit, memory.request == memory.limit
        {
            self = .guaranteed
        } else {
            self = .burstable
        }
    }
}
