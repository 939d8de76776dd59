#pragma once

#include <stddef.h>

// MPI's constants are macros with casts, which Swift cannot import. These functions hide them.
// Each returns MPI_SUCCESS (0) or an MPI error code; bana_mpi_error_text explains it.

/// Starts MPI with one thread that may call it; errors are returned, not fatal.
int bana_mpi_start(void);

/// Ends MPI. Nothing happens where it was not started.
int bana_mpi_finish(void);

int bana_mpi_rank(int *rank);
int bana_mpi_size(int *size);

/// Adds up the ranks' values element by element, in place.
int bana_mpi_sum_double(double *values, int count);

/// Sums and messages that are under way. What they read and write may not be touched until they are done.
typedef struct bana_mpi_requests bana_mpi_requests;

/// Room for so many at once; NULL without memory.
bana_mpi_requests *bana_mpi_requests_new(int capacity);
void bana_mpi_requests_free(bana_mpi_requests *all);

/// Begins to add up the ranks' values in place. All ranks begin the same sums in the same order.
int bana_mpi_begin_sum(bana_mpi_requests *all, float *values, int count);

/// Begins to send bytes to a rank, which receives as many under the same tag; tag 0 is that of bana_mpi_exchange.
int bana_mpi_begin_sending(bana_mpi_requests *all, const void *bytes, int count, int receiver, int tag);
int bana_mpi_begin_receiving(bana_mpi_requests *all, void *bytes, int count, int sender, int tag);

/// Lets what is under way make progress, without which nothing moves, and tells whether all of it is done.
int bana_mpi_poll(bana_mpi_requests *all, int *are_done);

/// Returns when all is done.
int bana_mpi_wait(bana_mpi_requests *all);

/// Sends bytes to a rank and receives as many from it.
int bana_mpi_exchange(const void *sent, void *received, int count, int partner);

/// Gives every rank the bytes of rank `root`.
int bana_mpi_broadcast(void *bytes, int count, int root);

/// Returns when all ranks have called it.
int bana_mpi_barrier(void);

/// Ends all ranks at once.
void bana_mpi_abort(int code);

/// Writes MPI's words for an error code to `text`, at most `capacity` bytes.
void bana_mpi_error_text(int error, char *text, size_t capacity);
