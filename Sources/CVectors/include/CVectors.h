#pragma once

#include "MicroKernels.h"
#include "Pooling.h"
#include "Softmax.h"
#include "VectorArithmetic.h"
