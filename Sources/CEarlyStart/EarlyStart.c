#include "EarlyStart.h"

#include <stddef.h>
#include <string.h>

static char *const *arguments;

char *const *bana_arguments(void) { return arguments; }

#ifdef __GLIBC__

// OpenBLAS starts its threads when it is loaded and ends the process where it cannot (ulimit -u, a container's pids.max).
// None of them is ever used. What tells it so is a variable of the environment, which can be put there in time only in
// place of another: that one comes back before main.

static char **place;
static char *hidden;
static char one_thread[] = "OPENBLAS_NUM_THREADS=1";

static void before_libraries(int argc, char **argv, char **environment) {
    (void)argc;
    arguments = argv;
    for (char **entry = environment; *entry; entry++) {
        if (strncmp(*entry, one_thread, sizeof one_thread - 2) == 0) return;
        // Names that no library asks for.
        if (strncmp(*entry, "_=", 2) == 0 || strncmp(*entry, "OLDPWD=", 7) == 0 || strncmp(*entry, "SHLVL=", 6) == 0)
            place = entry;
    }
    if (!place && *environment) place = environment;
    if (!place) return;
    hidden = *place;
    *place = one_thread;
}

__attribute__((section(".preinit_array"), used)) static void (*first)(int, char **, char **) = before_libraries;

__attribute__((constructor)) static void after_libraries(void) {
    if (place) *place = hidden;
}

#endif
