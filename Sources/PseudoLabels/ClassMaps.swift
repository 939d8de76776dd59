import TensorCore

/// Class activation maps at the image's size: relu(w_c . F^(p)) for each class that the network knows.
struct ClassMaps {
    private let products: Tensor
    private let columnOfClass: [Int: Int]

    /// The maps of `classes`.
    init(_ classes: [Int], _ features: UpsampledFeatures, _ weights: ClassWeights, _ workspace: Workspace) {
        let known = classes.filter { weights[$0] != nil }
        let rows = workspace.tensor(Shape(1, 1, known.count, weights.channels))
        for (column, classIndex) in known.enumerated() {
            guard let row = weights[classIndex] else { continue }
            (rows.floats + column * weights.channels).update(from: row, count: weights.channels)
        }
        products = features.products(with: rows.floats, count: known.count)
        columnOfClass = Dictionary(uniqueKeysWithValues: zip(known, known.indices))
    }

    /// The map of one class, or `nil` for one that the network does not know.
    subscript(classIndex: Int) -> ClassMap? {
        columnOfClass[classIndex].map { ClassMap(products, column: $0) }
    }
}

/// One class's activation map.
struct ClassMap {
    /// Keeps the memory.
    private let products: Tensor
    private let values: UnsafePointer<Float>
    private let stride: Int

    fileprivate init(_ products: Tensor, column: Int) {
        self.products = products
        (values, stride) = (UnsafePointer(products.floats + column), products.shape.c)
    }

    /// The activation at a pixel.
    subscript(pixel: Int) -> Float { max(values[pixel * stride], 0) }
}
