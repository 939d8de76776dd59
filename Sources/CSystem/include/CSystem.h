#pragma once

/// What Swift cannot reach of the system: macros and functions behind feature flags.

/// Number of processors the calling process may run on (its affinity mask where the system has one); at least 1.
int bana_available_cores(void);
