/* UDP sockets of both families on one port, with segmentation (UDP_SEGMENT) and coalescing (UDP_GRO) by the kernel. */
#ifndef FLATLAND_UDP_H
#define FLATLAND_UDP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "peer.h"

enum {
	UDP_MAX_PAYLOAD_BYTES = 65507,
	UDP_MAX_GSO_SEGMENTS = 64,
	UDP_RECEIVE_MESSAGES = 8,
	UDP_RECEIVE_BYTES = 65535,
	UDP_RECEIVE_STRIDE = AEAD_ROOM_BYTES + UDP_RECEIVE_BYTES + 1,
	UDP_RECEIVE_BUFFER_BYTES = UDP_RECEIVE_MESSAGES * UDP_RECEIVE_STRIDE + AEAD_ROOM_BYTES,
	DSCP_AF41 = 0x88, /* of handshake messages, as the kernel's WireGuard has it */
};

struct udp {
	int v4;
	int v6; /* -1: the machine has no IPv6 */
	uint16_t port;
	bool uses_gro;
	_Atomic bool uses_gso;
	_Atomic uint32_t n_users;
};

/* Datagrams of one destination that go out with one call: all of `segment_length`, only the last may be shorter. */
struct udp_message {
	struct endpoint to;
	uint32_t peer_id;
	uint8_t *bytes;
	uint32_t length;
	uint16_t segment_length;
	uint16_t n_segments;
	uint8_t traffic_class;
	bool is_closed;
};

/* What came of a message that was not sent as it was. */
struct udp_listener {
	void *context;
	void (*on_failed)(void *context, const struct udp_message *message, uint32_t n_datagrams);
	/* The path takes no segments of this length. `was_sent`: they went singly. */
	void (*on_too_long)(void *context, const struct udp_message *message, uint32_t length, bool was_sent);
	void (*on_source_gone)(void *context, const struct udp_message *message);
	int stop_fd;
	/* The interface whose packets are sent; nothing waits any more once it is gone. */
	int interface_fd;
};

/* Datagrams that the kernel gave in one message. */
struct udp_received {
	uint8_t *bytes;
	uint32_t length;
	uint32_t segment_length;
	uint8_t traffic_class;
	struct endpoint from;
};

/* Space for what one call receives. */
struct udp_receiver {
	struct mmsghdr headers[UDP_RECEIVE_MESSAGES];
	struct iovec vectors[UDP_RECEIVE_MESSAGES];
	struct sockaddr_in6 names[UDP_RECEIVE_MESSAGES];
	_Alignas(16) uint8_t controls[UDP_RECEIVE_MESSAGES][256];
	uint8_t *bytes; /* UDP_RECEIVE_STRIDE for each message, with room of the cipher around it */
};

/* Opens and binds; 0 means any free port. NULL and errno where that fails. */
struct udp *udp_open(uint16_t port, bool wants_gso, bool wants_gro);
void udp_ref(struct udp *udp);
/* Closes the sockets with the last user. */
void udp_unref(struct udp *udp);

/* SO_MARK; 0 or an errno. */
int udp_set_mark(struct udp *udp, uint32_t mark);

/* The longest datagram that goes to an endpoint in one piece, as far as the kernel knows the path; 0 where it does not. */
uint32_t udp_longest_datagram(const struct udp *udp, const struct endpoint *to);

/* Sends messages in order, waiting where the socket's buffer is full. */
void udp_send(struct udp *udp, struct udp_message *messages, uint32_t n_messages, const struct udp_listener *listener);

/* Whether an error may mean that the address a peer had sent to is ours no longer. */
bool udp_is_source_gone(int error);

/* Sends one datagram without waiting; 0 or an errno. */
int udp_send_one(struct udp *udp, const struct endpoint *to, const uint8_t *bytes, size_t length, uint8_t traffic_class);

bool udp_receiver_init(struct udp_receiver *receiver);
void udp_receiver_free(struct udp_receiver *receiver);
/* Takes what waits, up to UDP_RECEIVE_MESSAGES; their number, 0 where nothing waits. */
int udp_receive(struct udp_receiver *receiver, int fd, struct udp_received *received);

#endif
