import Annotations
import FileAccess
import Foundation
import TestSupport
import Testing

/// Boxes in forms that are not read are told by what they look like.
@Suite struct BoxesFileTests {
    private static let wanted = "boxes are a folder of VOC's XML files, or an instances file of COCO (one JSON)"

    private func said(_ contents: Data) throws -> String {
        try withTemporaryFolder { folder in
            let path = join(folder, "boxes")
            try writeAtomically(contents, to: path)
            return message { try COCOInstances(contentsOf: path) }.replacing(path + ": ", with: "")
        }
    }

    @Test(arguments: [
        ([0x1F, 0x8B, 8, 0] as [UInt8], "a gzip file; unpack it (gunzip): "),
        ([0x50, 0x4B, 3, 4, 20], "a zip archive; unpack it (unzip): "),
        ([], "nothing: the file is empty; get it again: "),
        ([0xFF, 0xFE, 0x7B, 0], "text in UTF-16; save it as UTF-8: "), ([0x7B, 0, 0, 0], "no text, but binary data; "),
        ([0xFF, 0xD8, 0xFF, 0xE0], "a JPEG image; "), ([0x20, 0x0A], "nothing: only white space; get it again: "),
    ])
    func bytes(_ contents: [UInt8], _ expected: String) throws {
        #expect(try said(Data(contents)) == "this looks like " + expected + Self.wanted)
    }

    @Test(arguments: [
        ("filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,9,9,cat,1,1,2,2\n", "CSV; "),
        ("0 0.5 0.5 0.1 0.2\n", "YOLO's labels of one image; "), ("names: [cat]\nnc: 1\n", "YOLO's description"),
        ("a\tb\tc\td\n", "a table with tabs; "), ("hello\n", "text, but neither JSON nor XML; "),
        ("<annotation></annotation>", "one XML file of VOC; give the folder that it lies in: "),
        ("<?xml version=\"1.0\"?><annotations><image/></annotations>", "CVAT's XML; export it as PASCAL VOC or COCO: "),
        ("<html></html>", "XML or HTML; "),
        (#"{"version":"5.0","shapes":[],"imagePath":"a.jpg"}"#, "LabelMe's JSON for one image; "),
        (#"{"images":[],"annotations":[{"caption":"a cat"}]}"#, "COCO's captions; take instances_*.json: "),
        (#"{"_via_settings":{}}"#, "a project of VIA; "), ("{\"a\":1}\n{\"a\":2}\n", "JSON lines, an object each; "),
        (#"[{"image_id":1,"category_id":1,"bbox":[],"score":1}]"#, "a results file of COCO; give the instances file"),
        (#"[{"image":"a.jpg","annotations":[{"coordinates":{}}]}]"#, "CreateML's JSON; "),
        ("[1]", "a JSON list, where"),
    ])
    func texts(_ contents: String, _ expected: String) throws {
        let said = try said(Data(contents.utf8))
        #expect(said.hasPrefix("this looks like " + expected) && said.hasSuffix(Self.wanted), "\(said)")
    }

    @Test(arguments: [
        (
            ["a.txt": "0 0.5 0.5 0.1 0.2\n", "classes.txt": "cat\n"],
            ": it looks like a folder of YOLO's labels; convert"
        ),
        (["a.json": #"{"shapes":[],"imagePath":"a.jpg"}"#], ": it looks like LabelMe's JSON for one image; export it"),
        (["boxes.csv": "a,b,c,d"], ": it looks like a folder with CSV; "),
        ([:], ": it looks like nothing: it is empty; "),
        (["a.jpg": "x"], ": it looks like a folder of images; give the folder of their boxes: "),
        (["Annotations/a.xml": "<annotation/>"], ": it looks like a data set of VOC; give "),
        (
            ["i.json": #"{"images":[],"annotations":[],"categories":[]}"#],
            ": it looks like a folder with an instances file"
        ),
        (["readme": "x"], "; "),
    ])
    func folders(_ files: [String: String], _ expected: String) throws {
        try withTemporaryFolder { folder in
            for (name, text) in files { _ = try write(text, to: name, in: folder) }
            let said = message { try ImageList(filesIn: folder) }
            #expect(said.hasPrefix("\(folder): no *.xml in this folder" + expected), "\(said)")
            #expect(said.hasSuffix(Self.wanted))
        }
    }
}
