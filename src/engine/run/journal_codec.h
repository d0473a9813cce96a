/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/undo/history.h"

/*
 * The text of a record, "gshare-journal/1": one JSON object on a line for the whole run, and one
 * for its end. Bytes are a JSON string where they are UTF-8 without NUL, else {"base64": ...}.
 */

enum { GS_RECORD_MAX_BYTES = 512 << 20 }; /* a file of 64 MiB twice, every byte escaped */

/** gs_record_encode - the first line: all but state and left */
void gs_record_encode(const struct gs_run *run, struct gs_str *out);

/** gs_record_encode_end - the last line; @state: not UNFINISHED */
void gs_record_encode_end(enum gs_run_state state, const struct gs_strs *left, struct gs_str *out);

/**
 * gs_record_decode - a record's text to a run
 * A last line that is torn counts as absent: the run is unfinished then.
 * @ret: filled on success, untouched on failure; free with gs_run_done()
 * Errors: -EBADMSG, cause RUN_UNREADABLE, "PATH:LINE: why".
 */
int gs_record_decode(struct gs_span text, const char *path, struct gs_run *ret, struct gs_err *err);

/**
 * gs_record_is_over - has the run with this id ended and left nothing? Decodes the last line alone
 * Of the first line, which has every byte of the files, it only compares the beginning with what
 * gs_record_encode() writes. Returns false where anything is not certain.
 * @ret_state: DONE or ROLLED_BACK; untouched where false
 */
bool gs_record_is_over(struct gs_span text, uint32_t id, enum gs_run_state *ret_state);
