#pragma once

#include "MicroKernels.h"
#include "VectorArithmetic.h"
