/* Opening, binding, marking. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

#include "udp.h"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

enum { BUFFER_BYTES = 7 * 1024 * 1024, MAX_ATTEMPTS = 16 };
enum { IPV4_UDP_HEADER_BYTES = 28, IPV6_UDP_HEADER_BYTES = 48 };

static bool set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

static void set_buffers(int fd)
{
	/* Without CAP_NET_ADMIN the machine gives what net.core.rmem_max and wmem_max allow. */
	if (!set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES))
		set_int(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
	if (!set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES))
		set_int(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
}

static int open_one(int family, uint16_t port, bool *uses_gro)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in address4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	int bound;

	if (fd < 0)
		return -1;
	set_buffers(fd);
	/* What is too long for the path is fragmented, as the kernel's WireGuard does. */
	if (family == AF_INET) {
		set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
		set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
		set_int(fd, IPPROTO_IP, IP_RECVTOS, 1);
		bound = bind(fd, (struct sockaddr *)&address4, sizeof(address4));
	} else {
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		set_int(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
		set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
		set_int(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
		bound = bind(fd, (struct sockaddr *)&address, sizeof(address));
	}
	if (bound < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	if (*uses_gro && !set_int(fd, SOL_UDP, UDP_GRO, 1))
		*uses_gro = false;
	return fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in address = { 0 };
	socklen_t length = sizeof(address);

	getsockname(fd, (struct sockaddr *)&address, &length);
	return ntohs(address.sin_port);
}

/* Both families on one port; -1 as IPv6 where the machine has none. False where one of them is taken. */
static bool open_both(struct udp *udp, uint16_t port)
{
	udp->v4 = open_one(AF_INET, port, &udp->uses_gro);
	if (udp->v4 < 0)
		return false;
	udp->port = port_of(udp->v4);
	udp->v6 = open_one(AF_INET6, udp->port, &udp->uses_gro);
	if (udp->v6 >= 0 || errno != EADDRINUSE)
		return true;
	close(udp->v4);
	errno = EADDRINUSE;
	return false;
}

struct udp *udp_open(uint16_t port, bool wants_gso, bool wants_gro)
{
	struct udp *udp = calloc(1, sizeof(*udp));

	if (udp == NULL)
		return NULL;
	udp->uses_gro = wants_gro;
	atomic_store(&udp->uses_gso, wants_gso);
	atomic_store(&udp->n_users, 1);
	for (int attempt = 0; attempt < (port == 0 ? MAX_ATTEMPTS : 1); attempt++)
		if (open_both(udp, port))
			return udp;
	int error = errno;
	free(udp);
	errno = error;
	return NULL;
}

void udp_ref(struct udp *udp) { atomic_fetch_add(&udp->n_users, 1); }

void udp_unref(struct udp *udp)
{
	if (udp == NULL || atomic_fetch_sub(&udp->n_users, 1) != 1)
		return;
	close(udp->v4);
	if (udp->v6 >= 0)
		close(udp->v6);
	free(udp);
}

int udp_set_mark(struct udp *udp, uint32_t mark)
{
	if (setsockopt(udp->v4, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0)
		return errno;
	if (udp->v6 >= 0 && setsockopt(udp->v6, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0)
		return errno;
	return 0;
}

static bool bind_to_source(int fd, const struct endpoint *to)
{
	struct sockaddr_in source4 = { .sin_family = AF_INET, .sin_addr = to->source.v4 };
	struct sockaddr_in6 source6 = { .sin6_family = AF_INET6 };

	if (!to->has_source)
		return true;
	if (to->to.any.sa_family == AF_INET)
		return bind(fd, (struct sockaddr *)&source4, sizeof(source4)) == 0;
	source6.sin6_addr = to->source.v6;
	source6.sin6_scope_id = to->to.v6.sin6_scope_id;
	return bind(fd, (struct sockaddr *)&source6, sizeof(source6)) == 0;
}

uint32_t udp_longest_datagram(const struct udp *udp, const struct endpoint *to)
{
	bool is_v4 = to->to.any.sa_family == AF_INET;
	int fd = socket(to->to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t mark = 0;
	int mtu = 0;
	socklen_t length = sizeof(mark);
	uint32_t headers = is_v4 ? IPV4_UDP_HEADER_BYTES : IPV6_UDP_HEADER_BYTES;

	if (fd < 0)
		return 0;
	if (getsockopt(is_v4 ? udp->v4 : udp->v6, SOL_SOCKET, SO_MARK, &mark, &length) == 0 && mark != 0)
		setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	length = sizeof(mtu);
	/* Only a connected socket tells its path's MTU. No packet leaves. */
	if (!bind_to_source(fd, to) ||
	    connect(fd, &to->to.any, is_v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)) < 0 ||
	    getsockopt(fd, is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_MTU : IPV6_MTU, &mtu, &length) < 0)
		mtu = 0;
	close(fd);
	return mtu > (int)headers ? (uint32_t)mtu - headers : 0;
}
