#include "CMPIShim.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int bana_mpi_start(void) {
    int provided;
    int status = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    if (status != MPI_SUCCESS) return status;
    return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

int bana_mpi_finish(void) {
    int isStarted, isFinished;
    MPI_Initialized(&isStarted);
    MPI_Finalized(&isFinished);
    return isStarted && !isFinished ? MPI_Finalize() : MPI_SUCCESS;
}

int bana_mpi_rank(int *rank) { return MPI_Comm_rank(MPI_COMM_WORLD, rank); }

int bana_mpi_size(int *size) { return MPI_Comm_size(MPI_COMM_WORLD, size); }

int bana_mpi_sum_double(double *values, int count) {
    return MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

struct bana_mpi_requests {
    int capacity, count;
    MPI_Request requests[];
};

bana_mpi_requests *bana_mpi_requests_new(int capacity) {
    bana_mpi_requests *all = malloc(sizeof *all + (size_t)capacity * sizeof(MPI_Request));
    if (all) *all = (bana_mpi_requests){.capacity = capacity};
    return all;
}

void bana_mpi_requests_free(bana_mpi_requests *all) { free(all); }

int bana_mpi_begin_sum(bana_mpi_requests *all, float *values, int count) {
    if (all->count == all->capacity) return MPI_ERR_COUNT;
    return MPI_Iallreduce(
        MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &all->requests[all->count++]);
}

int bana_mpi_begin_sending(bana_mpi_requests *all, const void *bytes, int count, int receiver, int tag) {
    if (all->count == all->capacity) return MPI_ERR_COUNT;
    return MPI_Isend(bytes, count, MPI_BYTE, receiver, tag, MPI_COMM_WORLD, &all->requests[all->count++]);
}

int bana_mpi_begin_receiving(bana_mpi_requests *all, void *bytes, int count, int sender, int tag) {
    if (all->count == all->capacity) return MPI_ERR_COUNT;
    return MPI_Irecv(bytes, count, MPI_BYTE, sender, tag, MPI_COMM_WORLD, &all->requests[all->count++]);
}

int bana_mpi_poll(bana_mpi_requests *all, int *are_done) {
    int status = MPI_Testall(all->count, all->requests, are_done, MPI_STATUSES_IGNORE);
    if (status == MPI_SUCCESS && *are_done) all->count = 0;
    return status;
}

int bana_mpi_wait(bana_mpi_requests *all) {
    int count = all->count;
    all->count = 0;
    return MPI_Waitall(count, all->requests, MPI_STATUSES_IGNORE);
}

int bana_mpi_exchange(const void *sent, void *received, int count, int partner) {
    return MPI_Sendrecv(
        sent, count, MPI_BYTE, partner, 0, received, count, MPI_BYTE, partner, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

int bana_mpi_broadcast(void *bytes, int count, int root) {
    return MPI_Bcast(bytes, count, MPI_BYTE, root, MPI_COMM_WORLD);
}

int bana_mpi_barrier(void) { return MPI_Barrier(MPI_COMM_WORLD); }

void bana_mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

void bana_mpi_error_text(int error, char *text, size_t capacity) {
    char message[MPI_MAX_ERROR_STRING];
    int length = 0;
    if (MPI_Error_string(error, message, &length) != MPI_SUCCESS) length = 0;
    snprintf(text, capacity, "%.*s", length, message);
}
