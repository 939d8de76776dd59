import Communication
import Configuration
import Datasets
import TensorCore

/// Shards that a batch is cut into where the weights may not depend on the number of ranks: 1, 2 or 4 ranks share them.
package let reproducibleShards = 4

extension TrainingLoop {
    /// The same as `accumulateGradients`, bitwise for 1, 2 and 4 ranks.
    ///
    /// Everything that adds up over samples is added up within each shard, then over shards in pairs and pairs of pairs:
    /// on a rank, then between ranks. Batch norm takes each shard's own statistics; the running ones become the mean of
    /// what the shards make of them.
    func accumulateReproducibly(_ batch: Batch, _ iteration: Int, _ clock: inout StepClock) throws -> GlobalSums {
        let step = Step(objective, batch, progress: progress(iteration))
        let shards = shards()
        var known: GlobalSums?
        if !objective.isOneMean {
            let sums = shards.map { parts in
                total(parts.map { objective.sums(of: step.forward($0, context.rehearsal)) })
            }
            known = try sumInPairs(sums, batch, &clock)
        }
        let sums = shards.enumerated().map { number, parts in
            shardSums?.begin(number)
            let sums = parts.map { part in
                let pass = step.forward(part, context)
                let sums = objective.sums(of: pass)
                step.backward(pass, part, known?.loss ?? undivided(sums), context)
                return sums
            }
            shardSums?.end()
            return total(sums)
        }
        watchdog?.enter(.waiting, iteration)
        try clock.communicating { try shardSums?.finish(over: communicator) }
        if let known { return known }
        let global = try sumInPairs(sums, batch, &clock)
        divideGradients(by: global.loss[1])
        return global
    }

    /// The micro-batches of each of this rank's shards.
    private func shards() -> [[Range<Int>]] {
        let cuts = (0...reproducibleShards).map { (solver.batch * $0 + reproducibleShards - 1) / reproducibleShards }
        let mine = communicator.slice(of: reproducibleShards)
        let most = zip(cuts, cuts.dropFirst()).map { $1 - $0 }.max() ?? 0
        return mine.map { shard in
            let first = cuts[mine.lowerBound]
            return microBatches(of: cuts[shard] - first..<cuts[shard + 1] - first, most: most)
        }
    }

    private func total(_ parts: [[Double]]) -> [Double] {
        parts.dropFirst().reduce(parts[0]) { zip($0, $1).map(+) }
    }

    private func sumInPairs(_ shards: [[Double]], _ batch: Batch, _ clock: inout StepClock) throws -> GlobalSums {
        var sums = shards
        while sums.count > 1 { sums = stride(from: 0, to: sums.count, by: 2).map { total([sums[$0], sums[$0 + 1]]) } }
        return try clock.communicating { try globalSums(sums[0], batch) { try communicator.allReduceInPairs($0) } }
    }
}
