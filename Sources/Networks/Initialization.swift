package import TensorCore

extension ParameterArena {
    /// Draws every tensor's start value from the seed.
    ///
    /// A network trained from scratch starts He-normal. One that will take start weights from a file draws what the
    /// file lacks from N(0, 0.01), zero bias; so does a layer that says so itself.
    package func initialize(seed: UInt64, fromScratch: Bool) {
        for (index, parameter) in parameters.enumerated() {
            parameter.draw(seed: seed, number: UInt64(index), fromScratch: fromScratch)
        }
        for statistic in statistics { statistic.draw(seed: seed, number: 0, fromScratch: fromScratch) }
    }
}

extension Parameter {
    fileprivate func draw(seed: UInt64, number: UInt64, fromScratch: Bool) {
        switch start {
        case .constant(let constant): valueForWriting().update(repeating: constant, count: count)
        case .normal(let deviation): drawNormal(seed, number, deviation: deviation)
        case .heNormal:
            let inputs = fileShape.dropFirst().reduce(1, *)
            drawNormal(seed, number, deviation: fromScratch ? (2 / Float(inputs)).squareRoot() : 0.01)
        }
    }

    private func drawNormal(_ seed: UInt64, _ number: UInt64, deviation: Float) {
        let random = RandomStream(seed: seed, purpose: .initialization, position: number)
        let drawn = (0..<count).map { Float(random.normal($0)) * deviation }
        setValue(fileOrder: drawn)
    }
}
