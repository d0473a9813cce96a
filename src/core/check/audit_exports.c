/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/check/audit.h"
#include "core/check/row.h"
#include "core/exports/script.h"

/* Entries that believe more than they need to. */

/* ---- the facts ---------------------------------------------------------------------------- */

static bool demands_krb5(const struct gs_exportopts *opts)
{
	for (unsigned i = 0; i < opts->sec_n; i++)
		if (strncmp(opts->sec[i].name, "krb5", strlen("krb5")) != 0)
			return false;
	return opts->sec_n;
}

static bool demands_tls(const struct gs_exportopts *opts)
{
	for (unsigned i = 0; i < opts->xprtsec_n; i++)
		if (!strcmp(opts->xprtsec[i], "none"))
			return false;
	return opts->xprtsec_n;
}

void gs_audit_demands(const struct gs_exports *all, size_t n, struct gs_audit_demands *ret)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < all[i].n && !(ret->krb5 && ret->tls); k++) {
			const struct gs_export *entry = &all[i].entry[k];

			if (!ret->krb5 && demands_krb5(&entry->opts))
				ret->krb5 = entry;
			if (!ret->tls && demands_tls(&entry->opts))
				ret->tls = entry;
		}
}

static void find_lacks(const struct gs_exportopts *opts, const struct gs_audit_demands *demands,
		       struct gs_audit_demands *ret)
{
	*ret = (struct gs_audit_demands){
		.krb5 = demands_krb5(opts) ? NULL : demands->krb5,
		.tls = demands_tls(opts) ? NULL : demands->tls,
	};
}

static bool takes_any_port(const struct gs_exportopts *opts)
{
	unsigned flags = opts->sec_n ? 0 : opts->flags;

	for (unsigned i = 0; i < opts->sec_n; i++)
		flags |= opts->sec[i].flags;
	return flags & GS_EXPORT_INSECURE;
}

bool gs_audit_is_open(const struct gs_export *entry, const struct gs_audit_demands *demands)
{
	struct gs_audit_demands lacks;

	find_lacks(&entry->opts, demands, &lacks);
	return entry->is_readable && (takes_any_port(&entry->opts) || lacks.krb5 || lacks.tls);
}

/* sec= itself, or the first option: what follows sec= is of its flavours alone. */
static char *find_sec_word(struct gs_span list)
{
	struct gs_exportitem item;
	char *first = NULL;

	while (gs_exportopts_next(&list, &item)) {
		if (gs_span_is_text(item.name, "sec")) {
			free(first);
			return gs_span_dup(gs_span_trim(item.all));
		}
		first = first ? first : gs_span_dup(gs_span_trim(item.all));
	}
	return first;
}

static bool has_word(struct gs_span list, const char *word)
{
	struct gs_exportitem item;

	while (gs_exportopts_next(&list, &item))
		if (gs_span_is_text(gs_span_trim(item.all), word))
			return true;
	return false;
}

static void find_line(const struct gs_exports *doc, const struct gs_file *file,
		      const struct gs_export *listed, struct gs_audit_entry_fact *ret,
		      char **ret_word)
{
	struct gs_span list = gs_exports_options(doc, listed);

	ret->file = file->path;
	ret->number = listed->number;
	ret->has_word = listed->has_options && has_word(list, "insecure");
	if (listed->has_options && gs_exports_is_own_line(doc, listed->line, listed->path))
		*ret_word = find_sec_word(list);
	ret->sec_word = *ret_word;
}

void gs_audit_entry(const struct gs_export *entry, const struct gs_audit_demands *demands,
		    const struct gs_files *files, const struct gs_docs *docs,
		    struct gs_audit_entry_fact *ret, char **ret_word)
{
	*ret_word = NULL;
	*ret = (struct gs_audit_entry_fact){
		.path = entry->path,
		.host = entry->host.text,
		.opts = &entry->opts,
	};
	find_lacks(&entry->opts, demands, &ret->lacks);
	for (size_t k = 0; k < docs->n && !ret->file; k++) {
		size_t d = gs_docs_at(files, k), at = 0;
		const struct gs_export *listed = gs_exports_find(&docs->v[d], entry->path,
								 &entry->host, &at);

		if (listed)
			find_line(&docs->v[d], &files->v[d], listed, ret, ret_word);
	}
}

/* ---- the checks --------------------------------------------------------------------------- */

static void say_place(const struct gs_audit_entry_fact *entry, struct gs_str *out)
{
	if (entry->file)
		gs_str_addf(out, "%s:%zu: ", entry->file, entry->number);
	gs_str_addf(out, "'%s' is exported to '%s' ", entry->path, entry->host);
}

static void add_edit(const struct gs_audit_entry_fact *entry, const char *script,
		     struct gs_str *out)
{
	gs_command(out, "sudo", "sed", "-i", "--follow-symlinks", script, entry->file);
	gs_command_and(out);
	gs_command(out, "sudo", "exportfs", "-ra");
}

/* An entry that no file lists cannot be edited, only ended. */
static void add_end(const struct gs_audit_entry_fact *entry, struct gs_str *out)
{
	gs_command(out, "sudo", "exportfs", "-u");
	gs_command_wordf(out, strchr(entry->host, ':') ? "[%s]:%s" : "%s:%s", entry->host,
			 entry->path);
}

static bool is_insecure(const struct gs_facts *facts)
{
	return takes_any_port(facts->audit_entry->opts);
}

static void say_insecure(const struct gs_facts *facts, struct gs_str *out)
{
	say_place(facts->audit_entry, out);
	gs_str_adds(out,
		    "with insecure: every user of that client, not only its root, can speak to the "
		    "server as any user");
}

static void fix_insecure(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_audit_entry_fact *entry = facts->audit_entry;
	gs_autofree char *script = entry->has_word ? gs_exports_script_option(entry->number,
									      "insecure", "secure")
						   : NULL;

	if (script)
		add_edit(entry, script, gs_fix_here(out, ""));
	else if (entry->file)
		gs_fix_advise(out, "write secure in place of insecure in %s, line %zu", entry->file,
			      entry->number);
	else
		add_end(entry, gs_fix_here(out, ""));
}

static bool lacks_krb5(const struct gs_facts *facts)
{
	return facts->audit_entry->lacks.krb5;
}

static bool lacks_tls(const struct gs_facts *facts)
{
	return facts->audit_entry->lacks.tls && !facts->audit_entry->lacks.krb5;
}

static void say_lacks_krb5(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_export *other = facts->audit_entry->lacks.krb5;

	say_place(facts->audit_entry, out);
	gs_str_addf(out,
		    "without Kerberos, which '%s' demands of '%s': the server believes what this "
		    "client says of its users",
		    other->path, other->host.text);
}

static void say_lacks_tls(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_export *other = facts->audit_entry->lacks.tls;

	say_place(facts->audit_entry, out);
	gs_str_addf(out,
		    "without TLS, which '%s' demands of '%s': its files cross the network in the "
		    "clear",
		    other->path, other->host.text);
}

/* The option with the other one in its place, or in front of what is there. */
static void fix_demand(const struct gs_audit_entry_fact *entry, const char *option, bool replaces,
		       const char *advice, struct gs_fixes *out)
{
	gs_autofree char *instead = !entry->sec_word ? NULL
				    : replaces	     ? gs_strdup(option)
						     : gs_printf("%s,%s", entry->sec_word, option);
	gs_autofree char *script =
		instead ? gs_exports_script_option(entry->number, entry->sec_word, instead) : NULL;

	if (script)
		add_edit(entry, script, gs_fix_here(out, advice));
	else if (entry->file)
		gs_fix_advise(out, "%swrite %s into its options in %s, line %zu", advice, option,
			      entry->file, entry->number);
	else
		add_end(entry, gs_fix_here(out, "to keep it out: "));
}

static void fix_krb5(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_audit_entry_fact *entry = facts->audit_entry;
	gs_autofree char *option = gs_printf("sec=%s", entry->lacks.krb5->opts.sec[0].name);
	bool has_sec = entry->sec_word && !strncmp(entry->sec_word, "sec=", strlen("sec="));

	fix_demand(entry, option, has_sec, "if that client has Kerberos: ", out);
}

static void fix_tls(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_audit_entry_fact *entry = facts->audit_entry;
	gs_autofree char *option = gs_printf("xprtsec=%s", entry->lacks.tls->opts.xprtsec[0]);

	fix_demand(entry, option, false, "if that client has TLS: ", out);
}

const struct gs_check gs_checks_audit_exports[] = {
	{ "EXPORT_INSECURE",
	  "An export takes requests from ports that every user of a client may use.", GS_ON_LEADER,
	  GS_GIVEN(AUDIT_ENTRY), GS_WARN, is_insecure, .message = say_insecure,
	  .fix = fix_insecure },
	{ "EXPORT_SEC_SYS", "An export does without Kerberos or TLS, which another one demands.",
	  GS_ON_LEADER, GS_GIVEN(AUDIT_ENTRY), GS_WARN, lacks_krb5, .message = say_lacks_krb5,
	  .fix = fix_krb5 },
	{ "EXPORT_SEC_SYS", NULL, GS_ON_LEADER, GS_GIVEN(AUDIT_ENTRY), GS_WARN, lacks_tls,
	  .message = say_lacks_tls, .fix = fix_tls },
	{ 0 },
};
