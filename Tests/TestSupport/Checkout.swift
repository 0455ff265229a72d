public import Foundation

/// The folder of Package.swift, for tests that read the project's own files.
public enum Checkout {
    public static let url = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
