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

struct bana_mpi_sums {
    int capacity, count;
    MPI_Request requests[];
};

bana_mpi_sums *bana_mpi_sums_new(int capacity) {
    bana_mpi_sums *sums = malloc(sizeof *sums + (size_t)capacity * sizeof(MPI_Request));
    if (sums) *sums = (bana_mpi_sums){.capacity = capacity};
    return sums;
}

void bana_mpi_sums_free(bana_mpi_sums *sums) { free(sums); }

int bana_mpi_sums_begin(bana_mpi_sums *sums, float *values, int count) {
    if (sums->count == sums->capacity) return MPI_ERR_COUNT;
    return MPI_Iallreduce(
        MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &sums->requests[sums->count++]);
}

int bana_mpi_sums_poll(bana_mpi_sums *sums) {
    int areDone;
    return MPI_Testall(sums->count, sums->requests, &areDone, MPI_STATUSES_IGNORE);
}

int bana_mpi_sums_finish(bana_mpi_sums *sums) {
    int count = sums->count;
    sums->count = 0;
    return MPI_Waitall(count, sums->requests, MPI_STATUSES_IGNORE);
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
