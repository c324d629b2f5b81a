/* Sending in batches, and what to do where the kernel or the path refuses one. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>

#include "udp.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

enum { MAX_BATCH = 64, MAX_NOBUFS_RETRIES = 3, CONTROL_BYTES = 128 };

/* One message as the kernel takes it. */
struct outgoing {
	struct iovec vector;
	_Alignas(16) uint8_t control[CONTROL_BYTES];
};

static void *add_control(struct msghdr *header, int level, int type, size_t length)
{
	struct cmsghdr *control = (struct cmsghdr *)((uint8_t *)header->msg_control + header->msg_controllen);

	control->cmsg_level = level;
	control->cmsg_type = type;
	control->cmsg_len = CMSG_LEN(length);
	header->msg_controllen += CMSG_SPACE(length);
	return CMSG_DATA(control);
}

static void prepare(struct msghdr *header, struct outgoing *outgoing, const struct udp_message *message)
{
	bool is_v4 = message->to.to.any.sa_family == AF_INET;

	outgoing->vector = (struct iovec){ message->bytes, message->length };
	memset(outgoing->control, 0, sizeof(outgoing->control));
	*header = (struct msghdr){
		.msg_name = (void *)&message->to.to,
		.msg_namelen = is_v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6),
		.msg_iov = &outgoing->vector,
		.msg_iovlen = 1,
		.msg_control = outgoing->control,
	};
	if (message->n_segments > 1) {
		uint16_t length = message->segment_length;

		memcpy(add_control(header, SOL_UDP, UDP_SEGMENT, sizeof(length)), &length, sizeof(length));
	}
	if (message->traffic_class != 0) {
		int traffic_class = message->traffic_class;

		memcpy(add_control(header, is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_TOS : IPV6_TCLASS,
				   sizeof(traffic_class)),
		       &traffic_class, sizeof(traffic_class));
	}
	if (message->to.has_source && is_v4) {
		struct in_pktinfo info = { .ipi_spec_dst = message->to.source.v4 };

		memcpy(add_control(header, IPPROTO_IP, IP_PKTINFO, sizeof(info)), &info, sizeof(info));
	} else if (message->to.has_source) {
		struct in6_pktinfo info = { .ipi6_addr = message->to.source.v6,
					    .ipi6_ifindex = message->to.to.v6.sin6_scope_id };

		memcpy(add_control(header, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(info)), &info, sizeof(info));
	}
	if (header->msg_controllen == 0)
		header->msg_control = NULL;
}

static int socket_for(const struct udp *udp, const struct udp_message *message)
{
	return message->to.to.any.sa_family == AF_INET ? udp->v4 : udp->v6;
}

/* Waits until the socket takes more; false where the device stops, or has no interface any more. */
static bool wait_writable(int fd, const struct udp_listener *listener)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLOUT },
				{ .fd = listener->stop_fd, .events = POLLIN },
				{ .fd = listener->interface_fd, .events = POLLPRI } };

	/* A TUN device that goes wakes those that wait for data, urgent data too, of which it never has any. */
	poll(fds, 3, -1);
	return fds[1].revents == 0 && fds[2].revents == 0;
}

/* Sends one message; 0 or an errno. */
static int send_message(struct udp *udp, struct udp_message *message, const struct udp_listener *listener)
{
	struct outgoing outgoing;
	struct msghdr header;
	int fd = socket_for(udp, message);

	if (fd < 0)
		return EAFNOSUPPORT;
	for (int nobufs = 0;;) {
		prepare(&header, &outgoing, message);
		if (sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN && wait_writable(fd, listener))
			continue;
		if (errno == ENOBUFS && nobufs++ < MAX_NOBUFS_RETRIES) {
			sched_yield();
			continue;
		}
		return errno;
	}
}

/* Sends the datagrams of a message one by one. */
static void send_singly(struct udp *udp, struct udp_message *message, const struct udp_listener *listener)
{
	uint32_t n_failed = 0;

	for (uint32_t offset = 0; offset < message->length; offset += message->segment_length) {
		struct udp_message single = *message;
		uint32_t left = message->length - offset;

		single.bytes += offset;
		single.length = left < message->segment_length ? left : message->segment_length;
		single.n_segments = 1;
		int error = send_message(udp, &single, listener);
		if (error == EMSGSIZE)
			listener->on_too_long(listener->context, message, single.length, false);
		else if (error != 0)
			n_failed++;
	}
	if (n_failed > 0)
		listener->on_failed(listener->context, message, n_failed);
}

bool udp_is_source_gone(int error)
{
	return error == EINVAL || error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL;
}

/* Sends a message that the kernel refused once, by what the refusal says. */
static void send_otherwise(struct udp *udp, struct udp_message *message, int error, const struct udp_listener *listener)
{
	if (udp_is_source_gone(error) && message->to.has_source) {
		message->to.has_source = false;
		listener->on_source_gone(listener->context, message);
		error = send_message(udp, message, listener);
		if (error == 0)
			return;
	}
	if (message->n_segments == 1) {
		if (error == EMSGSIZE)
			listener->on_too_long(listener->context, message, message->length, false);
		else
			listener->on_failed(listener->context, message, 1);
		return;
	}
	switch (error) {
	case EIO:
		/* The route's device completes no checksums, or its packets are transformed. */
		atomic_store(&udp->uses_gso, false);
		return send_singly(udp, message, listener);
	case EMSGSIZE:
	case EINVAL:
		listener->on_too_long(listener->context, message, message->segment_length, true);
		return send_singly(udp, message, listener);
	default:
		listener->on_failed(listener->context, message, message->n_segments);
	}
}

/* Whether a message has segments that the kernel is not to make. */
static bool goes_singly(struct udp *udp, const struct udp_message *message)
{
	return message->n_segments > 1 && !atomic_load(&udp->uses_gso);
}

/* Sends messages of one family, at most MAX_BATCH; how many of them are done with. */
static uint32_t send_some(struct udp *udp, struct udp_message *messages, uint32_t n, const struct udp_listener *listener)
{
	static _Thread_local struct outgoing outgoing[MAX_BATCH];
	static _Thread_local struct mmsghdr headers[MAX_BATCH];
	int fd = socket_for(udp, messages);
	uint32_t n_same = 0;

	while (n_same < n && n_same < MAX_BATCH && socket_for(udp, &messages[n_same]) == fd &&
	       (n_same == 0 || !goes_singly(udp, &messages[n_same]))) {
		prepare(&headers[n_same].msg_hdr, &outgoing[n_same], &messages[n_same]);
		n_same++;
	}
	int sent = fd < 0 ? -1 : sendmmsg(fd, headers, n_same, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent > 0)
		return (uint32_t)sent;
	int error = fd < 0 ? EAFNOSUPPORT : errno;
	if (error == EAGAIN || error == EINTR || error == ENOBUFS)
		error = send_message(udp, messages, listener);
	if (error != 0)
		send_otherwise(udp, messages, error, listener);
	return 1;
}

void udp_send(struct udp *udp, struct udp_message *messages, uint32_t n_messages, const struct udp_listener *listener)
{
	for (uint32_t done = 0; done < n_messages;) {
		if (goes_singly(udp, &messages[done])) {
			send_singly(udp, &messages[done], listener);
			done++;
		} else {
			done += send_some(udp, messages + done, n_messages - done, listener);
		}
	}
}

int udp_send_one(struct udp *udp, const struct endpoint *to, const uint8_t *bytes, size_t length, uint8_t traffic_class)
{
	struct udp_message message = {
		.to = *to,
		.bytes = (uint8_t *)bytes,
		.length = (uint32_t)length,
		.segment_length = (uint16_t)length,
		.n_segments = 1,
		.traffic_class = traffic_class,
	};
	struct outgoing outgoing;
	struct msghdr header;
	int fd = socket_for(udp, &message);

	if (fd < 0)
		return EAFNOSUPPORT;
	for (;;) {
		prepare(&header, &outgoing, &message);
		if (sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return errno;
	}
}
