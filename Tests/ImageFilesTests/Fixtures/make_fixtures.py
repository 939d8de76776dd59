"""Makes the images of this folder, and expected.json: the pixels that Pillow gives for each.

Run in this folder with Pillow 13 and NumPy:  python make_fixtures.py
"""

import base64
import json
import struct
import zlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 19, 13
expected = {}


def picture(width=WIDTH, height=HEIGHT):
    """Gradients with a hard edge, so that chroma upsampling shows."""
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([x * 255 // (width - 1), y * 255 // (height - 1), (x * 37 + y * 91) % 256], axis=-1)
    rgb[(x > width // 2) & (y > height // 3)] = (250, 10, 40)
    return rgb.astype(np.uint8)


def labels(largest):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return ((x * 5 + y * 3) % (largest + 1)).astype(np.uint8)


def expect(name, pixels):
    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    height, width = pixels.shape[:2]
    expected[name] = {"width": width, "height": height, "pixels": base64.b64encode(pixels.tobytes()).decode()}


def save(name, image, **options):
    """Writes an image with Pillow and expects what Pillow reads back as RGB."""
    image.save(name, **options)
    expect(name, np.array(Image.open(name).convert("RGB")))


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def scanlines(pixels, depth):
    """Rows of (height, width, channels) without filter, packed to `depth` bits a sample."""
    rows = b""
    for row in pixels.reshape(len(pixels), -1):
        if depth == 16:
            body = row.astype(">u2").tobytes()
        else:
            bits = (row[:, None].astype(np.uint8) >> np.arange(depth - 1, -1, -1)) & 1
            body = np.packbits(bits.reshape(-1)).tobytes()
        rows += b"\0" + body
    return rows


ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def write_png(name, pixels, color_type, depth, palette=b"", interlaced=False):
    """Writes the kinds of PNG that Pillow cannot."""
    height, width = pixels.shape[:2]
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    parts = [pixels[top::down, left::across] for top, left, down, across in passes]
    body = b"".join(scanlines(part, depth) for part in parts if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        if palette:
            file.write(chunk(b"PLTE", palette))
        file.write(chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b""))


def retag(source, name):
    """Copies a CMYK JPEG, its Adobe marker saying that the components are YCCK."""
    with open(source, "rb") as file:
        body = bytearray(file.read())
    body[body.index(b"Adobe") + 11] = 2
    with open(name, "wb") as file:
        file.write(body)
    expect(name, np.array(Image.open(name).convert("RGB")))


def jpegs():
    image = Image.fromarray(picture())
    for subsampling, name in enumerate(["444", "422", "420"]):
        save(f"colour{name}.jpg", image, quality=83, subsampling=subsampling)
    save("progressive.jpg", image, quality=80, progressive=True)
    save("restarts.jpg", image, quality=80, restart_marker_blocks=1)
    save("rgb.jpg", image, quality=90, keep_rgb=True)
    save("grey.jpg", image.convert("L"), quality=80)
    inks = np.concatenate([255 - picture(), picture()[:, :, :1] // 2], axis=-1)
    save("cmyk.jpg", Image.fromarray(inks, mode="CMYK"), quality=90)
    retag("cmyk.jpg", "ycck.jpg")
    save("pixel.jpg", Image.fromarray(picture(3, 3)[:1, :1]), quality=90)
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    exif[0x0112] = 6
    save("rotated.jpg", image, quality=80, exif=exif)
    exif[0x0112] = 1
    save("upright.jpg", image, quality=80, exif=exif)


def pngs():
    image = Image.fromarray(picture())
    save("rgb8.png", image)
    alpha = np.concatenate([picture(), picture()[:, :, 2:]], axis=-1)
    save("rgba8.png", Image.fromarray(alpha))
    save("la8.png", Image.fromarray(alpha[:, :, [0, 3]].copy(), mode="LA"))
    save("palette_transparent.png", image.quantize(16), transparency=3)
    save("pixel.png", Image.fromarray(picture(3, 3)[:1, :1]))
    wide = picture().astype(np.uint16) * 256 + 200
    write_png("rgb16.png", wide, 2, 16)
    expect("rgb16.png", np.array(Image.open("rgb16.png").convert("RGB")))
    # Pillow clips 16-bit grey at 255 and gives white; the high byte, as for colour, is what is meant.
    write_png("grey16.png", wide[:, :, :1], 0, 16)
    expect("grey16.png", np.repeat(picture()[:, :, :1], 3, axis=-1))
    write_png("interlaced.png", picture(), 2, 8, interlaced=True)
    expect("interlaced.png", np.array(Image.open("interlaced.png").convert("RGB")))


def label_maps():
    """The numbers as stored under NAME, the colours under NAME/rgb."""
    palette = bytes((i * 7 + channel * 50) % 256 for i in range(256) for channel in range(3))
    for depth in [1, 2, 4, 8]:
        values = labels(2**depth - 1)[:, :, None]
        write_png(f"labels{depth}.png", values, 3, depth, palette=palette[: 3 * 2**depth])
        write_png(f"grey{depth}.png", values, 0, depth)
        for name in [f"labels{depth}.png", f"grey{depth}.png"]:
            expect(name, values)
            expect(name + "/rgb", np.array(Image.open(name).convert("RGB")))
    write_png("labels_interlaced.png", labels(15)[:, :, None], 3, 4, palette=palette[:48], interlaced=True)
    expect("labels_interlaced.png", labels(15))


jpegs()
pngs()
label_maps()
with open("expected.json", "w") as file:
    json.dump(expected, file, indent=1, sort_keys=True)
    file.write("\n")
