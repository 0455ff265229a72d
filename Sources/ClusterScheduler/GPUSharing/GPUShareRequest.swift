/// What a pod wants of a node whose GPUs can be shared in thousandths.
///
/// The model of "Beware of Fragmentation" (USENIX ATC 2023): a pod takes a share of one GPU, or one or more whole ones.
package struct GPUShareRequest: Hashable, Sendable {
    package var milliCPU: Int64
    /// Bytes.
    package var memory: Int64
    package var gpuCount: Int
    /// Thousandths of each GPU; 0 exactly when `gpuCount` is 0, and 1000 when it is more than one.
    package var gpuMilli: Int
    /// The models that will do, as bits by number of model; 0 is any.
    package var models: UInt64
    /// Place of the models' text among all texts of the workload in ascending order; 0 is no text.
    ///
    /// Kinds of pods that differ in nothing else are told apart, and put in order, by the text.
    package var modelsText: UInt16

    package init(
        milliCPU: Int64, memory: Int64, gpuCount: Int, gpuMilli: Int, models: UInt64 = 0,
        modelsText: UInt16 = 0
    ) {
        self.milliCPU = milliCPU
        self.memory = memory
        self.gpuCount = gpuCount
        self.gpuMilli = gpuCount == 0 ? 0 : min(gpuMilli, 1000)
        self.models = models
        self.modelsText = modelsText
    }

    /// Whether it takes less than a whole GPU.
    package var isShare: Bool { gpuCount == 1 && gpuMilli < 1000 }

    /// Thousandths of GPUs in all.
    package var totalMilli: Int { gpuCount * gpuMilli }

    package func accepts(model: UInt8) -> Bool { models == 0 || models >> UInt64(model) & 1 != 0 }
}
