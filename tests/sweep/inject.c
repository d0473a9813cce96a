/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject - run a program and make one of its system calls fail
 *
 *	inject -o FILE [-l SECONDS] record PROGRAM [ARG...]
 *	inject -o FILE [-l SECONDS] [-x HOOK] P:CALL:N:WHAT PROGRAM [ARG...]
 *
 * P numbers the program's own processes in the order of their birth: 0 is the program, and a
 * child counts until it has become another program; the execve that does so is a call of its own.
 * CALL is a name of the table below, N counts that name in that process, from 1 and from the
 * program's entry on: what the dynamic loader does is left out. WHAT is
 *
 *	ENAME	the call is not made and fails with this error; close(2) is made, and fails then
 *	KILL	SIGKILL strikes the process before the call is made
 *	KILLED	the same right after it
 *	MAIN	SIGKILL strikes process 0 before the call is made
 *	SWAP	the program of -x runs before the call is made, which waits for it
 *
 * and N+ means this call and all later ones of that name in that process. FILE gets the calls, a
 * line each (record), or "hit N": how often the fault struck. The status is the program's, 128
 * and the signal's number where a signal ended it, 124 at the limit (60 s), 125 for our own
 * failures. It ends when the program and all that it started have ended.
 *
 * x86_64 only: the entry is found with a breakpoint, and registers are named.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LIMIT_S = 60,
	STATUS_LATE = 124,
	STATUS_OWN = 125,
	OBJECT_BYTES = 256, /* of a path in a record: enough to tell files apart */
	BREAKPOINT = 0xcc,  /* int3 */
};

/* What the first argument of interest is, for the record. */
enum object { NOTHING, FD, PATH, AT_PATH };

/* Memory, time, masks of signals and questions that cannot fail are left out. */
static const struct call {
	const char *name;
	int number;
	enum object object;
} calls[] = {
#define CALL(name, object)                                                                         \
	{                                                                                          \
#name, SYS_##name, object                                                          \
	}
	CALL(bind, FD),
	CALL(capget, NOTHING),
	CALL(capset, NOTHING),
	CALL(chdir, PATH),
	CALL(clone, NOTHING),
	CALL(clone3, NOTHING),
	CALL(close, FD),
	CALL(connect, FD),
	CALL(dup2, FD),
	CALL(dup3, FD),
	CALL(execve, PATH),
	CALL(faccessat2, AT_PATH),
	CALL(fchdir, FD),
	CALL(fchmod, FD),
	CALL(fchmodat, AT_PATH),
	CALL(fchown, FD),
	CALL(fchownat, AT_PATH),
	CALL(fcntl, FD),
	CALL(fdatasync, FD),
	CALL(fgetxattr, FD),
	CALL(flistxattr, FD),
	CALL(flock, FD),
	CALL(fork, NOTHING),
	CALL(fsetxattr, FD),
	CALL(fstat, FD),
	CALL(fstatfs, FD),
	CALL(fsync, FD),
	CALL(ftruncate, FD),
	CALL(getdents64, FD),
	CALL(getrandom, NOTHING),
	CALL(getsockname, FD),
	CALL(getxattr, PATH),
	CALL(ioctl, FD),
	CALL(kill, NOTHING),
	CALL(linkat, AT_PATH),
	CALL(lseek, FD),
	CALL(lstat, PATH),
	CALL(memfd_create, PATH),
	CALL(mkdir, PATH),
	CALL(mkdirat, AT_PATH),
	CALL(mount, NOTHING),
	CALL(move_mount, FD),
	CALL(newfstatat, AT_PATH),
	CALL(open, PATH),
	CALL(open_tree, AT_PATH),
	CALL(openat, AT_PATH),
	CALL(openat2, AT_PATH),
	CALL(pidfd_send_signal, FD),
	CALL(pipe2, NOTHING),
	CALL(poll, NOTHING),
	CALL(ppoll, NOTHING),
	CALL(prctl, NOTHING),
	CALL(pread64, FD),
	CALL(pwrite64, FD),
	CALL(read, FD),
	CALL(readlink, PATH),
	CALL(readlinkat, AT_PATH),
	CALL(recvfrom, FD),
	CALL(recvmsg, FD),
	CALL(rename, PATH),
	CALL(renameat, AT_PATH),
	CALL(renameat2, AT_PATH),
	CALL(rmdir, PATH),
	CALL(sendmsg, FD),
	CALL(sendto, FD),
	CALL(setgroups, NOTHING),
	CALL(setresgid, NOTHING),
	CALL(setresuid, NOTHING),
	CALL(setsid, NOTHING),
	CALL(setsockopt, FD),
	CALL(setxattr, PATH),
	CALL(socket, NOTHING),
	CALL(stat, PATH),
	CALL(statfs, PATH),
	CALL(statx, AT_PATH),
	CALL(symlink, PATH),
	CALL(symlinkat, PATH),
	CALL(umount2, PATH),
	CALL(unlink, PATH),
	CALL(unlinkat, AT_PATH),
	CALL(unshare, NOTHING),
	CALL(vfork, NOTHING),
	CALL(wait4, NOTHING),
	CALL(waitid, NOTHING),
	CALL(write, FD),
#undef CALL
};

enum { N_CALLS = sizeof calls / sizeof *calls };

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EACCES", EACCES }, { "EAGAIN", EAGAIN }, { "EINTR", EINTR },	  { "EINVAL", EINVAL },
	{ "EIO", EIO },	      { "EMFILE", EMFILE }, { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC },
	{ "EPERM", EPERM },   { "EROFS", EROFS },
};

enum act { ACT_RECORD, ACT_ERROR, ACT_KILL, ACT_KILLED, ACT_MAIN, ACT_SWAP };

struct fault {
	enum act act;
	unsigned process, nth;
	size_t call;
	bool stays;
	int error;
};

struct proc {
	pid_t pid;
	unsigned number;
	bool own;     /* has not become another program */
	bool known;   /* its parent's fork has been seen */
	bool stopped; /* and waits for that */
	bool fails;   /* the call that it is in shall seem to have failed */
	bool dies;    /* or be its last */
	unsigned count[N_CALLS];
};

struct run {
	struct fault fault;
	const char *hook;
	FILE *out;
	struct proc **proc;
	size_t n;
	unsigned born, hits;
	pid_t main;
	unsigned long entry; /* 0 until the program is loaded */
	long entry_word;     /* what stands there */
	bool begun;
	bool lost; /* a process was killed, and with it maybe the report of a birth */
	int status;
};

__attribute__((format(printf, 1, 2))) static _Noreturn void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("inject: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(STATUS_OWN);
}

static void *must(void *memory)
{
	if (!memory)
		die("out of memory");
	return memory;
}

/* ---- the program to be ------------------------------------------------------------------ */

/* Stop at the calls of the table, run all others at full speed. */
static void install_filter(void)
{
	struct sock_filter code[N_CALLS + 3];
	struct sock_fprog program = { .len = N_CALLS + 3, .filter = code };
	size_t n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < N_CALLS; i++)
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 (unsigned)calls[i].number,
							 (unsigned char)(N_CALLS - i), 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		die("cannot filter calls: %s", strerror(errno));
}

static _Noreturn void be_program(char **argv)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		die("cannot be traced: %s", strerror(errno));
	raise(SIGSTOP);
	install_filter();
	execv(argv[0], argv);
	die("cannot run '%s': %s", argv[0], strerror(errno));
}

/* ---- processes -------------------------------------------------------------------------- */

static struct proc *find(struct run *run, pid_t pid)
{
	struct proc *proc;

	for (size_t i = 0; i < run->n; i++)
		if (run->proc[i]->pid == pid)
			return run->proc[i];
	run->proc = must(reallocarray(run->proc, run->n + 1, sizeof *run->proc));
	proc = must(calloc(1, sizeof *proc));
	proc->pid = pid;
	run->proc[run->n++] = proc;
	return proc;
}

static void forget(struct run *run, pid_t pid)
{
	for (size_t i = 0; i < run->n; i++) {
		if (run->proc[i]->pid != pid)
			continue;
		free(run->proc[i]);
		run->proc[i] = run->proc[--run->n];
		return;
	}
}

/* A process that was killed meanwhile cannot go on: its end is reported next. */
static void go_on(const struct proc *proc, int signal)
{
	ptrace(proc->dies || proc->fails ? PTRACE_SYSCALL : PTRACE_CONT, proc->pid, NULL,
	       (void *)(long)signal);
}

/* ---- the program's entry ---------------------------------------------------------------- */

static unsigned long entry_of(pid_t pid)
{
	char path[64];
	Elf64_auxv_t pair;
	unsigned long entry = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%ld/auxv", (long)pid);
	file = fopen(path, "re");
	while (file && !entry && fread(&pair, sizeof pair, 1, file) == 1)
		if (pair.a_type == AT_ENTRY)
			entry = pair.a_un.a_val;
	if (file)
		fclose(file);
	if (!entry)
		die("the program has no entry");
	return entry;
}

static void set_breakpoint(struct run *run, pid_t pid)
{
	unsigned long word;

	run->entry = entry_of(pid);
	run->entry_word = ptrace(PTRACE_PEEKTEXT, pid, (void *)run->entry, NULL);
	word = ((unsigned long)run->entry_word & ~0xffUL) | BREAKPOINT;
	if (ptrace(PTRACE_POKETEXT, pid, (void *)run->entry, (void *)word) < 0)
		die("cannot stop at the entry: %s", strerror(errno));
}

static bool begin(struct run *run, pid_t pid)
{
	struct user_regs_struct regs;

	if (run->begun || !run->entry || pid != run->main ||
	    ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0 || regs.rip != run->entry + 1)
		return false;
	regs.rip = run->entry;
	ptrace(PTRACE_POKETEXT, pid, (void *)run->entry, (void *)run->entry_word);
	ptrace(PTRACE_SETREGS, pid, NULL, &regs);
	run->begun = true;
	return true;
}

/* ---- calls ------------------------------------------------------------------------------ */

static void read_text(pid_t pid, unsigned long address, char text[static OBJECT_BYTES])
{
	size_t n = 0;

	while (address && n + sizeof(long) < OBJECT_BYTES) {
		long word;

		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, pid, (void *)(address + n), NULL);
		if (errno)
			break;
		memcpy(text + n, &word, sizeof word);
		if (memchr(text + n, 0, sizeof word))
			return;
		n += sizeof word;
	}
	text[n] = '\0';
}

static void read_fd(pid_t pid, int fd, char text[static OBJECT_BYTES])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%ld/%s%.0d", (long)pid, fd == AT_FDCWD ? "cwd" : "fd/",
		 fd == AT_FDCWD ? 0 : fd);
	if (fd == 0)
		snprintf(link, sizeof link, "/proc/%ld/fd/0", (long)pid);
	n = readlink(link, text, OBJECT_BYTES - 1);
	text[n < 0 ? 0 : n] = '\0';
}

static void note(struct run *run, const struct proc *proc, const struct call *call,
		 const struct user_regs_struct *regs)
{
	char dir[OBJECT_BYTES] = "", name[OBJECT_BYTES] = "";

	if (call->object == FD || call->object == AT_PATH)
		read_fd(proc->pid, (int)regs->rdi, dir);
	if (call->object == PATH)
		read_text(proc->pid, regs->rdi, name);
	if (call->object == AT_PATH)
		read_text(proc->pid, regs->rsi, name);
	if (dir[0] && name[0] == '/')
		dir[0] = '\0';
	fprintf(run->out, "%u:%s:%u %s%s%s\n", proc->number, call->name, proc->count[call - calls],
		dir, dir[0] && name[0] ? "/" : "", name);
}

static void run_hook(const char *hook)
{
	pid_t pid = fork();

	if (pid < 0)
		die("cannot fork: %s", strerror(errno));
	if (!pid) {
		execl(hook, hook, (char *)NULL);
		_exit(STATUS_OWN);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void strike(struct run *run, struct proc *proc, struct user_regs_struct *regs)
{
	run->hits++;
	switch (run->fault.act) {
	case ACT_ERROR:
		/* Linux closes the descriptor whatever close(2) says. */
		if (calls[run->fault.call].number == SYS_close) {
			proc->fails = true;
			return;
		}
		regs->orig_rax = (unsigned long long)-1;
		regs->rax = (unsigned long long)-run->fault.error;
		ptrace(PTRACE_SETREGS, proc->pid, NULL, regs);
		return;
	case ACT_KILL:
		kill(proc->pid, SIGKILL);
		return;
	case ACT_KILLED:
		proc->dies = true;
		return;
	case ACT_MAIN:
		kill(run->main, SIGKILL);
		return;
	case ACT_SWAP:
		run_hook(run->hook);
		return;
	case ACT_RECORD:
		return;
	}
}

static void enter_call(struct run *run, struct proc *proc)
{
	struct user_regs_struct regs;
	const struct fault *fault = &run->fault;
	size_t i = 0;

	if (!run->begun || !proc->own || ptrace(PTRACE_GETREGS, proc->pid, NULL, &regs) < 0)
		return;
	while (i < N_CALLS && calls[i].number != (int)regs.orig_rax)
		i++;
	if (i == N_CALLS)
		return;
	proc->count[i]++;
	if (fault->act == ACT_RECORD)
		note(run, proc, &calls[i], &regs);
	else if (i == fault->call && proc->number == fault->process &&
		 (proc->count[i] == fault->nth || (fault->stays && proc->count[i] > fault->nth)))
		strike(run, proc, &regs);
}

/* Only calls that were struck are followed to their end. */
static void leave_call(struct run *run, struct proc *proc)
{
	struct user_regs_struct regs;

	if (proc->dies) {
		kill(proc->pid, SIGKILL);
	} else if (proc->fails && ptrace(PTRACE_GETREGS, proc->pid, NULL, &regs) == 0) {
		regs.rax = (unsigned long long)-run->fault.error;
		ptrace(PTRACE_SETREGS, proc->pid, NULL, &regs);
	}
	proc->dies = proc->fails = false;
}

/* ---- the loop --------------------------------------------------------------------------- */

/* The child's first stop and its parent's report come in any order. */
static void give_birth(struct run *run, const struct proc *parent)
{
	unsigned long pid = 0;
	struct proc *child;
	bool own = parent->own;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0)
		return;
	child = find(run, (pid_t)pid);
	child->known = true;
	child->own = own && run->begun;
	if (child->own)
		child->number = ++run->born;
	if (child->stopped)
		go_on(child, 0);
	child->stopped = false;
}

/* Its parent was killed in fork(2): nobody reports its birth any more. */
static void let_orphans_go(struct run *run)
{
	run->lost = true;
	for (size_t i = 0; i < run->n; i++) {
		struct proc *proc = run->proc[i];

		if (proc->known || !proc->stopped)
			continue;
		proc->known = true;
		proc->stopped = false;
		go_on(proc, 0);
	}
}

static void stopped(struct run *run, struct proc *proc, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	proc->known |= run->lost;
	if (!proc->known) {
		proc->stopped = true;
		return;
	}
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		give_birth(run, proc);
		break;
	case PTRACE_EVENT_EXEC:
		if (!run->entry)
			set_breakpoint(run, proc->pid);
		else
			proc->own = false;
		break;
	case PTRACE_EVENT_SECCOMP:
		enter_call(run, proc);
		break;
	default:
		if (signal == (SIGTRAP | 0x80)) {
			leave_call(run, proc);
		} else if (!(signal == SIGTRAP && begin(run, proc->pid)) && signal != SIGSTOP) {
			go_on(proc, signal);
			return;
		}
	}
	go_on(proc, 0);
}

static void follow(struct run *run)
{
	while (run->n) {
		int status = 0;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return;
		if (WIFSTOPPED(status)) {
			stopped(run, find(run, pid), status);
			continue;
		}
		if (pid == run->main)
			run->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
							  : WEXITSTATUS(status);
		forget(run, pid);
		if (WIFSIGNALED(status))
			let_orphans_go(run);
	}
}

static void start(struct run *run, char **argv)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
			     PTRACE_O_TRACEFORK | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD |
			     PTRACE_O_TRACEVFORK;
	struct proc *proc;
	int status = 0;

	fflush(NULL);
	run->main = fork();
	if (run->main < 0)
		die("cannot fork: %s", strerror(errno));
	if (!run->main)
		be_program(argv);
	if (waitpid(run->main, &status, 0) < 0 || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, run->main, NULL, (void *)options) < 0)
		die("cannot trace: %s", strerror(errno));
	proc = find(run, run->main);
	proc->own = proc->known = true;
	go_on(proc, 0);
}

/* All that is traced dies with us: PTRACE_O_EXITKILL. */
static void too_late(int signal)
{
	(void)signal;
	_exit(STATUS_LATE);
}

/* ---- words ------------------------------------------------------------------------------ */

static void parse_what(const char *word, struct fault *fault)
{
	static const struct {
		const char *name;
		enum act act;
	} acts[] = { { "KILL", ACT_KILL },
		     { "KILLED", ACT_KILLED },
		     { "MAIN", ACT_MAIN },
		     { "SWAP", ACT_SWAP } };

	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (!strcmp(word, acts[i].name)) {
			fault->act = acts[i].act;
			return;
		}
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (!strcmp(word, errors[i].name)) {
			fault->act = ACT_ERROR;
			fault->error = errors[i].number;
			return;
		}
	die("'%s' is no error, KILL, KILLED, MAIN or SWAP", word);
}

static void parse_fault(const char *word, struct fault *fault)
{
	char name[32] = "", what[16] = "", plus[2] = "";

	if (!strcmp(word, "record"))
		return;
	if (sscanf(word, "%u:%31[a-z0-9_]:%u%1[+]:%15[A-Z]", &fault->process, name, &fault->nth,
		   plus, what) != 5 &&
	    sscanf(word, "%u:%31[a-z0-9_]:%u:%15[A-Z]", &fault->process, name, &fault->nth, what) !=
		    4)
		die("'%s' is not PROCESS:CALL:N[+]:WHAT", word);
	fault->stays = plus[0];
	while (fault->call < N_CALLS && strcmp(calls[fault->call].name, name) != 0)
		fault->call++;
	if (fault->call == N_CALLS)
		die("'%s' is no call of the table", name);
	parse_what(what, fault);
}

int main(int argc, char **argv)
{
	struct run run = { .status = STATUS_OWN };
	unsigned limit_s = LIMIT_S;
	int option;

	while ((option = getopt(argc, argv, "+o:l:x:")) != -1) {
		if (option == 'o')
			run.out = fopen(optarg, "we");
		else if (option == 'l')
			limit_s = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'x')
			run.hook = optarg;
		else
			die("'-%c' is no option", optopt);
	}
	if (!run.out || argc - optind < 2)
		die("usage: inject -o FILE [-l SECONDS] [-x HOOK] record|P:CALL:N:WHAT PROGRAM [ARG...]");
	parse_fault(argv[optind], &run.fault);
	if (run.fault.act == ACT_SWAP && !run.hook)
		die("SWAP takes -x");
	signal(SIGALRM, too_late);
	alarm(limit_s);
	start(&run, argv + optind + 1);
	follow(&run);
	free(run.proc);
	if (run.fault.act != ACT_RECORD)
		fprintf(run.out, "hit %u\n", run.hits);
	if (fclose(run.out) != 0)
		die("cannot write the record: %s", strerror(errno));
	return run.status;
}
