import FileAccess
import Foundation
import FuzzReaders
import TestSupport
import Testing

@Suite struct SeedTests {
    /// A seed is read, or refused in words; a trap would end the test.
    @Test(arguments: Reader.allCases) func everySeedIsReadOrRefused(_ reader: Reader) throws {
        try withTemporaryFolder { folder in
            let workplace = Workplace(folder)
            var (sound, refused) = (0, 0)
            for name in try fileNames(in: reader.seeds) {
                do {
                    try reader.read(try readFile(join(reader.seeds, name)), in: workplace)
                    sound += 1
                } catch let error as InputError {
                    #expect(!error.problem.isEmpty)
                    refused += 1
                }
            }
            #expect(sound > 0, "\(reader.seeds) has nothing that is read (\(refused) refused)")
        }
    }
}
