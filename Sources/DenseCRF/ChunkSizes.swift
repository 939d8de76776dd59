/// How much of an image or a lattice is worked on at once; no result depends on it.
enum ChunkSize {
    /// Pixels whose lattice vertices are looked up.
    static let embedding = 4096
    /// Pixels whose kernel sums become scales.
    static let normalization = 2048
    /// Pixels that are splatted.
    static let splatting = 1024
    /// Vertices that are blurred.
    static let blurring = 1024
    /// Pixels whose probabilities are updated: a multiple of eight, so that a chunk of the narrowest vectors is whole
    /// sixteens, in which exponentials are taken; its rows fit the fastest cache.
    static let meanField = 512
}
