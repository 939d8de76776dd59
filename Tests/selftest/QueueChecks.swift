import Communication

let queueChecks = [
    Check("work is dealt out once") { ranks in
        for count in [0, 1, 2, 50] {
            let queue = try WorkQueue(count: count, in: ranks.folder, ranks.world)
            var taken = [Double](repeating: 0, count: count)
            while let next = try queue.next() { taken[next] += 1 }
            taken = try ranks.world.allReduce(taken)
            queue.close()
            ranks.expect(taken.allSatisfy { $0 == 1 }, "\(count) items were taken \(taken) times")
        }
    },
    Check("texts come from all ranks") { ranks in
        let texts = try ranks.world.allGather(String(repeating: "ä", count: ranks.world.rank))
        let wanted = (0..<ranks.world.size).map { String(repeating: "ä", count: $0) }
        ranks.expect(texts == wanted, "\(texts)")
    },
]
