#pragma once

#include <stddef.h>
#include <stdint.h>

// The door to libjpeg-turbo and libpng. Both libraries leave by longjmp when something is wrong; no jump leaves this
// module. Every function returns a status. Pixels are rows from top to bottom without padding, one byte a channel.

/// Bytes of a message with its closing zero.
enum { BANA_MESSAGE_SIZE = 256 };

/// How a call to a codec ended.
typedef enum bana_codec_status {
    BANA_CODEC_OK,
    /// Every pixel was decoded, but the library warned: its first warning is in `message`.
    BANA_CODEC_WARNING,
    /// The library failed: its error is in `message`.
    BANA_CODEC_FAILED,
    /// The file ends before its last pixel.
    BANA_CODEC_TRUNCATED,
    /// The file has not the size that was asked for, or the format cannot hold it.
    BANA_CODEC_WRONG_SIZE,
    BANA_CODEC_OUT_OF_MEMORY,
} bana_codec_status;

/// Memory of a compressed file; `data` is the caller's to `free`, whatever the status.
typedef struct bana_bytes {
    uint8_t *data;
    size_t size;
    size_t capacity;
} bana_bytes;

/// Decodes a JPEG as libjpeg-turbo does by default (accurate DCT, fancy upsampling) into `height * width * channels`
/// bytes; `width` and `height` must be the file's own. Three channels give RGB; a file of four components needs four,
/// and gives them as stored, YCCK turned into CMYK.
bana_codec_status bana_jpeg_decode(
    const uint8_t *data, size_t size, uint8_t *pixels, int width, int height, int channels, char *message);

/// Encodes RGB as a JPEG of the given quality (1...100), chroma at full resolution. `*jpeg` must be empty.
bana_codec_status bana_jpeg_encode(
    const uint8_t *pixels, int width, int height, int quality, bana_bytes *jpeg, char *message);

/// Decodes any PNG into `height * width * 3` bytes: palettes are looked up, grey is tripled, the high byte of 16 bits
/// is kept, alpha is dropped. `width` and `height` must be the file's own.
bana_codec_status bana_png_decode_rgb(
    const uint8_t *data, size_t size, uint8_t *pixels, int width, int height, char *message);

/// Decodes the stored numbers of a palette or grey PNG of at most 8 bits into `height * width` bytes.
bana_codec_status bana_png_decode_indices(
    const uint8_t *data, size_t size, uint8_t *pixels, int width, int height, char *message);

/// Encodes RGB, or, with a palette of 256 RGB triples, one palette index a pixel. `*png` must be empty.
bana_codec_status bana_png_encode(
    const uint8_t *pixels, int width, int height, const uint8_t *palette, bana_bytes *png, char *message);
