/*
 * Loaded before the C library: answers some calls as another kernel does, or this one in need. `REFUSE` says which:
 *
 *   udp-gso  EIO for what has UDP_SEGMENT: up to Linux 6.10 where the route's device completes no checksums, later where
 *            packets are transformed (net/ipv4/udp.c, udp_send_skb)
 *   uso      EINVAL for TUN_F_USO4 and TUN_F_USO6: before Linux 6.2
 *   nobufs   ENOBUFS for three calls that send, after each five: no memory for a packet
 *   starved  ENOBUFS for eight such calls after each other, again and again
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/if_tun.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { UDP_LEVEL = 17, SEGMENT = 103, USO = 0x20 | 0x40 };

static bool refuses(const char *what)
{
	const char *wanted = getenv("REFUSE");

	return wanted != NULL && strcmp(wanted, what) == 0;
}

static bool has_segments(struct msghdr *header)
{
	for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control != NULL; control = CMSG_NXTHDR(header, control))
		if (control->cmsg_level == UDP_LEVEL && control->cmsg_type == SEGMENT)
			return true;
	return false;
}

/* The error for a datagram; 0: none. */
static int refusal(struct msghdr *header)
{
	static _Atomic unsigned n_calls;
	unsigned n = atomic_fetch_add(&n_calls, 1);

	if (refuses("udp-gso") && has_segments(header))
		return EIO;
	if ((refuses("nobufs") && n % 8 >= 5) || (refuses("starved") && n % 128 >= 120))
		return ENOBUFS;
	return 0;
}

ssize_t sendmsg(int fd, const struct msghdr *header, int flags)
{
	ssize_t (*next)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");
	int error = refusal((struct msghdr *)header);

	if (error == 0)
		return next(fd, header, flags);
	errno = error;
	return -1;
}

/* Ends before the first message that is refused, as the kernel does. */
int sendmmsg(int fd, struct mmsghdr *headers, unsigned n, int flags)
{
	int (*next)(int, struct mmsghdr *, unsigned, int) = dlsym(RTLD_NEXT, "sendmmsg");
	int error = 0;
	unsigned n_taken = 0;

	while (n_taken < n && (error = refusal(&headers[n_taken].msg_hdr)) == 0)
		n_taken++;
	if (n_taken > 0)
		return next(fd, headers, n_taken, flags);
	errno = error;
	return -1;
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	va_list arguments;

	va_start(arguments, request);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request != TUNSETOFFLOAD || !refuses("uso") || ((unsigned long)argument & USO) == 0)
		return next(fd, request, argument);
	errno = EINVAL;
	return -1;
}
