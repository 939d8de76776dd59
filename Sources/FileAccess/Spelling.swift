/// The known name that is spelled most like `word`: what a user who mistyped it may have meant.
///
/// Fewest insertions, deletions and replacements of a letter (Levenshtein distance, capitals alike); the first of
/// equals. `nil` when nothing is known, or when even the nearest name shares too little with `word` to be meant.
package func nearestName(to word: String, among known: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased())
    var nearest: (name: String, distance: Int)?
    for name in known {
        let candidate = Array(name.lowercased())
        let distance = editDistance(letters, candidate)
        if distance > max(letters.count, candidate.count) / 2 { continue }
        if distance < nearest?.distance ?? .max { nearest = (name, distance) }
    }
    return nearest?.name
}

/// Letters to insert, delete or replace to make `a` of `b`.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in b.enumerated() {
            let replaced = diagonal + (letter == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
        }
    }
    return row[b.count]
}
