#pragma once

#include "MicroKernels.h"
#include "TileKernels.h"
#include "VectorArithmetic.h"
