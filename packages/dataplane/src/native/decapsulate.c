/* From the underlay to the interface: one thread for each pair of sockets of a device. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bytes.h"
#include "device.h"
#include "gro.h"
#include "gso.h"
#include "ip.h"
#include "lookout.h"

/* Batches of one family before the other has its turn. */
enum { RECEIVE_BUDGET = 16 };
/* Frames that the interface has at once before it is the sender's to read them. */
enum { SEND_BUDGET = 4 };

struct decapsulator {
	struct device *device;
	int stop_fd;
	int epoll_fd;
	bool has_interface; /* it is this thread's turn to read it */
	bool is_busy;	    /* more came, or waits to be sent, than one thread should carry */
	bool has_sent;	    /* something that may be answered soon */
	struct lookout lookout;
	double now_ms;
	struct peer *last_peer; /* whose endpoint the message at hand was compared with */
	struct udp_receiver receiver;
	struct udp_received received[UDP_RECEIVE_MESSAGES];
	struct gro gro;
	uint8_t *packets; /* as long as the receiver's buffer */
};

/* Gives what was gathered to the interface. */
static void write_frames(struct decapsulator *self)
{
	struct gro *gro = &self->gro;
	struct iovec vectors[GRO_MAX_SEGMENTS];

	for (uint32_t i = 0; i < gro->n_items; i++) {
		int n = gro_finish(gro, &gro->items[i], vectors);
		/* What the interface does not take, because it is down, is lost. */
		ssize_t written = writev(self->device->tun, vectors, n);
		if (written < 0 && errno == EINVAL && gro->items[i].protocol == PROTOCOL_UDP && n > 1)
			atomic_store(&self->device->merges_udp, false);
	}
	gro_reset(gro);
	gro->merges_udp = atomic_load_explicit(&self->device->merges_udp, memory_order_relaxed);
}

static bool is_handshake(const uint8_t *datagram, uint32_t length)
{
	switch (datagram[0]) {
	case MESSAGE_INITIATION:
		return length == 148;
	case MESSAGE_RESPONSE:
		return length == 92;
	case MESSAGE_COOKIE_REPLY:
		return length == MESSAGE_COOKIE_REPLY_BYTES;
	default:
		return false;
	}
}

static void hand_to_core(struct device *device, const struct udp_received *message, const uint8_t *datagram, uint32_t length)
{
	struct upcall what = { .kind = UPCALL_DATAGRAM, .length = length, .from = message->from };

	if (!upcall(&device->upcalls, &what, datagram))
		device_dropped(device, NULL, DROP_UNDER_LOAD, 1);
}

/* Follows a peer to where its authenticated message came from. */
static void roam(struct decapsulator *self, struct peer *peer, const struct udp_received *message)
{
	if (self->last_peer == peer)
		return;
	self->last_peer = peer;
	if (peer_roam(peer, &message->from))
		upcall(&self->device->upcalls,
		       &(struct upcall){ .kind = UPCALL_ROAMED, .number = peer->id, .from = message->from }, NULL);
}

/* Lets a session that we answered send, now that its initiator has proved to have it. */
static void confirm(struct decapsulator *self, struct keypair *keypair)
{
	if (!atomic_load_explicit(&keypair->is_unconfirmed, memory_order_relaxed) ||
	    !atomic_exchange(&keypair->is_unconfirmed, false))
		return;
	atomic_store(&keypair->peer->sending, keypair);
	upcall(&self->device->upcalls,
	       &(struct upcall){ .kind = UPCALL_CONFIRMED, .number = keypair->local_index }, NULL);
}

static void keep_key_fresh(struct decapsulator *self, struct peer *peer)
{
	const struct keypair *keypair = atomic_load_explicit(&peer->sending, memory_order_relaxed);

	if (keypair != NULL && keypair->is_initiator &&
	    self->now_ms - keypair->created_ms > REJECT_AFTER_TIME_MS - KEEPALIVE_TIMEOUT_MS - REKEY_TIMEOUT_MS)
		device_wish_rekey(self->device, peer, self->now_ms, true);
}

/* Passes an inner packet on, if it is one and its source belongs to the peer. */
static void deliver(struct decapsulator *self, struct peer *peer, uint8_t *packet, uint32_t length, uint8_t outer_ecn)
{
	struct device *device = self->device;
	struct ip_view view;

	if (!ip_view(packet, length, &view))
		return device_dropped(device, peer, DROP_INNER_MALFORMED, 1);
	if (device_route(device, packet + view.source_offset, view.family) != peer)
		return device_dropped(device, peer, DROP_SOURCE_NOT_ALLOWED, 1);
	if (!ip_ecn_decapsulate(packet, outer_ecn))
		return device_dropped(device, peer, DROP_ECN_INVALID, 1);
	count(&peer->rx_packets, 1);
	if (gro_is_full(&self->gro))
		write_frames(self);
	gro_add(&self->gro, packet, view.total_length);
}

static void receive_transport(struct decapsulator *self, const struct udp_received *message, uint8_t *datagram, uint32_t length)
{
	struct device *device = self->device;
	struct keypair *keypair = device_keypair(device, load_le32(datagram + 4));
	uint64_t counter = load_le64(datagram + 8);
	uint8_t *sealed = datagram + MESSAGE_TRANSPORT_HEADER_BYTES;
	/* Where the datagram lies, in the other buffer: tag and header keep 32 bytes between packets. */
	uint8_t *packet = self->packets + (sealed - self->receiver.bytes);

	if (keypair == NULL)
		return device_dropped(device, NULL, DROP_UNKNOWN_INDEX, 1);
	struct peer *peer = keypair->peer;
	if (!keypair_is_young(keypair, self->now_ms) || counter >= REJECT_AFTER_MESSAGES)
		return device_dropped(device, peer, DROP_SESSION_EXPIRED, 1);
	if (!aead_open(&keypair->receive, counter, packet, sealed, length - MESSAGE_TRANSPORT_HEADER_BYTES))
		return device_dropped(device, peer, DROP_AUTHENTICATION_FAILED, 1);
	if (!replay_accept(&keypair->replay, counter, REJECT_AFTER_MESSAGES))
		return device_dropped(device, peer, DROP_REPLAYED, 1);
	uint32_t packet_length = length - MESSAGE_TRANSPORT_HEADER_BYTES - AEAD_TAG_BYTES;
	roam(self, peer, message);
	count(&peer->rx_bytes, length);
	confirm(self, keypair);
	peer_note_received(peer, (uint64_t)self->now_ms, packet_length > 0);
	keep_key_fresh(self, peer);
	if (packet_length == 0)
		count(&peer->keepalives_received, 1);
	else
		deliver(self, peer, packet, packet_length, message->traffic_class & ECN_MASK);
}

static void receive_handshake(struct decapsulator *self, const struct udp_received *message, uint8_t *datagram, uint32_t length)
{
	struct device *device = self->device;
	const struct endpoint *from = &message->from;
	uint8_t reply[MESSAGE_COOKIE_REPLY_BYTES];
	enum gate_verdict verdict = gate_judge(&device->gate, datagram, length, from, self->now_ms);

	if (gate_tells_load(&device->gate, self->now_ms))
		upcall(&device->upcalls, &(struct upcall){ .kind = UPCALL_UNDER_LOAD }, NULL);
	if (verdict == GATE_PASSES)
		return hand_to_core(device, message, datagram, length);
	if (verdict == GATE_WANTS_PROOF && gate_cookie_reply(&device->gate, datagram, length, from, reply))
		udp_send_one(device->udp, from, reply, sizeof(reply), DSCP_AF41);
	device_dropped(device, NULL, verdict == GATE_STRANGER ? DROP_MAC1_INVALID : DROP_UNDER_LOAD, 1);
}

static void receive_datagram(struct decapsulator *self, const struct udp_received *message, uint8_t *datagram, uint32_t length)
{
	struct device *device = self->device;

	if (!atomic_load_explicit(&device->is_ready, memory_order_relaxed))
		device_dropped(device, NULL, DROP_DEVICE_NOT_READY, 1);
	else if (length < MESSAGE_KEEPALIVE_BYTES || (datagram[1] | datagram[2] | datagram[3]) != 0)
		device_dropped(device, NULL, DROP_MALFORMED_MESSAGE, 1);
	else if (datagram[0] == MESSAGE_TRANSPORT_TYPE)
		receive_transport(self, message, datagram, length);
	else if (!is_handshake(datagram, length))
		device_dropped(device, NULL, DROP_MALFORMED_MESSAGE, 1);
	else
		receive_handshake(self, message, datagram, length);
}

static void receive_message(struct decapsulator *self, const struct udp_received *message)
{
	self->last_peer = NULL;
	for (uint32_t offset = 0; offset < message->length; offset += message->segment_length) {
		uint32_t left = message->length - offset;

		receive_datagram(self, message, message->bytes + offset,
				 left < message->segment_length ? left : message->segment_length);
	}
}

static bool is_lone(const struct udp_received *received, int n)
{
	return n == 1 && received->length <= received->segment_length;
}

static void drain(struct decapsulator *self, int fd)
{
	int n = UDP_RECEIVE_MESSAGES;

	for (int budget = RECEIVE_BUDGET; budget > 0 && n == UDP_RECEIVE_MESSAGES; budget--) {
		n = udp_receive(&self->receiver, fd, self->received);
		if (n == 0)
			return;
		self->now_ms = device_now_ms(self->device);
		pthread_rwlock_rdlock(&self->device->lock);
		for (int i = 0; i < n; i++)
			receive_message(self, &self->received[i]);
		pthread_rwlock_unlock(&self->device->lock);
		bool is_delivered = self->gro.n_items > 0;
		write_frames(self);
		/*
		 * Somebody may wait for the answer to what came alone (a ping, a request): then this thread carries it
		 * too, for waking another takes longer than all else. A handshake or a stranger's has none there.
		 */
		if (!is_lone(self->received, n))
			self->is_busy = true;
		else if (is_delivered && encapsulate_answer(self->device, self->stop_fd))
			self->has_sent = true;
	}
}

/* Carries what the interface has to send; the first frame leaves before anybody looks for another. */
static void send_waiting(struct decapsulator *self)
{
	enum encapsulated result = encapsulate_waiting(self->device, self->stop_fd, 1);

	if (result == ENCAPSULATED_SOME) {
		self->has_sent = true;
		result = encapsulate_waiting(self->device, self->stop_fd, SEND_BUDGET - 1);
	}
	if (result == ENCAPSULATED_GONE)
		device_interface_gone(self->device, errno);
	if (result != ENCAPSULATED_ALL)
		self->is_busy = true;
}

static bool listen_to(struct decapsulator *self, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return fd < 0 || epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void take_interface(struct decapsulator *self)
{
	struct turn *turn = &self->device->turn;

	turn_was_told(turn->receiver_fd);
	if (self->has_interface || !turn_is_receivers(turn))
		return;
	self->has_interface = listen_to(self, self->device->tun);
	if (!self->has_interface)
		turn_to_sender(turn);
}

static void give_interface(struct decapsulator *self)
{
	epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, self->device->tun, NULL);
	self->has_interface = false;
	turn_to_sender(&self->device->turn);
}

/* Waits once; false where the thread is to end. */
static bool step(struct decapsulator *self)
{
	struct epoll_event events[8];
	int n = self->has_sent && self->has_interface ? lookout_wait(&self->lookout, self->epoll_fd, events, 8) :
							epoll_wait(self->epoll_fd, events, 8, -1);

	self->is_busy = self->has_sent = false;
	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;

		if (fd == self->stop_fd)
			return false;
		if (fd == self->device->turn.receiver_fd)
			take_interface(self);
		else if (fd == self->device->tun)
			send_waiting(self);
		else
			drain(self, fd);
	}
	if (self->is_busy && self->has_interface)
		give_interface(self);
	return n >= 0 || errno == EINTR;
}

static bool init(struct decapsulator *self, struct worker *worker)
{
	struct device *device = worker->device;

	self->device = device;
	self->stop_fd = worker->stop_fd;
	self->gro.merges_tcp = device->merges_tcp;
	self->gro.merges_udp = atomic_load(&device->merges_udp);
	gro_reset(&self->gro);
	self->packets = aligned_alloc(64, UDP_RECEIVE_BUFFER_BYTES);
	self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return self->packets != NULL && udp_receiver_init(&self->receiver) && self->epoll_fd >= 0 &&
	       listen_to(self, self->stop_fd) && listen_to(self, device->turn.receiver_fd) &&
	       listen_to(self, worker->udp->v4) && listen_to(self, worker->udp->v6);
}

static void decapsulator_free(struct decapsulator *self)
{
	if (self == NULL)
		return;
	if (self->epoll_fd >= 0)
		close(self->epoll_fd);
	udp_receiver_free(&self->receiver);
	free(self->packets);
	free(self);
}

void *decapsulate_main(void *argument)
{
	struct worker *worker = argument;
	struct turn *turn = &worker->device->turn;
	struct decapsulator *self = calloc(1, sizeof(*self));

	pthread_setname_np(pthread_self(), "decapsulate");
	if (self != NULL && init(self, worker)) {
		turn_receiver_starts(turn);
		while (step(self))
			;
		turn_receiver_ends(turn);
	} else {
		upcall(&worker->device->upcalls, &(struct upcall){ .kind = UPCALL_GONE, .number = ENOMEM }, NULL);
	}
	decapsulator_free(self);
	return NULL;
}
