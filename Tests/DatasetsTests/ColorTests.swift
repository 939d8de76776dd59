import Datasets
import ImageFiles
import Testing

/// The expected bytes come from torchvision 0.29 with Pillow 13:
///
///     image = Image.fromarray(picture(7, 5))
///     image = F.adjust_saturation(F.adjust_contrast(F.adjust_brightness(image, b), c), s)
///     print(numpy.array(image).tobytes().hex())
@Suite struct ColorTests {
    @Test(arguments: [
        (
            ColorJitter(brightness: 0.5, contrast: 1, saturation: 1),
            "001a352d48625b751008233d36506b637e18112b46122d4748637d7e1933344f696a051f203b5556710b"
                + "253f5a637e18223c57607b151f39545d78121c365137526c7e193345607a0c2741536e081a354f617c16"
                + "4a647f19344e69031e38536d08223d57720c27415c"
        ),
        (
            ColorJitter(brightness: 1.4375, contrast: 1, saturation: 1),
            "004c9882cfffffff2e1864b09be7ffffff46307dc93581cdd0ffffff479496e3ffff0e5a5da9f5f8ff21"
                + "6ab6ffffff4661adfaffff3d59a5f1ffff35509ce89febffff4794c7ffff2370bcf0ff184c98e4ffff40"
                + "d4ffff4995e1ff0a56a2eeff1763affbff2370bcff"
        ),
        (
            ColorJitter(brightness: 1, contrast: 0.7, saturation: 1),
            "284d72688db2a7cd3e34597e7499beb3d84a40658a42678c8eb3d8d94b707297bcbd2f54567ba0a1c638"
                + "5c81a6b3d84a587da2afd44653799eabd0424f7499769bc0d94b7089aed43a5f849dc2344d7297b1d648"
                + "90b5da4c7196bb2d52779cc133587da3c83a5f84a9"
        ),
        (
            ColorJitter(brightness: 1, contrast: 1.37, saturation: 1),
            "00165f4a93dbc7ff00002d7662aaf3deff1100458d00499194ddffff125b5da6eff10024276fb8bbff00"
                + "337cc4deff112b73bcd6ff08226bb4ceff001a63ab66aef7ff125b8cd5ff003881b2fb00165fa7d9ff0b"
                + "98e1ff135ca5ed002068b1fa002c75bdff003881ca"
        ),
        (
            ColorJitter(brightness: 1, contrast: 1, saturation: 0),
            "2b2b2b868686c4c4c43c3c3c979797d5d5d54d4d4d505050bcbcbc7575759494944d4d4d6c6c6cbbbbbb"
                + "757575d5d5d56f6f6fcfcfcf696969c9c9c96363639a9a9a757575b6b6b6444444b5b5b5606060d1d1d1"
                + "bfbfbf5e5e5e4a4a4a9c9c9c3b3b3bbdbdbd797979"
        ),
        (
            ColorJitter(brightness: 1, contrast: 1, saturation: 0.61),
            "1031516b8cacbbdb5f2142627c9dbdccec70325373355676a1c2e2c74c6c799aba9f2444517292b2d256"
                + "5a7b9bccec70547595c6e66a4e6f8fc0e0644869897fa0c0c74c6c9bbcdc294a6aaccc50456686c8e86c"
                + "a4c5e54364849c214181a2c2204161b4d4585e7f9f"
        ),
        (
            ColorJitter(brightness: 1, contrast: 1, saturation: 1.5),
            "003a894595e4affe00004b9a56a6f5c0ff000c5cab0f5fae7bcbffff106053a3f2ff00382b7bcaa6f500"
                + "3484d3c0ff002e7ecdbaff002878c7b4ff002272c159a9f8ff106075c5ff0353a2a0ef001f6fbebcff00"
                + "7eceff1d6dbcff00355babfa004a99a8f7003888d7"
        ),
        (
            ColorJitter(brightness: 1.23, contrast: 0.55, saturation: 1.31),
            "3e6b9b7baad9c1d83d4978a786b6dfcfd74b5483b25685b4a1cfd8e95c8c85b3dfee3f6e6998c7bad935"
                + "709dcdcfd74b6b9ac9cad7456796c5c5d8406392c188b7dee95c8c9bcbd94e7dacb5da316190bfcbd747"
                + "a3d1d7608dbeef3d6c8ab9de4877a6bcd93772a1d0"
        ),
    ])
    func jitterGivesTorchvisionsBytes(jitter: ColorJitter, expected: String) {
        var image = picture(width: 7, height: 5)
        jitter.apply(to: &image)
        #expect(hex(image.pixels) == expected)
    }

    @Test func factorsOfOneChangeNothing() {
        var image = picture(width: 3, height: 2)
        ColorJitter().apply(to: &image)
        #expect(image == picture(width: 3, height: 2))
    }

    @Test func contrastOfAnEmptyMeanIsDefined() {
        var image = RGBImage(width: 1, height: 1, pixels: [10, 20, 30])
        ColorJitter(contrast: 0).apply(to: &image)
        #expect(image.pixels == [18, 18, 18])
    }

    @Test func caffeInputIsBlueGreenRedMinusTheMean() {
        let image = RGBImage(width: 2, height: 1, pixels: [255, 0, 7, 1, 2, 3])
        let expected: [Float] = [-97.008, -116.669, 132.325, -101.008, -114.669, -121.675]
        #expect(zip(input(image, .caffe), expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    /// The expected numbers are those of `F.normalize(F.to_tensor(image), mean, std)`.
    @Test func torchvisionInputIsStandardized() {
        let image = RGBImage(width: 2, height: 1, pixels: [255, 0, 7, 1, 128, 3])
        let expected: [Float] = [2.2489083, -2.0357141, -1.68244, -2.1007793, 0.2051822, -1.7521569]
        #expect(input(image, .torchvision) == expected)
    }

    private func input(_ image: RGBImage, _ normalization: ColorNormalization) -> [Float] {
        var input = [Float](repeating: .nan, count: image.pixels.count)
        input.withUnsafeMutableBufferPointer { input in
            guard let base = input.baseAddress else { return }
            normalization.apply(to: image, into: base)
        }
        return input
    }
}
