#include "io/confine.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* Calls that no program of ours needs and that an attacker would want. */
static const int useless[] = {SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(delete_module), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
	SCMP_SYS(chroot), SCMP_SYS(bpf), SCMP_SYS(add_key), SCMP_SYS(request_key),
	SCMP_SYS(keyctl), SCMP_SYS(kexec_load), SCMP_SYS(reboot), SCMP_SYS(swapon),
	SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(userfaultfd), SCMP_SYS(perf_event_open),
	SCMP_SYS(pidfd_getfd), SCMP_SYS(open_by_handle_at), SCMP_SYS(kexec_file_load),
	/*
	 * A request in the ring is carried out without a system call that a filter could see;
	 * this includes a new socket.
	 */
	SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register)};

static bool forbid(scmp_filter_ctx filter, int call)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) == 0;
}

/*
 * glibc tries clone3 first, whose flags a filter cannot read. When clone3 answers ENOSYS, glibc
 * uses clone.
 */
static bool forbid_fork(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_thread = {
		.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = 0};
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
	       forbid(filter, SCMP_SYS(fork)) && forbid(filter, SCMP_SYS(vfork)) &&
	       seccomp_rule_add_array(
		       filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &no_thread) == 0;
}

static bool add_rules(scmp_filter_ctx filter, unsigned what)
{
	bool ok = true;
	for (size_t i = 0; ok && i < ARRAY_LEN(useless); i++)
		ok = forbid(filter, useless[i]);
	if (what & CONFINE_NO_EXEC)
		ok = ok && forbid(filter, SCMP_SYS(execve)) &&
		     forbid(filter, SCMP_SYS(execveat));
	if (what & CONFINE_NO_LISTEN)
		ok = ok && forbid(filter, SCMP_SYS(listen)) &&
		     forbid(filter, SCMP_SYS(accept)) && forbid(filter, SCMP_SYS(accept4));
	if (what & CONFINE_NO_FORK)
		ok = ok && forbid_fork(filter);
	/*
	 * Uses the array form, because the macros of the variadic form leave fields without
	 * initialiser.
	 */
	const struct scmp_arg_cmp not_local = {
		.arg = 0, .op = SCMP_CMP_NE, .datum_a = AF_UNIX, .datum_b = 0};
	if (what & CONFINE_NO_NETWORK)
		ok = ok && seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM),
				   SCMP_SYS(socket), 1, &not_local) == 0;
	return ok;
}

bool confine_self(unsigned what, struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool ok = filter != NULL && add_rules(filter, what) && seccomp_load(filter) == 0;
	if (filter != NULL)
		seccomp_release(filter);
	if (!ok)
		return err_set(e, ERR_CONFIG,
			"The seccomp filter cannot be installed on this kernel."
			" Set GAP_SECCOMP=off to go without it.");
	return true;
}

void confine_memory(void)
{
	struct rlimit none = {0, 0};
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
