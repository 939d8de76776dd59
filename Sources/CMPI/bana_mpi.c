// The shared library between bana and an MPI: see bana_mpi.h. Compiled by `launch/shim`.
#include "bana_mpi.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int start(void) {
    int provided;
    int status = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    if (status != MPI_SUCCESS) return status;
    return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

static int finish(void) {
    int isStarted, isFinished;
    MPI_Initialized(&isStarted);
    MPI_Finalized(&isFinished);
    return isStarted && !isFinished ? MPI_Finalize() : MPI_SUCCESS;
}

static int rank(int *rank) { return MPI_Comm_rank(MPI_COMM_WORLD, rank); }

static int size(int *size) { return MPI_Comm_size(MPI_COMM_WORLD, size); }

static int ranks_on_host(int *count) {
    MPI_Comm host;
    int status = MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
    if (status != MPI_SUCCESS) return status;
    status = MPI_Comm_size(host, count);
    MPI_Comm_free(&host);
    return status;
}

static int sum_double(double *values, int count) {
    return MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

struct bana_mpi_sums {
    int capacity, count;
    MPI_Request requests[];
};

static bana_mpi_sums *sums_new(int capacity) {
    bana_mpi_sums *sums = malloc(sizeof *sums + (size_t)capacity * sizeof(MPI_Request));
    if (sums) *sums = (bana_mpi_sums){.capacity = capacity};
    return sums;
}

static void sums_free(bana_mpi_sums *sums) { free(sums); }

static int sums_begin(bana_mpi_sums *sums, float *values, int count) {
    if (sums->count == sums->capacity) return MPI_ERR_COUNT;
    return MPI_Iallreduce(
        MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &sums->requests[sums->count++]);
}

static int sums_poll(bana_mpi_sums *sums) {
    int areDone;
    return MPI_Testall(sums->count, sums->requests, &areDone, MPI_STATUSES_IGNORE);
}

static int sums_finish(bana_mpi_sums *sums) {
    int count = sums->count;
    sums->count = 0;
    return MPI_Waitall(count, sums->requests, MPI_STATUSES_IGNORE);
}

static int exchange(const void *sent, void *received, int count, int partner) {
    return MPI_Sendrecv(
        sent, count, MPI_BYTE, partner, 0, received, count, MPI_BYTE, partner, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static int broadcast(void *bytes, int count, int root) {
    return MPI_Bcast(bytes, count, MPI_BYTE, root, MPI_COMM_WORLD);
}

static int barrier(void) { return MPI_Barrier(MPI_COMM_WORLD); }

static void abort_all(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

static void error_text(int error, char *text, size_t capacity) {
    char message[MPI_MAX_ERROR_STRING];
    int length = 0;
    if (MPI_Error_string(error, message, &length) != MPI_SUCCESS) length = 0;
    snprintf(text, capacity, "%.*s", length, message);
}

static void library_name(char *text, size_t capacity) {
    char name[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    if (MPI_Get_library_version(name, &length) != MPI_SUCCESS) length = 0;
    name[length < (int)sizeof name ? length : (int)sizeof name - 1] = '\0';
    snprintf(text, capacity, "%.*s", (int)strcspn(name, "\n"), name);
}

const bana_mpi_door bana_mpi = {
    .version = BANA_MPI_VERSION,
    .start = start,
    .finish = finish,
    .rank = rank,
    .size = size,
    .ranks_on_host = ranks_on_host,
    .sum_double = sum_double,
    .sums_new = sums_new,
    .sums_free = sums_free,
    .sums_begin = sums_begin,
    .sums_poll = sums_poll,
    .sums_finish = sums_finish,
    .exchange = exchange,
    .broadcast = broadcast,
    .barrier = barrier,
    .abort = abort_all,
    .error_text = error_text,
    .library_name = library_name,
};
