#pragma once

#include <stddef.h>
#include <stdint.h>

// libFuzzer, which comes with the compiler: runs `test` on inputs that it makes up, until one crashes it.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));
