#pragma once

/// What has to be done before the libraries start, which is before `main`.

/// The arguments that the process was started with, as the system gave them; NULL where that was not learned. Swift reads
/// them from /proc, which may be missing.
char *const *bana_arguments(void);
