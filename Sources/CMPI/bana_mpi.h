#pragma once

#include <stddef.h>

// What bana asks of MPI. `launch/shim` compiles bana_mpi.c by the MPI of a site to a shared library that offers these
// functions; bana looks for it when a launcher has started it. So bana is built and started without an MPI, one program
// runs under all of them, and none of their types and constants, which differ, passes through here.
//
// The functions return MPI_SUCCESS (0) or an MPI error code, which `error_text` explains.

// Swift wants to know which pointers may be NULL; other compilers know no such words.
#ifdef __clang__
#pragma clang assume_nonnull begin
#else
#define _Nullable
#define _Nonnull
#endif

/// Counts the changes of `bana_mpi_door`.
#define BANA_MPI_VERSION 1

/// Sums and messages that are under way. What they read and write may not be touched until they are done.
typedef struct bana_mpi_requests bana_mpi_requests;

typedef struct {
    /// BANA_MPI_VERSION of the header that the library was made with.
    int version;

    /// Starts MPI with one thread that may call it; errors are returned, not fatal.
    int (*start)(void);
    /// Ends MPI. Nothing happens where it was not started.
    int (*finish)(void);

    int (*rank)(int *rank);
    int (*size)(int *size);
    /// Ranks that share this one's memory: those on its host.
    int (*ranks_on_host)(int *count);

    /// Adds up the ranks' values element by element, in place.
    int (*sum_double)(double *values, int count);

    /// Room for so many sums and messages at once; NULL without memory.
    bana_mpi_requests *_Nullable (*_Nonnull requests_new)(int capacity);
    void (*requests_free)(bana_mpi_requests *all);
    /// Begins to add up the ranks' values in place. All ranks begin the same sums in the same order.
    int (*begin_sum)(bana_mpi_requests *all, float *values, int count);
    /// Begins to send bytes to a rank, which receives as many under the same tag; tag 0 is that of `exchange`.
    int (*begin_sending)(bana_mpi_requests *all, const void *bytes, int count, int receiver, int tag);
    int (*begin_receiving)(bana_mpi_requests *all, void *bytes, int count, int sender, int tag);
    /// Lets what is under way make progress, without which nothing moves, and tells whether all of it is done.
    int (*poll)(bana_mpi_requests *all, int *are_done);
    /// Returns when all is done.
    int (*wait)(bana_mpi_requests *all);

    /// Sends bytes to a rank and receives as many from it.
    int (*exchange)(const void *sent, void *received, int count, int partner);
    /// Gives every rank the bytes of rank `root`.
    int (*broadcast)(void *bytes, int count, int root);
    /// Returns when all ranks have called it.
    int (*barrier)(void);
    /// Ends all ranks at once.
    void (*abort)(int code);

    /// Writes MPI's words for an error code to `text`, at most `capacity` bytes.
    void (*error_text)(int error, char *text, size_t capacity);
    /// Writes what the MPI library calls itself, in one line; may be asked before `start`.
    void (*library_name)(char *text, size_t capacity);
} bana_mpi_door;

#ifdef __clang__
#pragma clang assume_nonnull end
#endif
