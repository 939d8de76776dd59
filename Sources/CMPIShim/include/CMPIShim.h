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

/// Sums over ranks that are under way. All ranks begin the same ones in the same order.
typedef struct bana_mpi_sums bana_mpi_sums;

/// Room for so many sums at once; NULL without memory.
bana_mpi_sums *bana_mpi_sums_new(int capacity);
void bana_mpi_sums_free(bana_mpi_sums *sums);

/// Begins to add up the ranks' values in place; they may not be touched until the sums are finished.
int bana_mpi_sums_begin(bana_mpi_sums *sums, float *values, int count);

/// Lets the sums under way make progress; without such calls nothing moves.
int bana_mpi_sums_poll(bana_mpi_sums *sums);

/// Returns when all sums are back.
int bana_mpi_sums_finish(bana_mpi_sums *sums);

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
