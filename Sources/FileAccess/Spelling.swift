/// The candidate that a misspelt word most likely means: the one of the smallest edit distance, the first of equals.
///
/// - Returns: `nil` only if there are no candidates.
package func nearest<Candidates: Collection<String>>(to word: String, among candidates: Candidates) -> String? {
    candidates.min { editDistance(word, $0) < editDistance(word, $1) }
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
