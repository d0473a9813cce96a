/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"

static void begin_word(struct gs_str *out)
{
	if (out->len && out->ptr[out->len - 1] != ' ')
		gs_str_addc(out, ' ');
}

void gs_command_words(struct gs_str *out, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!words[i])
			continue;
		begin_word(out);
		gs_str_add_word(out, words[i]);
	}
}

void gs_command_wordf(struct gs_str *out, const char *fmt, ...)
{
	gs_autofree char *word = NULL;
	va_list ap;

	va_start(ap, fmt);
	word = gs_vprintf(fmt, ap);
	va_end(ap);
	gs_command(out, word);
}

void gs_command_and(struct gs_str *out)
{
	gs_str_adds(out, " &&");
}

void gs_command_found_words(struct gs_str *out, const char *path, char type,
			    const char *const *words, size_t n)
{
	gs_command(out, "sudo", "find", path, "-maxdepth", "0", "-type");
	gs_command_wordf(out, "%c", type);
	gs_command(out, type == 'f' ? "-links" : NULL, type == 'f' ? "1" : NULL, "-exec");
	gs_command_words(out, words, n);
	gs_command(out, "{}", "+");
}

void gs_command_on(struct gs_str *out, const char *host)
{
	gs_str_adds(out, "on");
	gs_command(out, host);
	gs_str_adds(out, " run: ");
}

char *gs_command_text_words(const char *lead, const char *const *words, size_t n)
{
	struct gs_str out = { 0 };

	gs_str_adds(&out, lead);
	gs_command_words(&out, words, n);
	return out.ptr;
}

int gs_err_fix_text(struct gs_err *err, const struct gs_str *text)
{
	return gs_err_advise(err, "%s", text->len < GS_ERR_FIX_BYTES ? text->ptr : "");
}

int gs_err_fix_words(struct gs_err *err, const char *lead, const char *const *words, size_t n)
{
	gs_autostr struct gs_str out = { 0 };

	gs_str_adds(&out, lead);
	gs_command_words(&out, words, n);
	return gs_err_fix_text(err, &out);
}

int gs_err_fix_on_words(struct gs_err *err, const char *host, const char *const *words, size_t n)
{
	gs_autostr struct gs_str out = { 0 };

	gs_command_on(&out, host);
	gs_command_words(&out, words, n);
	return gs_err_fix_text(err, &out);
}
