/// What Kubernetes makes of the name of a resource. (k/k pkg/apis/core/helper/helpers.go)
enum ResourceNames {
    static let hugePagesPrefix = "hugepages-"

    static func isHugePages(_ name: String) -> Bool { name.hasPrefix(hugePagesPrefix) }

    /// Without a domain, or with one of Kubernetes' own.
    static func isNative(_ name: String) -> Bool {
        !name.contains("/") || name.contains("kubernetes.io/")
    }

    /// Whether more can be promised than there is: requests may then be below limits.
    static func isOvercommittable(_ name: String) -> Bool { isNative(name) && !isHugePages(name) }

    static func isExtended(_ name: String) -> Bool {
        !isNative(name) && !name.hasPrefix("requests.")
            && ObjectNames.isQualified("requests." + name)
    }

    static func isWhole(_ name: String) -> Bool {
        wholeResources.contains(name) || isExtended(name)
    }

    static func isStandard(_ name: String) -> Bool {
        standardResources.contains(name) || isHugePages(name)
            || name.hasPrefix("requests.\(hugePagesPrefix)")
    }

    static func isForContainers(_ name: String) -> Bool {
        ["cpu", "memory", "ephemeral-storage"].contains(name) || isHugePages(name)
    }

    /// What `spec.resources` may name. (component-helpers/resource IsSupportedPodLevelResource)
    static func isForPods(_ name: String) -> Bool {
        name == "cpu" || name == "memory" || isHugePages(name)
    }

    private static let standardResources: Set<String> = wholeResources.union([
        "cpu", "memory", "ephemeral-storage", "storage", "requests.cpu", "requests.memory",
        "requests.ephemeral-storage", "requests.storage", "limits.cpu", "limits.memory",
        "limits.ephemeral-storage",
    ])

    private static let wholeResources: Set<String> = [
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
        "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    ]
}

/// Kubernetes' rules for names. (k/k staging apimachinery/pkg/util/validation/validation.go)
enum ObjectNames {
    /// RFC 1123: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 63.
    static func isDNSLabel(_ text: String) -> Bool {
        text.utf8.count <= 63
            && isBounded(text, inner: { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }) {
                isLowerOrDigit($0)
            }
    }

    /// DNS labels, of any length, between dots; at most 253.
    static func isDNSSubdomain(_ text: String) -> Bool {
        guard text.utf8.count <= 253 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            isBounded(
                String(part), inner: { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") },
                ends: isLowerOrDigit)
        }
    }

    /// `name` or `prefix/name`.
    static func isQualified(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        switch parts.count {
        case 1: return isLabelName(parts[0])
        case 2: return isDNSSubdomain(parts[0]) && isLabelName(parts[1])
        default: return false
        }
    }

    static func isLabelValue(_ text: String) -> Bool { text.isEmpty || isLabelName(text) }

    private static func isLabelName(_ text: String) -> Bool {
        text.utf8.count <= 63
            && isBounded(text, inner: { isAlphanumeric($0) || "-_.".utf8.contains($0) }) {
                isAlphanumeric($0)
            }
    }

    private static func isBounded(
        _ text: String, inner: (UInt8) -> Bool, ends: (UInt8) -> Bool
    ) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return ends(first) && ends(last) && text.utf8.allSatisfy(inner)
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerOrDigit(byte) || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    }
}
