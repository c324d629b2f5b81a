/* Receiving in batches. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "udp.h"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

bool udp_receiver_init(struct udp_receiver *receiver)
{
	memset(receiver, 0, sizeof(*receiver));
	receiver->bytes = aligned_alloc(64, UDP_RECEIVE_BUFFER_BYTES);
	for (int i = 0; receiver->bytes != NULL && i < UDP_RECEIVE_MESSAGES; i++)
		receiver->vectors[i] =
			(struct iovec){ receiver->bytes + (size_t)i * UDP_RECEIVE_STRIDE + AEAD_ROOM_BYTES,
					UDP_RECEIVE_BYTES };
	return receiver->bytes != NULL;
}

void udp_receiver_free(struct udp_receiver *receiver)
{
	free(receiver->bytes);
	receiver->bytes = NULL;
}

static void read_control(struct cmsghdr *control, struct udp_received *received)
{
	int value = 0;

	if (control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
		memcpy(&value, CMSG_DATA(control), sizeof(value));
		if (value > 0 && (uint32_t)value < received->length)
			received->segment_length = (uint32_t)value;
	} else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TOS) {
		received->traffic_class = *CMSG_DATA(control);
	} else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_TCLASS) {
		memcpy(&value, CMSG_DATA(control), sizeof(value));
		received->traffic_class = (uint8_t)value;
	} else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;

		memcpy(&info, CMSG_DATA(control), sizeof(info));
		received->from.source.v4 = info.ipi_spec_dst;
		received->from.has_source = true;
	} else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo info;

		memcpy(&info, CMSG_DATA(control), sizeof(info));
		received->from.source.v6 = info.ipi6_addr;
		received->from.has_source = true;
	}
}

static void read_message(struct mmsghdr *message, struct udp_received *received)
{
	struct msghdr *header = &message->msg_hdr;

	memset(received, 0, sizeof(*received));
	received->bytes = header->msg_iov->iov_base;
	received->length = (header->msg_flags & MSG_TRUNC) != 0 ? 0 : message->msg_len;
	received->segment_length = received->length;
	memcpy(&received->from.to, header->msg_name,
	       header->msg_namelen < sizeof(received->from.to) ? header->msg_namelen : sizeof(received->from.to));
	/* A flow label is no part of where somebody is. */
	if (received->from.to.any.sa_family == AF_INET6)
		received->from.to.v6.sin6_flowinfo = 0;
	for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control != NULL; control = CMSG_NXTHDR(header, control))
		read_control(control, received);
}

int udp_receive(struct udp_receiver *receiver, int fd, struct udp_received *received)
{
	for (int i = 0; i < UDP_RECEIVE_MESSAGES; i++)
		receiver->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &receiver->names[i],
			.msg_namelen = sizeof(receiver->names[i]),
			.msg_iov = &receiver->vectors[i],
			.msg_iovlen = 1,
			.msg_control = receiver->controls[i],
			.msg_controllen = sizeof(receiver->controls[i]),
		};
	int n = recvmmsg(fd, receiver->headers, UDP_RECEIVE_MESSAGES, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		read_message(&receiver->headers[i], &received[i]);
	return n < 0 ? 0 : n;
}
