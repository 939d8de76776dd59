#include "ImageCodecs.h"

#include <stdio.h>
#include <stdlib.h>
#include <turbojpeg.h>

/// Keeps the library's message; whether it is a warning or an error.
static bana_codec_status keep_message(tjhandle handle, char *message) {
    snprintf(message, BANA_MESSAGE_SIZE, "%s", tjGetErrorStr2(handle));
    return tjGetErrorCode(handle) == TJERR_WARNING ? BANA_CODEC_WARNING : BANA_CODEC_FAILED;
}

bana_codec_status bana_jpeg_decode(
    const uint8_t *data, size_t size, uint8_t *pixels, int width, int height, int channels, char *message) {
    tjhandle handle = tjInitDecompress();
    if (!handle) return BANA_CODEC_OUT_OF_MEMORY;
    // A small file can hold thousands of progressive scans, each of which costs a pass over the whole picture.
    int flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS;
    int format = channels == 4 ? TJPF_CMYK : TJPF_RGB;
    int failed = tjDecompress2(handle, data, size, pixels, width, width * channels, height, format, flags);
    bana_codec_status status = failed ? keep_message(handle, message) : BANA_CODEC_OK;
    tjDestroy(handle);
    return status;
}

bana_codec_status bana_jpeg_encode(
    const uint8_t *pixels, int width, int height, int quality, bana_bytes *jpeg, char *message) {
    unsigned long size = tjBufSize(width, height, TJSAMP_444);
    if (size == (unsigned long)-1) return BANA_CODEC_WRONG_SIZE;
    jpeg->data = malloc(size);
    tjhandle handle = tjInitCompress();
    if (!jpeg->data || !handle) {
        if (handle) tjDestroy(handle);
        return BANA_CODEC_OUT_OF_MEMORY;
    }
    jpeg->capacity = size;
    int flags = TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC;
    int failed = tjCompress2(
        handle, pixels, width, width * 3, height, TJPF_RGB, &jpeg->data, &size, TJSAMP_444, quality, flags);
    bana_codec_status status = failed ? keep_message(handle, message) : BANA_CODEC_OK;
    jpeg->size = size;
    tjDestroy(handle);
    return status;
}
