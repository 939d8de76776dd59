// swift-tools-version: 6.1
import PackageDescription

// MARK: - Settings

/// The processor the arithmetic is compiled for; `BANA_MARCH=native swift build` names another.
#if arch(x86_64)
    let processor = Context.environment["BANA_MARCH"] ?? "x86-64-v3"
    let processorFlags = ["-Xcc", "-march=\(processor)"]
#else
    let processorFlags: [String] = []
#endif

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Loops over pixels and bytes: optimised in debug builds too, where they would be a hundred times slower.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"] + processorFlags)]

/// Arithmetic on raw memory whose bounds the callers have checked.
let unchecked: [SwiftSetting] = [.unsafeFlags(["-Ounchecked"] + processorFlags)]

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

func room(_ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], excluding files: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.target(name: name), "TestSupport"] + dependencies, exclude: files,
        swiftSettings: strict + optimized)
}

// MARK: - The rooms, from the ground up: each imports only rooms above it

let systemLibraries: [Target] = [
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLibXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    // Only the interface: the library behind it is made by `launch/shim`, for the MPI at hand.
    .systemLibrary(name: "CMPI"),
    .target(name: "CSystem"),
    // Of the program alone: no shared library may have what is in it.
    .target(name: "CEarlyStart"),
    .target(name: "CVectors", cSettings: [.unsafeFlags(["-O3"])]),
    .target(name: "CImageCodecs", dependencies: ["CPNG", "CTurboJPEG"]),
    .target(name: "CXMLParser", dependencies: ["CLibXML"]),
]

let engine: [Target] = [
    room("FileAccess", ["CSystem", "CZlib"], optimized),
    room("ProcessorCheck", ["CSystem"]),
    room("TensorCore", ["CSystem"], optimized),
    room("Kernels", ["TensorCore", "CSystem", "CVectors", "COpenBLAS"], unchecked),
    room("Layers", ["TensorCore", "Kernels"], optimized),
    room("Networks", ["TensorCore", "Kernels", "Layers"], optimized),
    room("Weights", ["FileAccess", "TensorCore"], optimized),
]

let data: [Target] = [
    room("ImageFiles", ["FileAccess", "CImageCodecs"], optimized),
    room("Annotations", ["FileAccess", "CXMLParser"], optimized),
    room("Datasets", ["FileAccess", "TensorCore", "ImageFiles", "Annotations"], optimized),
    room("Shapes", ["FileAccess", "TensorCore", "ImageFiles", "Annotations"], optimized),
]

let method: [Target] = [
    room("DenseCRF", ["FileAccess", "TensorCore", "Kernels"], unchecked),
    room("Evaluation", ["FileAccess", "TensorCore", "Annotations"], optimized),
    room("PseudoLabels", ["TensorCore", "Kernels", "Layers", "Annotations", "DenseCRF"], optimized),
    room("Segmentation", ["TensorCore", "Kernels", "Networks", "DenseCRF"], optimized),
]

let program: [Target] = [
    room("Communication", ["FileAccess", "TensorCore", "Kernels", "CMPI"]),
    room(
        "Configuration",
        [
            "FileAccess", "TensorCore", "Layers", "Networks", "Annotations", "Datasets", "DenseCRF", "PseudoLabels", "Yams",
        ]),
    room("Reports", ["FileAccess", "ImageFiles", "Evaluation"]),
    room(
        "Runs",
        [
            "FileAccess", "TensorCore", "Kernels", "Networks", "Weights", "ImageFiles", "Annotations", "Datasets",
            "DenseCRF", "Evaluation", "PseudoLabels", "Segmentation", "Communication", "Configuration", "Reports", log,
        ], optimized),
    room(
        "RunReports",
        [
            "FileAccess", "ImageFiles", "Annotations", "Datasets", "Evaluation", "Communication", "Configuration",
            "Reports", "Runs", log,
        ], optimized),
    room(
        "Training",
        [
            "FileAccess", "TensorCore", "Kernels", "Layers", "Networks", "Weights", "ImageFiles", "Annotations",
            "Datasets", "Communication", "Configuration", "Reports", "Runs", "RunReports", log,
        ], optimized),
    room(
        "Stages",
        [
            "FileAccess", "TensorCore", "Networks", "Weights", "ImageFiles", "Annotations", "Datasets", "DenseCRF",
            "Evaluation", "PseudoLabels", "Segmentation", "Communication", "Configuration", "Reports", "Runs", "RunReports",
            "Training", log,
        ], optimized),
    room(
        "Reproduction",
        [
            "FileAccess", "Layers", "Annotations", "Datasets", "Evaluation", "PseudoLabels", "Communication",
            "Configuration", "Reports", "Runs", "RunReports", "Training", "Stages", log,
        ]),
    room(
        "BanaKit",
        [
            "FileAccess", "ProcessorCheck", "TensorCore", "Kernels", "Weights", "ImageFiles", "Annotations",
            "Datasets", "DenseCRF", "Evaluation", "PseudoLabels", "Segmentation", "Communication", "Configuration",
            "Runs", "Stages", log,
        ]),
    .target(
        name: "Benchmarks",
        dependencies: [
            "CSystem", "FileAccess", "TensorCore", "Kernels", "Layers", "Networks", "ImageFiles", "Annotations",
            "Datasets", "DenseCRF", "PseudoLabels", "Communication", "Configuration", "Runs", "Training", "Yams",
        ],
        resources: [.embedInCode("Resources/rival.py")], swiftSettings: strict),
    .executableTarget(
        name: "bana",
        dependencies: [
            "CEarlyStart", "FileAccess", "ProcessorCheck", "Kernels", "Weights", "Annotations", "Shapes", "Communication",
            "Configuration", "Runs", "RunReports", "Stages", "Reproduction", "Benchmarks", log,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: strict),
]

let testing: [Target] = [
    .target(
        name: "TestSupport", dependencies: ["FileAccess", "TensorCore", "Kernels"], path: "Tests/TestSupport",
        swiftSettings: strict + optimized),
    tests("ProcessorCheck", ["CSystem"]),
    tests("TensorCore", []),
    tests("Kernels", ["TensorCore", "CSystem"]),
    tests("Layers", ["TensorCore", "Kernels"]),
    tests("Networks", ["TensorCore", "Kernels", "Layers"]),
    tests("FileAccess", []),
    tests("Weights", ["FileAccess", "TensorCore"]),
    tests("Configuration", ["FileAccess", "Layers", "Annotations", "DenseCRF"]),
    tests("Reports", ["FileAccess", "ImageFiles", "Evaluation"]),
    tests("ImageFiles", ["FileAccess"], excluding: ["Fixtures"]),
    tests("Annotations", ["FileAccess"]),
    tests("DenseCRF", ["FileAccess", "TensorCore", "ImageFiles", "Annotations"]),
    tests("Evaluation", ["FileAccess", "TensorCore", "Annotations"]),
    tests("PseudoLabels", ["TensorCore", "Annotations", "DenseCRF"]),
    tests("Segmentation", ["TensorCore", "Networks", "DenseCRF"]),
    tests("Datasets", ["FileAccess", "TensorCore", "ImageFiles", "Annotations"]),
    tests("Shapes", ["FileAccess", "TensorCore", "ImageFiles", "Annotations", "Datasets"]),
    tests("Communication", ["TensorCore", "Kernels"]),
    tests(
        "Training",
        [
            "FileAccess", "TensorCore", "Layers", "Networks", "ImageFiles", "Annotations", "Datasets", "Configuration",
        ]),
    tests("Runs", ["FileAccess", "Configuration"]),
    .target(
        name: "StageSupport",
        dependencies: [
            "FileAccess", "Weights", "ImageFiles", "Communication", "Configuration", "Reports", "Runs", "TestSupport",
            log,
        ],
        path: "Tests/StageSupport", swiftSettings: strict),
    tests(
        "Stages",
        ["FileAccess", "ImageFiles", "Weights", "Configuration", "Runs", "Training", "StageSupport"]),
    tests(
        "RunReports", ["FileAccess", "ImageFiles", "Configuration", "Runs", "Training", "Stages", "StageSupport"]),
    tests("Reproduction", ["FileAccess", "Configuration", "Reports", "Runs", "StageSupport"]),
    tests("BanaKit", ["Configuration", "ImageFiles", "Stages", "StageSupport"]),
    .target(
        name: "FuzzReaders",
        dependencies: [
            "FileAccess", "TensorCore", "Weights", "ImageFiles", "Annotations", "Evaluation", "Configuration",
            "Reports", "Runs", "Training", "Benchmarks", "TestSupport",
        ],
        path: "Tests/FuzzReaders", swiftSettings: strict),
    tests("FuzzReaders", ["FileAccess"]),
    .testTarget(
        name: "CommandLineTests",
        dependencies: [
            "FileAccess", "Kernels", "ImageFiles", "Weights", "Configuration", "TestSupport", "StageSupport",
        ],
        swiftSettings: strict),
    .executableTarget(
        name: "selftest",
        dependencies: [
            "FileAccess", "TensorCore", "Communication", "Configuration", "Runs", "Stages", "Reproduction",
            "TestSupport", "StageSupport",
        ],
        path: "Tests/selftest", swiftSettings: strict),
]

/// Only where `Tests/fuzz` asks for it, for it links libFuzzer.
let fuzzing: [Target] = [
    .systemLibrary(name: "CFuzzer", path: "Tests/CFuzzer"),
    .executableTarget(
        name: "FuzzTarget", dependencies: ["CFuzzer", "FileAccess", "FuzzReaders"], path: "Tests/FuzzTarget",
        swiftSettings: strict, linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
]

let package = Package(
    name: "bana",
    products: [
        .executable(name: "bana", targets: ["bana"]),
        .library(name: "BanaKit", targets: ["BanaKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.0.0"),
    ],
    targets: systemLibraries + engine + data + method + program + testing
        + (Context.environment["BANA_FUZZ"] == nil ? [] : fuzzing)
)
