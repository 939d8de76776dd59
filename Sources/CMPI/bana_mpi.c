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

struct bana_mpi_requests {
    int capacity, count;
    MPI_Request requests[];
};

static bana_mpi_requests *requests_new(int capacity) {
    bana_mpi_requests *all = malloc(sizeof *all + (size_t)capacity * sizeof(MPI_Request));
    if (all) *all = (bana_mpi_requests){.capacity = capacity};
    return all;
}

static void requests_free(bana_mpi_requests *all) { free(all); }

static int begin_sum(bana_mpi_requests *all, float *values, int count) {
    if (all->count == all->capacity) return MPI_ERR_COUNT;
    return MPI_Iallreduce(
        MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &all->requests[all->count++]);
}

static int begin_sending(bana_mpi_requests *all, const void *bytes, int count, int receiver, int tag) {
    if (all->count == all->capacity) return MPI_ERR_COUNT;
    return MPI_Isend(bytes, count, MPI_BYTE, receiver, tag, MPI_COMM_WORLD, &all->requests[all->count++]);
}

static int begin_receiving(bana_mpi_requests *all, void *bytes, int count, int sender, int tag) {
    if (all->count == all->capacity) return MPI_ERR_COUNT;
    return MPI_Irecv(bytes, count, MPI_BYTE, sender, tag, MPI_COMM_WORLD, &all->requests[all->count++]);
}

static int poll_all(bana_mpi_requests *all, int *are_done) {
    int status = MPI_Testall(all->count, all->requests, are_done, MPI_STATUSES_IGNORE);
    if (status == MPI_SUCCESS && *are_done) all->count = 0;
    return status;
}

static int wait_all(bana_mpi_requests *all) {
    int count = all->count;
    all->count = 0;
    return MPI_Waitall(count, all->requests, MPI_STATUSES_IGNORE);
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
    .requests_new = requests_new,
    .requests_free = requests_free,
    .begin_sum = begin_sum,
    .begin_sending = begin_sending,
    .begin_receiving = begin_receiving,
    .poll = poll_all,
    .wait = wait_all,
    .exchange = exchange,
    .broadcast = broadcast,
    .barrier = barrier,
    .abort = abort_all,
    .error_text = error_text,
    .library_name = library_name,
};
