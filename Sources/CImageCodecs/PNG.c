#include "ImageCodecs.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int max_side = 0x7fffffff;

/// Why a call of libpng did not return.
typedef struct {
    bana_codec_status status;
    char *message;
} failure;

/// Jumps back to the function that called libpng.
static void stop(png_structp png, bana_codec_status status) {
    ((failure *)png_get_error_ptr(png))->status = status;
    png_longjmp(png, 1);
}

/// libpng calls this instead of returning.
static void fail(png_structp png, png_const_charp text) {
    snprintf(((failure *)png_get_error_ptr(png))->message, BANA_MESSAGE_SIZE, "%s", text);
    stop(png, BANA_CODEC_FAILED);
}

/// libpng warns of oddities (a strange colour profile, say) that do not touch the pixels.
static void ignore(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

// MARK: - Decoding

typedef struct {
    const uint8_t *next;
    size_t left;
} input;

static void read_bytes(png_structp png, png_bytep out, size_t count) {
    input *in = png_get_io_ptr(png);
    if (count > in->left) stop(png, BANA_CODEC_TRUNCATED);
    memcpy(out, in->next, count);
    in->next += count;
    in->left -= count;
}

/// Asks for three bytes a pixel, whatever is stored.
static void as_rgb(png_structp png) {
    png_set_expand(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
}

/// Reads the whole file. A failure in libpng jumps back to the first line, so nothing may be owned here.
static bana_codec_status read_image(png_structp png, png_infop info, png_bytep *rows, uint8_t *pixels, size_t width,
                                    size_t height, size_t channels) {
    if (setjmp(png_jmpbuf(png))) return ((failure *)png_get_error_ptr(png))->status;
    png_set_user_limits(png, max_side, max_side);
    png_read_info(png, info);
    if (channels == 3) as_rgb(png); else png_set_packing(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != width * channels || png_get_image_height(png, info) != height)
        stop(png, BANA_CODEC_WRONG_SIZE);
    for (size_t y = 0; y < height; y++) rows[y] = pixels + y * width * channels;
    png_read_image(png, rows);
    png_read_end(png, NULL);
    return BANA_CODEC_OK;
}

static bana_codec_status decode(
    const uint8_t *data, size_t size, uint8_t *pixels, int width, int height, int channels, char *message) {
    bana_codec_status status = BANA_CODEC_OUT_OF_MEMORY;
    failure failure = {BANA_CODEC_FAILED, message};
    input in = {data, size};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    png_bytep *rows = malloc((size_t)height * sizeof(png_bytep));
    if (info && rows) {
        png_set_read_fn(png, &in, read_bytes);
        status = read_image(png, info, rows, pixels, width, height, channels);
    }
    png_destroy_read_struct(&png, &info, NULL);
    free(rows);
    return status;
}

bana_codec_status bana_png_decode_rgb(
    const uint8_t *data, size_t size, uint8_t *pixels, int width, int height, char *message) {
    return decode(data, size, pixels, width, height, 3, message);
}

bana_codec_status bana_png_decode_indices(
    const uint8_t *data, size_t size, uint8_t *pixels, int width, int height, char *message) {
    return decode(data, size, pixels, width, height, 1, message);
}

// MARK: - Encoding

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
    bana_bytes *out = png_get_io_ptr(png);
    if (out->capacity - out->size < count) {
        size_t capacity = 2 * out->capacity + count;
        uint8_t *data = realloc(out->data, capacity);
        if (!data) stop(png, BANA_CODEC_OUT_OF_MEMORY);
        out->data = data;
        out->capacity = capacity;
    }
    memcpy(out->data + out->size, bytes, count);
    out->size += count;
}

static void flush_bytes(png_structp png) { (void)png; }

/// Writes the whole file. A failure in libpng jumps back to the first line, so nothing may be owned here.
static bana_codec_status write_image(png_structp png, png_infop info, const uint8_t *pixels, int width, int height,
                                     const uint8_t *palette) {
    if (setjmp(png_jmpbuf(png))) return ((failure *)png_get_error_ptr(png))->status;
    int type = palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB;
    size_t stride = (size_t)width * (palette ? 1 : 3);
    png_set_user_limits(png, max_side, max_side);
    png_set_IHDR(png, info, width, height, 8, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (palette) {
        png_color colours[256];
        for (int i = 0; i < 256; i++)
            colours[i] = (png_color){palette[3 * i], palette[3 * i + 1], palette[3 * i + 2]};
        png_set_PLTE(png, info, colours, 256);
    }
    png_write_info(png, info);
    for (int y = 0; y < height; y++) png_write_row(png, pixels + y * stride);
    png_write_end(png, NULL);
    return BANA_CODEC_OK;
}

bana_codec_status bana_png_encode(
    const uint8_t *pixels, int width, int height, const uint8_t *palette, bana_bytes *out, char *message) {
    bana_codec_status status = BANA_CODEC_OUT_OF_MEMORY;
    failure failure = {BANA_CODEC_FAILED, message};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info) {
        png_set_write_fn(png, out, write_bytes, flush_bytes);
        status = write_image(png, info, pixels, width, height, palette);
    }
    png_destroy_write_struct(&png, &info);
    return status;
}
