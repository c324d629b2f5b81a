/* From the interface to the underlay: a thread of its own, and for answers the thread that delivered the question. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "device.h"
#include "gso.h"
#include "ip.h"

enum {
	FRAME_BYTES = VNET_HEADER_BYTES + 65535,
	OUT_BYTES = 512 * 1024,
	OUT_MESSAGES = 256,
	/* What is gathered before it is sent, though more waits to be read. */
	FLUSH_BYTES = 2 * UDP_MAX_PAYLOAD_BYTES,
};

struct encapsulator {
	struct device *device;
	struct gso gso;
	struct udp_message messages[OUT_MESSAGES];
	uint32_t n_messages;
	uint32_t n_bytes;
	int stop_fd;
	uint8_t *frame;
	uint8_t *out;
	/* Room of the cipher around each buffer, and of padding after the frame. */
	_Alignas(64) uint8_t frame_buffer[AEAD_ROOM_BYTES + FRAME_BYTES + PADDING_MULTIPLE + AEAD_ROOM_BYTES];
	_Alignas(64) uint8_t out_buffer[AEAD_ROOM_BYTES + OUT_BYTES + AEAD_ROOM_BYTES];
};

/* Where the packets of a frame go. */
struct route {
	struct peer *peer;
	struct keypair *keypair;
	struct endpoint to;
	uint32_t mtu;
	uint32_t path_mtu; /* 0: not known to be less than the device's */
};

static void on_failed(void *context, const struct udp_message *message, uint32_t n_datagrams)
{
	struct encapsulator *self = context;

	pthread_rwlock_rdlock(&self->device->lock);
	device_dropped(self->device, device_peer(self->device, message->peer_id), DROP_SEND_FAILED, n_datagrams);
	pthread_rwlock_unlock(&self->device->lock);
}

static void on_too_long(void *context, const struct udp_message *message, uint32_t length, bool was_sent)
{
	struct encapsulator *self = context;

	pthread_rwlock_rdlock(&self->device->lock);
	struct peer *peer = device_peer(self->device, message->peer_id);
	/* What is too long by one byte is refused like what is too long by many: the core need not find the way down. */
	uint32_t longest = self->device->udp == NULL ? 0 : udp_longest_datagram(self->device->udp, &message->to);
	if (longest != 0 && longest + 1 < length)
		length = longest + 1;
	if (peer != NULL)
		atomic_store_explicit(&peer->gso_limit, length, memory_order_relaxed);
	if (!was_sent)
		device_dropped(self->device, peer, DROP_SEND_FAILED, 1);
	pthread_rwlock_unlock(&self->device->lock);
	upcall(&self->device->upcalls,
	       &(struct upcall){ .kind = UPCALL_TOO_LONG,
				 .number = message->peer_id,
				 .length = length,
				 .from = message->to },
	       NULL);
}

static void on_source_gone(void *context, const struct udp_message *message)
{
	struct encapsulator *self = context;

	pthread_rwlock_rdlock(&self->device->lock);
	struct peer *peer = device_peer(self->device, message->peer_id);
	if (peer != NULL)
		peer_clear_source(peer);
	pthread_rwlock_unlock(&self->device->lock);
}

static void flush(struct encapsulator *self)
{
	struct device *device = self->device;
	struct udp_listener listener = { self, on_failed, on_too_long, on_source_gone, self->stop_fd, device->tun };

	if (self->n_messages == 0)
		return;
	pthread_rwlock_rdlock(&device->lock);
	struct udp *udp = device->udp;
	if (udp != NULL)
		udp_ref(udp);
	pthread_rwlock_unlock(&device->lock);
	if (udp != NULL) {
		udp_send(udp, self->messages, self->n_messages, &listener);
		udp_unref(udp);
	} else {
		for (uint32_t i = 0; i < self->n_messages; i++)
			on_failed(self, &self->messages[i], self->messages[i].n_segments);
	}
	self->n_messages = self->n_bytes = 0;
}

/* The length of a packet with its padding: a multiple of 16, but never past the MTU (paper, section 5.4.6). */
static uint32_t padded_length(uint32_t length, uint32_t mtu)
{
	uint32_t last_unit = length > mtu ? length % mtu : length;
	uint32_t padded = (last_unit + PADDING_MULTIPLE - 1) / PADDING_MULTIPLE * PADDING_MULTIPLE;

	return length - last_unit + (padded < mtu ? padded : mtu);
}

/* The message that a datagram joins, or a new one. There is room for one. */
static struct udp_message *message_for(struct encapsulator *self, const struct route *route, uint32_t length, uint8_t ecn)
{
	struct udp_message *last = self->n_messages == 0 ? NULL : &self->messages[self->n_messages - 1];
	uint32_t gso_limit = atomic_load_explicit(&route->peer->gso_limit, memory_order_relaxed);

	if (last != NULL && !last->is_closed && last->peer_id == route->peer->id && last->traffic_class == ecn &&
	    length <= last->segment_length && last->n_segments < UDP_MAX_GSO_SEGMENTS &&
	    last->length + length <= UDP_MAX_PAYLOAD_BYTES) {
		last->length += length;
		last->n_segments++;
		last->is_closed = length < last->segment_length;
		return last;
	}
	last = &self->messages[self->n_messages++];
	*last = (struct udp_message){
		.to = route->to,
		.peer_id = route->peer->id,
		.bytes = self->out + self->n_bytes,
		.length = length,
		.segment_length = (uint16_t)length,
		.n_segments = 1,
		.traffic_class = ecn,
		.is_closed = gso_limit != 0 && length >= gso_limit,
	};
	return last;
}

/* Seals a packet as a transport message behind what is gathered. The bytes after it are kept. */
static bool seal(struct encapsulator *self, const struct route *route, uint8_t *packet, uint32_t length)
{
	uint8_t kept[PADDING_MULTIPLE];
	uint32_t padded = padded_length(length, route->mtu);
	uint32_t padding = padded - length;
	uint8_t *datagram = self->out + self->n_bytes;
	uint64_t counter;

	if (!keypair_take_counter(route->keypair, &counter))
		return false;
	memcpy(kept, packet + length, padding);
	memset(packet + length, 0, padding);
	bool is_sealed = aead_seal(&route->keypair->send, counter, datagram + MESSAGE_TRANSPORT_HEADER_BYTES, packet,
				   padded);
	memcpy(packet + length, kept, padding);
	if (!is_sealed)
		return false;
	store_le32(datagram, MESSAGE_TRANSPORT_TYPE);
	store_le32(datagram + 4, route->keypair->remote_index);
	store_le64(datagram + 8, counter);
	uint32_t n_bytes = MESSAGE_TRANSPORT_HEADER_BYTES + padded + AEAD_TAG_BYTES;
	message_for(self, route, n_bytes, ip_ecn(packet));
	self->n_bytes += n_bytes;
	count(&route->peer->tx_bytes, n_bytes);
	count(&route->peer->tx_packets, 1);
	return true;
}

/* Whether a packet is a datagram of ours to the endpoint of the peer that it is routed to (core/device/routing-loop.ts). */
static bool is_own_datagram(const struct device *device, const struct route *route, const uint8_t *packet, uint32_t length,
			    const struct ip_view *view)
{
	uint32_t offset = ip_udp_offset(packet);

	if (offset == 0 || offset + 4 > length || device->udp == NULL || load_be16(packet + offset) != device->udp->port)
		return false;
	const uint8_t *destination = packet + view->destination_offset;
	const struct endpoint *to = &route->to;
	if (view->family == 4)
		return to->to.any.sa_family == AF_INET && memcmp(destination, &to->to.v4.sin_addr, 4) == 0 &&
		       memcmp(packet + offset + 2, &to->to.v4.sin_port, 2) == 0;
	return to->to.any.sa_family == AF_INET6 && memcmp(destination, &to->to.v6.sin6_addr, 16) == 0 &&
	       memcmp(packet + offset + 2, &to->to.v6.sin6_port, 2) == 0;
}

/* Finds peer and session for a packet; false where the core has to see to it. */
static bool find_route(struct device *device, const uint8_t *packet, uint32_t length, double now_ms, struct route *route)
{
	struct ip_view view;

	if (!ip_view(packet, length, &view))
		return false;
	route->peer = device_route(device, packet + view.destination_offset, view.family);
	if (route->peer == NULL)
		return false;
	route->to = peer_endpoint(route->peer);
	route->keypair = atomic_load_explicit(&route->peer->sending, memory_order_acquire);
	if (route->to.to.any.sa_family == AF_UNSPEC || route->keypair == NULL ||
	    !keypair_is_young(route->keypair, now_ms) || is_own_datagram(device, route, packet, length, &view))
		return false;
	route->path_mtu = atomic_load_explicit(&route->peer->path_mtu, memory_order_relaxed);
	route->mtu = atomic_load_explicit(&device->mtu, memory_order_relaxed);
	if (route->path_mtu != 0 && route->path_mtu < route->mtu)
		route->mtu = route->path_mtu;
	return true;
}

static bool is_too_big(const struct route *route, const uint8_t *packet, uint32_t length)
{
	return route->path_mtu != 0 && length > route->path_mtu && !ip_may_fragment(packet);
}

static void note_sent(struct device *device, const struct route *route, double now_ms)
{
	const struct keypair *keypair = route->keypair;

	peer_note_sent(route->peer, (uint64_t)now_ms, true);
	if ((keypair->is_initiator && now_ms - keypair->created_ms > REKEY_AFTER_TIME_MS) ||
	    atomic_load_explicit(&keypair->next_counter, memory_order_relaxed) > REKEY_AFTER_MESSAGES)
		device_wish_rekey(device, route->peer, now_ms, false);
}

static void hand_to_core(struct device *device, const uint8_t *packet, uint32_t length)
{
	if (!upcall(&device->upcalls, &(struct upcall){ .kind = UPCALL_PACKET, .length = length }, packet))
		device_dropped(device, NULL, DROP_STAGED_OVERFLOW, 1);
}

static bool has_room(const struct encapsulator *self, size_t length)
{
	return self->n_messages < OUT_MESSAGES &&
	       self->n_bytes + length + MESSAGE_TRANSPORT_HEADER_BYTES + PADDING_MULTIPLE + AEAD_TAG_BYTES <= OUT_BYTES;
}

static void encapsulate(struct encapsulator *self, size_t frame_length)
{
	struct device *device = self->device;
	struct gso *gso = &self->gso;
	struct route route = { 0 };
	size_t length;

	if (!gso_open(gso, self->frame, frame_length)) {
		device_dropped(device, NULL, DROP_INNER_MALFORMED, 1);
		return;
	}
	uint8_t *packet = gso_next(gso, &length);
	while (packet != NULL) {
		double now_ms = device_now_ms(device);
		bool has_sent = false;

		if (!has_room(self, length))
			flush(self);
		pthread_rwlock_rdlock(&device->lock);
		/* All packets of a frame have one destination. */
		bool has_route = find_route(device, packet, (uint32_t)length, now_ms, &route);
		for (; packet != NULL && has_room(self, length); packet = gso_next(gso, &length)) {
			if (has_route && !is_too_big(&route, packet, (uint32_t)length) &&
			    seal(self, &route, packet, (uint32_t)length))
				has_sent = true;
			else
				hand_to_core(device, packet, (uint32_t)length);
		}
		if (has_sent)
			note_sent(device, &route, now_ms);
		pthread_rwlock_unlock(&device->lock);
	}
}

/* Carries what waits, at most so many frames. */
static enum encapsulated drain(struct encapsulator *self, uint32_t budget)
{
	for (; budget > 0; budget--) {
		ssize_t n = read(self->device->tun, self->frame, FRAME_BYTES);

		if (n > 0) {
			encapsulate(self, (size_t)n);
			if (self->n_bytes >= FLUSH_BYTES || self->n_messages >= OUT_MESSAGES / 2)
				flush(self);
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else {
			int error = errno;

			flush(self);
			errno = error;
			return n < 0 && error == EAGAIN ? ENCAPSULATED_ALL : ENCAPSULATED_GONE;
		}
	}
	flush(self);
	return ENCAPSULATED_SOME;
}

struct encapsulator *encapsulator_new(struct device *device)
{
	struct encapsulator *self = aligned_alloc(64, sizeof(*self));

	if (self == NULL)
		return NULL;
	self->device = device;
	self->frame = self->frame_buffer + AEAD_ROOM_BYTES;
	self->out = self->out_buffer + AEAD_ROOM_BYTES;
	self->n_messages = self->n_bytes = 0;
	return self;
}

/* Under `sending`. */
static enum encapsulated carry(struct device *device, int stop_fd, uint32_t budget)
{
	device->encapsulator->stop_fd = stop_fd;
	return drain(device->encapsulator, budget);
}

bool encapsulate_answer(struct device *device, int stop_fd)
{
	if (pthread_mutex_trylock(&device->sending) != 0)
		return false;
	bool has_sent = carry(device, stop_fd, 1) == ENCAPSULATED_SOME;
	pthread_mutex_unlock(&device->sending);
	return has_sent;
}

enum encapsulated encapsulate_waiting(struct device *device, int stop_fd, uint32_t budget)
{
	pthread_mutex_lock(&device->sending);
	enum encapsulated result = carry(device, stop_fd, budget);
	int error = errno;
	pthread_mutex_unlock(&device->sending);
	errno = error;
	return result;
}

void *encapsulate_main(void *argument)
{
	struct worker *worker = argument;
	struct device *device = worker->device;
	struct pollfd fds[] = { { .events = POLLIN },
				{ .fd = worker->stop_fd, .events = POLLIN },
				{ .fd = device->turn.sender_fd, .events = POLLIN } };
	int timeout_ms;

	pthread_setname_np(pthread_self(), "encapsulate");
	for (;;) {
		bool is_own = turn_is_senders(&device->turn, &timeout_ms);
		bool is_gone = atomic_load_explicit(&device->is_gone, memory_order_relaxed);
		fds[0].fd = is_own && !is_gone ? device->tun : -1;
		int n = poll(fds, 3, is_gone ? -1 : timeout_ms);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || fds[1].revents != 0)
			break;
		if (n == 0)
			turn_to_receiver(&device->turn);
		if (fds[2].revents != 0)
			turn_was_told(device->turn.sender_fd);
		if (fds[0].revents != 0 &&
		    encapsulate_waiting(device, worker->stop_fd, UINT32_MAX) == ENCAPSULATED_GONE)
			device_interface_gone(device, errno);
	}
	return NULL;
}
