/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * Edits of one line of an exports file, as scripts of sed(1), for the fix of a finding. Each names
 * the client too: where the file has changed by then, it does nothing. Owned; NULL where the client
 * has characters that an exports file would have to quote.
 */

/** gs_exports_script_join - "HOST (options)" becomes "HOST(options)" */
char *gs_exports_script_join(size_t number, const char *host);

/** gs_exports_script_drop - the line goes */
char *gs_exports_script_drop(size_t number, const char *host);

/**
 * gs_exports_script_option - an option of a list in parentheses becomes another one, or goes
 * @instead: "" where it goes
 */
char *gs_exports_script_option(size_t number, const char *option, const char *instead);

/** gs_exports_script_host - the client becomes another one */
char *gs_exports_script_host(size_t number, const char *host, const char *other);
