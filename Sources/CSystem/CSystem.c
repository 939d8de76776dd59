#define _GNU_SOURCE
#include "CSystem.h"

#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

int bana_available_cores(void) {
#ifdef __linux__
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0 && CPU_COUNT(&mask) > 0) return CPU_COUNT(&mask);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

long bana_address_space_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return -1;
    return limit.rlim_cur > (rlim_t)LONG_MAX ? -1 : (long)limit.rlim_cur;
}

int bana_standard_output_lost(void) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return 0;
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    int has_no_reader = poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
    return !has_no_reader;
}

long bana_heap_bytes(void) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    struct mallinfo2 info = mallinfo2();
    return (long)(info.uordblks + info.hblkhd);
#else
    return -1;
#endif
}

unsigned bana_instructions_present(void) {
    unsigned present = 0;
#ifdef __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) present |= bana_avx2;
    if (__builtin_cpu_supports("fma")) present |= bana_fma;
    if (__builtin_cpu_supports("bmi")) present |= bana_bmi;
    if (__builtin_cpu_supports("bmi2")) present |= bana_bmi2;
    if (__builtin_cpu_supports("avx512f")) present |= bana_avx512f;
    if (__builtin_cpu_supports("avx512bw")) present |= bana_avx512bw;
    if (__builtin_cpu_supports("avx512dq")) present |= bana_avx512dq;
    if (__builtin_cpu_supports("avx512vl")) present |= bana_avx512vl;
#endif
    return present;
}
