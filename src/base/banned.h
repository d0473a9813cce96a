/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Functions that make a mistake easy. Included on the command line of every file of src, so
 * that a use is a compile error that says what to take instead. System headers come first:
 * a poisoned name may not appear in them either.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* With clang's fortify these are macros, which cannot be poisoned. */
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat /* gs_str */
#pragma GCC poison sprintf vsprintf		 /* gs_str_addf, snprintf for messages */
#pragma GCC poison strtok			 /* gs_span_cut */
#pragma GCC poison atoi atol atoll		 /* gs_span_number */
#pragma GCC poison system popen			 /* gs_spawn */
#pragma GCC poison mktemp tmpnam tempnam	 /* O_EXCL with a random name */
