/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "cmd/args.h"
#include "cmd/call/cmd.h"
#include "cmd/call/words.h"
#include "core/plan/finding.h"
#include "core/plan/plan.h"

static const struct {
	const char *name, *arg, *help;
	char letter;
	bool common; /* every verb takes it */
} option[GS_OPT_COUNT] = {
	[GS_OPT_ALL] = { "all", NULL, "every follower of the share", 0, false },
	[GS_OPT_ALLOW_USER_PATH] = { "allow-user-path", NULL,
				     "accept a path that other users could replace", 0, false },
	[GS_OPT_ALLOW_WIDE] = { "allow-wide", NULL, "accept wildcards, netgroups and wide networks",
				0, false },
	[GS_OPT_AS] = { "as", "USER|UID[:GID]",
			"verify as this user too; 'container' is 0, 999, 1000, 65534", 0, false },
	[GS_OPT_AUDIT] = { "audit", NULL, "look at what is open to others beyond need, too", 0,
			   false },
	[GS_OPT_BEFORE] = { "before", "UNIT",
			    "a unit that must not start before the share is there; may be repeated",
			    0, false },
	[GS_OPT_BUNDLE] = { "bundle", "FILE",
			    "write what somebody who helps would ask for to a new tar archive", 0,
			    false },
	[GS_OPT_CANONICAL] = { "canonical", NULL,
			       "rewrite the lines of the four keys as KEY=VALUE only", 0, false },
	[GS_OPT_CROSSMNT] = { "crossmnt", NULL,
			      "export the file systems that are mounted in the share, too", 0,
			      false },
	[GS_OPT_DIR] = { "dir", "NAME", "one more dataset directory; may be repeated", 0, false },
	[GS_OPT_DRAIN] = { "drain", "SECONDS",
			   "how long to wait for files open for writing; default 30; must fit "
			   "into --timeout",
			   0, false },
	[GS_OPT_DRY_RUN] = { "dry-run", NULL, "show what would be done, change nothing", 'n',
			     false },
	[GS_OPT_EXPORT] = { "export", "PATH", "the path on the leader, if it exports several", 0,
			    false },
	[GS_OPT_EXPORTS_FILE] = { "exports-file", "FILE", "edit this file instead of /etc/exports",
				  0, false },
	[GS_OPT_FIREWALL] = { "firewall", "iptables|nft",
			      "add the rule to rules that no firewall program is in charge of", 0,
			      false },
	[GS_OPT_FIREWALL_FIRST] = { "firewall-first", NULL,
				    "the firewall's rule may come before those that deny", 0,
				    false },
	[GS_OPT_FOLLOWER] = { "follower", "HOST[:ro|:rw]",
			      "export to this host or network; may be repeated", 0, false },
	[GS_OPT_FORCE] = { "force", NULL, "continue even if data may be lost", 0, false },
	[GS_OPT_FORGET] = { "forget", NULL, "remove the share's entry from /etc/fstab too", 0,
			    false },
	[GS_OPT_HELP] = { "help", NULL, "show this help", 'h', true },
	[GS_OPT_ID] = { "id", "ID", "the share id that the leader printed", 0, false },
	[GS_OPT_INSTALL_TIMEOUT] = { "install-timeout", "SECONDS",
				     "how long the installation of a package may last; default "
				     "600",
				     0, false },
	[GS_OPT_JSON] = { "json", NULL, "print one JSON object instead of text", 0, true },
	[GS_OPT_LAZY] = { "lazy", NULL, "detach now, unmount when no longer in use", 0, false },
	[GS_OPT_FIX] = { "fix", NULL, "show what gshare can fix by itself, ask, and fix it", 0,
			 false },
	[GS_OPT_LIST] = { "list", NULL, "list what doctor can find, and look at nothing", 0,
			  false },
	[GS_OPT_NEW_ID] = { "new-id", NULL, "give the share a new id, if its old one is lost", 0,
			    false },
	[GS_OPT_NO_FIREWALL] = { "no-firewall", NULL, "neither look at the firewall nor change it",
				 0, false },
	[GS_OPT_NO_INSTALL] = { "no-install", NULL,
				"fail where a package is missing, with the command that installs it",
				0, false },
	[GS_OPT_NO_PERSIST] = { "no-persist", NULL, "do not change /etc/fstab", 0, false },
	[GS_OPT_NO_SUBTREE_CHECK] = { "no-subtree-check", NULL,
				      "let followers reach all of the file system around the share",
				      0, false },
	[GS_OPT_ONLY] = { "only", "ID[,ID]...",
			  "report findings with these ids alone; may be repeated", 0, false },
	[GS_OPT_OPTIONS] = { "options", "LIST",
			     "mount options that are set, such as nocto,timeo=300", 0, false },
	[GS_OPT_OWNER] = { "owner", "USER[:GROUP]", "the user that followers are mapped to", 0,
			   false },
	[GS_OPT_PATH] = { "path", "PATH", "the share, if there are several", 0, false },
	[GS_OPT_ENV] = { "env", "FILE", "look at this cluster.env and its PostgreSQL, too", 0,
			 false },
	[GS_OPT_PEER] = { "peer", "FILE|-", "compare with the report of another node", 0, false },
	[GS_OPT_PEER_REPORT] = { "peer-report", NULL,
				 "print a report of this node, for --peer on another", 0, false },
	[GS_OPT_PORT] = { "port", "N", "the port of the leader's NFS server, if it is not 2049", 0,
			  false },
	[GS_OPT_POSTGRES] = { "postgres", "HOST",
			      "the host of PostgreSQL, if the server of the share is not", 0,
			      false },
	[GS_OPT_PROFILE] = { "profile", "default|fast|readonly-dataset",
			     "a set of mount options for a purpose", 0, false },
	[GS_OPT_QUIET] = { "quiet", NULL, "print errors only", 'q', true },
	[GS_OPT_RECOVER] = { "recover", NULL, "replace a stale mount with a new one", 0, false },
	[GS_OPT_RO] = { "ro", NULL, "mount read-only", 0, false },
	[GS_OPT_ROOT] = { "root", "DIR",
			  "offline: write the files of the tree in DIR, nothing else", 0, false },
	[GS_OPT_RW] = { "rw", NULL, "mount read-write", 0, false },
	[GS_OPT_SQUASH] = { "squash", "all|root|none",
			    "which users of followers are mapped to the owner; default all", 0,
			    false },
	[GS_OPT_SUBTREE_CHECK] = { "subtree-check", NULL,
				   "keep followers inside the share; default unless it is a file "
				   "system of its own",
				   0, false },
	[GS_OPT_TIMEOUT] = { "timeout", "SECONDS", "the deadline of the whole command", 0, true },
	[GS_OPT_UNVERIFIED] = { "unverified", NULL, "continue even if verification fails", 0,
				false },
	[GS_OPT_VERSION] = { "version", NULL, "show the version", 0, true },
	[GS_OPT_WAIT] = { "wait", "SECONDS",
			  "how long to wait for another gshare to end; default 10", 0, true },
	[GS_OPT_WRITE] = { "write", "FILE", "change the four keys in FILE, nothing else", 0,
			   false },
	[GS_OPT_YES] = { "yes", NULL, "assume yes to all questions", 'y', true },
};

const char *gs_args_option_name(enum gs_opt opt, const char **ret_arg, const char **ret_help)
{
	*ret_arg = option[opt].arg;
	*ret_help = option[opt].help;
	return option[opt].name;
}

static bool takes(const struct gs_cmd *cmd, enum gs_opt opt)
{
	if (!option[opt].name)
		return false;
	if (option[opt].common)
		return true;
	for (const enum gs_opt *own = cmd->option; own && *own != GS_OPT_NONE; own++)
		if (*own == opt)
			return true;
	return false;
}

/* What the other does, or never: a suggestion that is taken must not do the opposite. */
static const char *opposite_of(const char *word)
{
	static const char *const pair[][2] = { { "mount", "unmount" },
					       { "ro", "rw" },
					       { "add", "remove" },
					       { "subtree-check", "no-subtree-check" } };

	for (size_t i = 0; i < GS_COUNT(pair); i++)
		for (size_t k = 0; k < 2; k++)
			if (!strcmp(pair[i][k], word))
				return pair[i][!k];
	return NULL;
}

/* The words of other programs for ours: umount(8), ls(1), rm(1), systemctl(1). */
static const char *word_for(const char *word)
{
	static const char *const known[][2] = {
		{ "umount", "unmount" }, { "list", "status" },	   { "ls", "status" },
		{ "show", "status" },	 { "rm", "remove" },	   { "del", "remove" },
		{ "delete", "remove" },	 { "create", "init" },	   { "setup", "init" },
		{ "check", "verify" },	 { "revert", "undo" },	   { "rollback", "undo" },
		{ "log", "history" },	 { "unshare", "destroy" },
	};

	for (size_t i = 0; i < GS_COUNT(known); i++)
		if (!strcmp(known[i][0], word))
			return known[i][1];
	return word;
}

/* struct guess - the nearest word, if it is near: one edit in two to four letters */
struct guess {
	const char *word; /* as typed, or ours for it */
	unsigned best;	  /* edits; at first one more than are near */
	const char *found, *noun;
};

static struct guess guess_of(const char *word)
{
	return (struct guess){ .word = word_for(word), .best = gs_near_limit(strlen(word)) };
}

static void consider(struct guess *guess, const char *noun, const char *candidate)
{
	const char *opposite = opposite_of(candidate);
	unsigned d = gs_near_edits(guess->word, candidate);

	/* Two edits, and another first letter, are another word: --watch is not --path. */
	if (d >= guess->best || (d > 1 && guess->word[0] != candidate[0]) ||
	    (opposite && gs_near_edits(guess->word, opposite) <= d))
		return;
	guess->best = d;
	guess->found = candidate;
	guess->noun = noun;
}

/* The words below; where none is near, the verbs of every noun: "gshare mount". */
static void consider_all(struct guess *guess, const struct gs_cmd *above)
{
	for (const struct gs_cmd *c = above->sub; c->name; c++)
		consider(guess, NULL, c->name);
	for (const struct gs_cmd *c = above->sub; c->name && !guess->found; c++)
		for (const struct gs_cmd *verb = c->sub; verb && verb->name; verb++)
			consider(guess, c->name, verb->name);
}

static int unknown_word(const struct gs_cmd *above, const char *path, const char *word,
			struct gs_err *err)
{
	struct guess guess = guess_of(word);
	gs_autostr struct gs_str safe = { 0 };

	consider_all(&guess, above);
	gs_str_add_safe(&safe, gs_span_of(word));
	gs_err_set(err, GS_E_USAGE, "unknown command '%s %s'", path, safe.ptr ? safe.ptr : "");
	if (word[0] == '-')
		return gs_err_advise(err, "options come after the command: %s --help", path);
	if (guess.found)
		return gs_err_advise(err, "did you mean '%s %s%s%s'?", path,
				     guess.noun ? guess.noun : "", guess.noun ? " " : "",
				     guess.found);
	return gs_err_advise(err, "%s --help", path);
}

static int unknown_option(const struct gs_call *call, const char *word, struct gs_err *err)
{
	gs_autofree char *name = gs_span_dup(gs_span(word + 2, strcspn(word + 2, "=")));
	struct guess guess = guess_of(name);
	gs_autostr struct gs_str safe = { 0 };

	for (int opt = 0; opt < GS_OPT_COUNT; opt++)
		if (takes(call->cmd, (enum gs_opt)opt))
			consider(&guess, NULL, option[opt].name);
	gs_str_add_safe(&safe, gs_span_of(name));
	gs_err_set(err, GS_E_USAGE, "'gshare %s' has no option '--%s'", call->name,
		   safe.ptr ? safe.ptr : "");
	if (guess.found)
		return gs_err_advise(err, "did you mean '--%s'?", guess.found);
	return gs_err_advise(err, "gshare %s --help", call->name);
}

/* The tables that getopt_long(3) wants, for what this verb takes. */
static void make_tables(const struct gs_cmd *cmd, struct option longs[static GS_OPT_COUNT + 1],
			char letters[static 2 * GS_OPT_COUNT])
{
	size_t n = 0, at = 0;

	letters[at++] = ':';
	for (int opt = 0; opt < GS_OPT_COUNT; opt++) {
		if (!takes(cmd, (enum gs_opt)opt))
			continue;
		longs[n++] = (struct option){
			.name = option[opt].name,
			.has_arg = option[opt].arg ? required_argument : no_argument,
			.val = 256 + opt,
		};
		if (option[opt].letter)
			letters[at++] = option[opt].letter;
	}
	longs[n] = (struct option){ 0 };
	letters[at] = '\0';
}

static int by_letter(int letter)
{
	for (int opt = 0; opt < GS_OPT_COUNT; opt++)
		if (option[opt].letter && option[opt].letter == letter)
			return opt;
	return GS_OPT_NONE;
}

static int option_trouble(int c, char **argv, const struct gs_call *call, struct gs_err *err)
{
	const char *word = argv[optind - 1];

	if (c == ':') {
		gs_err_set(err, GS_E_USAGE, "'%s' needs a value", word);
		return gs_err_advise(err, "gshare %s --help", call->name);
	}
	if (optopt >= 256)
		return gs_err_set(err, GS_E_USAGE, "'--%s' takes no value",
				  option[optopt - 256].name);
	if (optopt) {
		gs_err_set(err, GS_E_USAGE, "'gshare %s' has no option '-%c'", call->name,
			   optopt > ' ' && optopt < 127 ? optopt : '?');
		return gs_err_advise(err, "gshare %s --help", call->name);
	}
	return unknown_option(call, word, err);
}

static int parse_words(int argc, char **argv, struct gs_call *call, struct gs_err *err)
{
	struct option longs[GS_OPT_COUNT + 1];
	char letters[2 * GS_OPT_COUNT];
	int c;

	make_tables(call->cmd, longs, letters);
	optind = 0; /* glibc: begin anew, whatever was parsed before */
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		int opt = c >= 256 ? c - 256 : by_letter(c);

		if (c == ':' || c == '?')
			return option_trouble(c, argv, call, err);
		gs_strs_add(&call->words.opt[opt], optarg ? optarg : "");
	}
	for (int i = optind; i < argc; i++)
		gs_strs_add(&call->words.pos, argv[i]);
	return 0;
}

static int common_options(struct gs_call *call, struct gs_err *err)
{
	const char *timeout = gs_words_get(&call->words, GS_OPT_TIMEOUT);
	uint64_t seconds = 0;

	call->dry_run = gs_words_has(&call->words, GS_OPT_DRY_RUN);
	call->json = gs_words_has(&call->words, GS_OPT_JSON);
	call->quiet = gs_words_has(&call->words, GS_OPT_QUIET);
	call->timeout_ms = call->cmd->timeout_ms;
	call->changes = call->cmd->changes && !call->dry_run;
	if (!timeout)
		return 0;
	if (!gs_span_number(gs_span_of(timeout), GS_TIMEOUT_MAX_S, &seconds) || !seconds)
		return gs_err_set(err, GS_E_USAGE,
				  "--timeout must be a whole number of seconds from 1 to %d",
				  GS_TIMEOUT_MAX_S);
	call->timeout_ms = (unsigned)seconds * 1000;
	return 0;
}

static void add_options(const struct gs_cmd *cmd, bool common, struct gs_str *out)
{
	for (int opt = 0; opt < GS_OPT_COUNT; opt++) {
		gs_autofree char *word = NULL;

		if (!takes(cmd, (enum gs_opt)opt) || option[opt].common != common)
			continue;
		word = gs_printf("%s--%s%s%s", option[opt].letter ? "" : "    ", option[opt].name,
				 option[opt].arg ? " " : "",
				 option[opt].arg ? option[opt].arg : "");
		if (option[opt].letter)
			gs_str_addf(out, "  -%c, %-26s %s\n", option[opt].letter, word,
				    option[opt].help);
		else
			gs_str_addf(out, "  %-30s %s\n", word, option[opt].help);
	}
}

static void add_verbs(const struct gs_cmd *cmd, struct gs_str *out)
{
	for (const struct gs_cmd *c = cmd; c->name; c++) {
		if (c->sub)
			add_verbs(c->sub, out);
		for (const char *const *u = c->usage; u && *u; u++)
			gs_str_addf(out, "  %s%s\n", u == c->usage ? "gshare " : "       ", *u);
	}
}

void gs_help_add(const struct gs_cmd *cmd, const char *path, struct gs_str *out)
{
	gs_str_addf(out, "%s - %s\n\n", path, cmd->summary);
	for (const char *const *e = cmd->example; e && *e; e++)
		gs_str_addf(out, "  %s\n", *e);
	gs_str_adds(out, cmd->example ? "\nusage:\n" : "usage:\n");
	if (cmd->sub) {
		add_verbs(cmd->sub, out);
		gs_str_addf(out, "\nmore: %s COMMAND --help, man gshare\n", path);
		return;
	}
	for (const char *const *u = cmd->usage; *u; u++)
		gs_str_addf(out, "  %s%s\n", u == cmd->usage ? "gshare " : "       ", *u);
	gs_str_adds(out, "\noptions:\n");
	add_options(cmd, false, out);
	gs_str_adds(out, "\n");
	add_options(cmd, true, out);
}

static int print_and_end(struct gs_call *call, struct gs_str *text)
{
	fwrite(text->ptr, 1, text->len, stdout);
	call->cmd = NULL;
	return 0;
}

static const struct gs_cmd *find_sub(const struct gs_cmd *cmd, const char *word)
{
	for (const struct gs_cmd *c = cmd->sub; c->name; c++)
		if (!strcmp(c->name, word))
			return c;
	return NULL;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

/* Takes the leading words that are in the tree below call->cmd: gshare leader init ... */
static int find_verb(int *argc, char ***argv, struct gs_call *call, struct gs_str *path,
		     struct gs_err *err)
{
	gs_str_adds(path, "gshare");
	while (call->cmd->sub) {
		bool is_top = !strcmp(path->ptr, "gshare");
		const struct gs_cmd *next;

		/* Without a command: what there is. */
		if (is_top && (*argc < 2 || (*argc == 2 && !strcmp((*argv)[1], "--json")))) {
			gs_str_adds(path, " status");
			call->cmd = find_sub(call->cmd, "status");
			return 0;
		}
		if (*argc < 2) {
			gs_err_set(err, GS_E_USAGE, "missing command after '%s'", path->ptr);
			return gs_err_advise(err, "%s --help", path->ptr);
		}
		if (is_help((*argv)[1]) || !strcmp((*argv)[1], "--version"))
			return 0;
		next = find_sub(call->cmd, (*argv)[1]);
		if (!next)
			return unknown_word(call->cmd, path->ptr, (*argv)[1], err);
		gs_str_addf(path, " %s", next->name);
		call->cmd = next;
		++*argv;
		--*argc;
	}
	return 0;
}

/* The command as it was typed, with --allow-user-path behind the verb; NULL where it is too long.
 */
static char *command_again(const struct gs_call *call)
{
	gs_autostr struct gs_str text = { 0 };
	size_t verb = 1;

	for (const char *c = call->name; *c; c++)
		verb += *c == ' ';
	gs_str_adds(&text, "sudo gshare");
	for (size_t i = 0; i < call->typed.n; i++) {
		if (i == verb)
			gs_str_adds(&text, " --allow-user-path");
		gs_str_addc(&text, ' ');
		gs_str_add_word(&text, call->typed.v[i]);
	}
	if (call->typed.n == verb)
		gs_str_adds(&text, " --allow-user-path");
	return text.len < GS_ERR_FIX_BYTES ? gs_span_dup(gs_str_span(&text)) : NULL;
}

int gs_args_parse(int argc, char **argv, const struct gs_cmd *tree, struct gs_call *call,
		  struct gs_err *err)
{
	gs_autostr struct gs_str path = { 0 }, text = { 0 };
	bool help, version;
	int r;

	for (int i = 1; i < argc; i++)
		gs_strs_add(&call->typed, argv[i]);
	/* Looked for before the words are parsed: an error in them is reported in JSON, too. */
	for (int i = 1; i < argc; i++)
		call->json |= !strcmp(argv[i], "--json");
	call->cmd = tree;
	r = find_verb(&argc, &argv, call, &path, err);
	if (r < 0)
		return r;
	call->name = gs_strdup(path.len > 7 ? path.ptr + 7 : "");
	if (takes(call->cmd, GS_OPT_ALLOW_USER_PATH))
		call->again = command_again(call);
	if (call->cmd->sub) {
		help = is_help(argv[1]);
		version = !help;
	} else {
		r = parse_words(argc, argv, call, err);
		if (r < 0)
			return r;
		help = gs_words_has(&call->words, GS_OPT_HELP);
		version = gs_words_has(&call->words, GS_OPT_VERSION);
	}
	if (help) {
		gs_help_add(call->cmd, path.ptr, &text);
		return print_and_end(call, &text);
	}
	if (version) {
		gs_str_adds(&text, "gshare " PACKAGE_VERSION "\n");
		return print_and_end(call, &text);
	}
	return common_options(call, err);
}

void gs_call_done(struct gs_call *call)
{
	gs_strs_done(&call->words.pos);
	for (int opt = 0; opt < GS_OPT_COUNT; opt++)
		gs_strs_done(&call->words.opt[opt]);
	gs_strs_done(&call->typed);
	gs_caller_done(&call->caller);
	gs_findings_done(&call->recovered);
	free(call->name);
	free(call->again);
	free(call->kept);
	*call = (struct gs_call){ 0 };
}
