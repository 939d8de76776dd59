#pragma once

#include "MicroKernels.h"
#include "Normalization.h"
#include "Pooling.h"
#include "Softmax.h"
#include "VectorArithmetic.h"
