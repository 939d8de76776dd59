/// The known name that is spelled most like `word`: what a user who mistyped it may have meant.
///
/// The one of the smallest edit distance, the first of equals; `nil` when nothing is known, or when even the nearest
/// name shares too little with `word` to be meant.
package func nearestName(to word: String, among known: some Sequence<String>) -> String? {
    var nearest: (name: String, distance: Int)?
    for name in known {
        let distance = editDistance(word, name)
        if distance > max(word.count, name.count) / 2 { continue }
        if distance < nearest?.distance ?? .max { nearest = (name, distance) }
    }
    return nearest?.name
}

/// The fewest insertions, deletions and replacements of one letter that turn `a` into `b` (Levenshtein 1966); capitals
/// count as their small letters.
package func editDistance(_ a: String, _ b: String) -> Int {
    let target = Array(b.lowercased())
    var distances = Array(0...target.count)
    for (row, letter) in a.lowercased().enumerated() {
        var diagonal = distances[0]
        distances[0] = row + 1
        for (column, other) in target.enumerated() {
            let replaced = diagonal + (letter == other ? 0 : 1)
            diagonal = distances[column + 1]
            distances[column + 1] = min(replaced, diagonal + 1, distances[column] + 1)
        }
    }
    return distances[target.count]
}
