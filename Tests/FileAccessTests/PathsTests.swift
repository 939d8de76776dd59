import FileAccess
import Testing

@Suite struct PathsTests {
    /// Foundation's own functions trap on some of these.
    @Test(arguments: [
        ("q", "", "q"), ("é", "", "é"), ("/q", "/", "q"), ("q/", "", "q"), ("", "", ""), ("a/b", "a", "b"),
        ("//", "/", ""), ("/", "/", ""), (".", "", "."), ("a//b/", "a", "b"), ("/a/b", "/a", "b"), ("//q", "/", "q"),
        // A slash and the accent after it are one character.
        ("a/\u{301}b", "a", "\u{301}b"), ("./k", ".", "k"), ("../k", "..", "k"),
    ])
    func aPathHasAFolderAndAName(_ path: String, _ folder: String, _ name: String) {
        #expect(parentFolder(of: path) == folder)
        #expect(lastName(of: path) == name)
    }

    @Test(arguments: [
        ("a.jpg", "a", "jpg"), ("x/a.tar.gz", "a.tar", "gz"), ("q", "q", ""), (".q", ".q", ""), ("a.", "a.", ""),
        ("", "", ""), ("..", "..", ""), ("2008.000032", "2008", "000032"), ("a.b/c", "c", ""), ("é.P", "é", "P"),
    ])
    func aNameHasAStemAndAnExtension(_ path: String, _ stem: String, _ suffix: String) {
        #expect(fileStem(path) == stem)
        #expect(fileExtension(of: path) == suffix)
    }

    @Test(arguments: [
        ("a", "b", "a/b"), ("a/", "b", "a/b"), ("a", "/b", "a/b"), ("", "b", "b"), ("/", "b", "/b"), (".", "q", "./q"),
        ("a", "", "a"), ("a", "b/", "a/b"), ("//", "q", "/q"), ("q", "é", "q/é"),
    ])
    func joinedPathsHaveOneSlash(_ folder: String, _ name: String, _ path: String) {
        #expect(join(folder, name) == path)
    }
}
