public import WorkloadModel

/// What RA2's table says a class needs of the platform to be scheduled well.
public enum PlatformFeature: String, CaseIterable, Sendable {
    case hugePages = "Huge pages (for DPDK-based applications)"
    case cpuManager = "CPU Manager"
    case isolatingCPUManager = "CPU Manager with configuration for isolcpus and SMT"
    case multipleInterfaces = "Multiple interfaces"
    case numaTopology = "NUMA topology"
    case devicePlugin = "Device Plugin"
    case nodeFeatureDiscovery = "NFD"
}

/// RA2, chapter 3: categories of applications, requirements for scheduling pods and Kubernetes features.
extension WorkloadClass {
    public var intensiveOn: String { isDataplane ? "Networking (dataplane)" : "Compute" }

    public var notIntensiveOn: String { isDataplane ? "" : "Networking (dataplane)" }

    public var acceleration: String {
        switch self {
        case .c1: "No"
        case .c2, .c5: "CPU instructions"
        case .c3:
            "Fixed-function acceleration, Firmware-programmable network adapters, or SmartNICs"
        case .c4:
            "No, or Fixed function acceleration, Firmware-programmable network adapters or SmartNICs"
        }
    }

    /// In the table's order.
    public var demands: [PlatformFeature] {
        switch self {
        case .c1: [.cpuManager]
        case .c2: [.cpuManager, .nodeFeatureDiscovery]
        case .c3: [.cpuManager, .devicePlugin]
        case .c4: WorkloadClass.dataplaneDemands
        case .c5: WorkloadClass.dataplaneDemands + [.nodeFeatureDiscovery]
        }
    }

    private static let dataplaneDemands: [PlatformFeature] = [
        .hugePages, .isolatingCPUManager, .multipleInterfaces, .numaTopology, .devicePlugin,
    ]
}

/// RA2's table of categories as this tool knows it.
public enum WorkloadCategories {
    /// The table as Markdown, and which codes look after each demand.
    public static var table: String {
        var text = """
            | No. | class | Intensive on | Not intensive on | Using hardware acceleration | \
            Requirements for optimised pod scheduling |
            |---|---|---|---|---|---|

            """
        for one in WorkloadClass.allCases {
            let cells = [
                "\(one.number)", one.rawValue, one.intensiveOn, one.notIntensiveOn,
                one.acceleration, one.demands.map(\.rawValue).joined(separator: "; "),
            ]
            text += "| " + cells.joined(separator: " | ") + " |\n"
        }
        text += "\n| demand | classes | checked by |\n|---|---|---|\n"
        for feature in PlatformFeature.allCases {
            let classes = WorkloadClass.allCases.filter { $0.demands.contains(feature) }
            let codes = RA2Codes.checks(of: feature).map(\.id).joined(separator: ", ")
            text += "| \(feature.rawValue) | "
            text += classes.map(\.rawValue).joined(separator: ", ") + " | \(codes) |\n"
        }
        return text
    }
}
