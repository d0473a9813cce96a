/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * The laws that every format keeps, on any bytes: lossless, idempotent, fixpoint, confined.
 * A breach ends the program, so that libFuzzer and the corpus replay both notice.
 */
#define LAW(holds)                                                                                 \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			fprintf(stderr, "%s:%d: law broken: %s\n", __FILE__, __LINE__, #holds);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
