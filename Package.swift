// swift-tools-version: 6.2
import PackageDescription

// Every target is compiled under the same strict rules; a warning is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// The arrows of docs/Architecture.md: a target may import what stands in its row and nothing else.
func target(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
    name: "haops",
    products: [.executable(name: "haops", targets: ["haops"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // Without its Foundation trait: see docs/Decisions/0001-no-whole-foundation.md.
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CLibSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"])]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

        target("Addresses"),
        target("HAProxy", ["Addresses"]),
        target("Concealment"),
        target("Keepalived", ["Addresses", "Concealment"]),
        target("Reactor", ["Addresses", "CEpoll"]),
        target("Remote"),
        target("Events", ["Remote"]),
        target("SSHTransport", ["Reactor", "CLibSSH2", "Remote", subprocess]),
        target("Inventory", ["Addresses", "CLibYAML", "Concealment", "Keepalived", "Remote"]),
        target("Facts", ["Addresses", "Events", "HAProxy", "Remote", "Inventory", "Keepalived"]),
        target("Timeline", ["Events", "Keepalived"]),
        target("Pictures", ["Events"]),
        target(
            "Checks", ["Addresses", "Concealment", "Facts", "HAProxy", "Inventory", "Keepalived", "Remote"]),
        target(
            "Rendering", ["Addresses", "Concealment", "Inventory", "Remote"],
            resources: [.embedInCode("templates")]),
        target(
            "Import",
            [
                "Addresses", "Concealment", "Facts", "HAProxy", "Inventory", "Keepalived", "Remote",
                "Rendering",
            ]),
        target(
            "Survey",
            [
                "Addresses", "Checks", "Events", "Facts", "HAProxy", "Inventory", "Keepalived", "Remote",
                "Rendering",
                "Timeline",
            ]),
        target(
            "Rollout",
            [
                "Survey", "Timeline",
                "Addresses", "Concealment", "Events", "Facts", "HAProxy", "Checks", "Rendering", "Inventory",
                "Keepalived",
                "Remote",
            ],
            resources: [.embedInCode("Scripts")]),
        target(
            "HaopsCommands",
            [
                "Addresses", "Import", "Events", "Survey", "Rollout", "Checks", "Facts", "HAProxy",
                "Rendering", "Keepalived",
                "Inventory", "Pictures", "Reactor", "Remote", "Timeline", argumentParser, subprocess,
            ]),
        .executableTarget(
            name: "haops", dependencies: ["HaopsCommands", "SSHTransport"], swiftSettings: strict),

        target(
            "HaopsTestSupport",
            [
                "Addresses", "Checks", "Events", "Facts", "Inventory", "Keepalived", "Remote", "Survey",
                "Timeline", subprocess,
            ]),
        tests("AddressesTests", ["Addresses"]),
        tests("HAProxyTests", ["HAProxy", "Addresses", "HaopsTestSupport"]),
        tests("ConcealmentTests", ["Concealment", "HaopsTestSupport"]),
        tests("KeepalivedTests", ["Keepalived", "Addresses", "Concealment"], exclude: ["Fixtures"]),
        tests("TimelineTests", ["Timeline", "Events", "Keepalived"]),
        tests("PicturesTests", ["Pictures", "Events"]),
        tests("ReactorTests", ["Reactor", "Addresses"]),
        tests("RemoteTests", ["Remote"]),
        tests("EventsTests", ["Events", "Remote"]),
        tests(
            "SSHTransportTests", ["SSHTransport", "Remote", "HaopsTestSupport", subprocess],
            exclude: ["SecurityKey"]),
        tests("InventoryTests", ["Inventory", "Addresses", "Remote"]),
        tests(
            "FactsTests",
            [
                "Facts", "Addresses", "Events", "HAProxy", "Inventory", "Keepalived", "Remote",
                "HaopsTestSupport",
            ]),
        tests(
            "ChecksTests",
            [
                "Checks", "Addresses", "Facts", "HAProxy", "Inventory", "Keepalived", "Remote",
                "HaopsTestSupport",
            ]),
        tests(
            "RenderingTests", ["Rendering", "Addresses", "Inventory", "Remote", "HaopsTestSupport"],
            exclude: ["Golden"]),
        tests(
            "SurveyTests",
            [
                "Survey", "Addresses", "Checks", "Events", "Facts", "Inventory", "Keepalived", "Remote",
                "Timeline", "HaopsTestSupport",
            ]),
        tests(
            "RolloutTests",
            [
                "Rollout", "Addresses", "Events", "Facts", "Checks", "Rendering", "Inventory", "Keepalived",
                "Timeline",
                "Remote", "HaopsTestSupport",
            ]),
        tests(
            "HaopsCommandsTests",
            [
                "HaopsCommands", "Survey", "Addresses", "Checks", "Events", "Facts", "HAProxy", "Inventory",
                "Keepalived",
                "Rendering",
                "Pictures", "Rollout", "Remote", "Timeline", "HaopsTestSupport", argumentParser, subprocess,
            ]),
        tests(
            "ImportTests",
            [
                "Import", "Addresses", "Facts", "Inventory", "Keepalived", "Remote", "Rendering",
                "HaopsTestSupport",
            ]),
        tests("ArchitectureTests", [], exclude: ["Forms.txt"]),
        tests(
            "LabTests",
            [
                "HaopsTestSupport", "HaopsCommands", "Rollout", "SSHTransport", "Addresses", "Facts",
                "Checks",
                "Rendering", "Inventory", "Keepalived", "Remote",
            ]),
    ]
)
