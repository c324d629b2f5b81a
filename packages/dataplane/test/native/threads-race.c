/*
 * Two devices with their real threads, over UDP on the loopback, while the core's thread changes everything that it may:
 * `threads-race SEED ROUNDS`. To be built with ThreadSanitizer. Socket pairs stand for the interfaces. Goes on past its
 * rounds until enough has happened, and prints counts.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "device.h"
#include "threads-traffic.h"

enum { MTU = 65535, MAX_KEYPAIRS = 3, EXTRA_PREFIXES = 32, HANDSHAKE_BYTES = 148, ROUND_NS = 300 * 1000, MIN_INTACT = 1000 };

/* A device, and what its core knows of it. */
struct end {
	struct device *device;
	int tun;
	uint8_t number;
	uint16_t port;
	uint32_t peer_id;
	uint32_t indices[MAX_KEYPAIRS]; /* 0: none */
	_Atomic uint32_t n_announced;
	struct host host;
};

static struct end ends[2];
static uint64_t random_state;
static uint32_t next_index = 1, next_peer_id;
static uint64_t n_upcalls[UPCALL_KINDS], n_drops[DROP_REASONS];

static uint32_t below(uint32_t limit) { return random_below(&random_state, limit); }

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static struct end *other(const struct end *end) { return &ends[end == &ends[0] ? 1 : 0]; }

static void announce(void *context) { atomic_fetch_add(&((struct end *)context)->n_announced, 1); }

static struct endpoint endpoint_of(const struct end *end)
{
	struct endpoint endpoint = { 0 };

	if (below(2) == 0) {
		endpoint.to.v4 = (struct sockaddr_in){ .sin_family = AF_INET,
						       .sin_port = htons(end->port),
						       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		/* Once in a while one that is not ours, as after an address went. */
		endpoint.has_source = below(4) == 0;
		endpoint.source.v4.s_addr = htonl(below(2) == 0 ? INADDR_LOOPBACK : 0xc0000201);
	} else {
		endpoint.to.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
							.sin6_port = htons(end->port),
							.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	}
	return endpoint;
}

static void point_at_other(struct end *end)
{
	struct endpoint endpoint = endpoint_of(other(end));

	peer_set_endpoint(device_peer(end->device, end->peer_id), &endpoint);
}

static void allow_other(struct end *end)
{
	uint8_t address[] = { 10, 0, 0, other(end)->number };

	require(device_set_allowed_ip(end->device, address, 4, 32, end->peer_id), "an allowed IP is set");
}

static void forbid_other(struct end *end)
{
	uint8_t address[] = { 10, 0, 0, other(end)->number };

	device_remove_allowed_ip(end->device, address, 4, 32);
}

static void change_prefixes(struct end *end)
{
	for (uint32_t i = 0; i < EXTRA_PREFIXES; i++) {
		uint8_t address[16] = { 10, (uint8_t)below(4), (uint8_t)below(256) };
		uint8_t n_bytes = below(2) == 0 ? 4 : 16;

		if (below(2) == 0)
			device_set_allowed_ip(end->device, address, n_bytes, (uint8_t)(16 + below(9)), end->peer_id);
		else
			device_remove_allowed_ip(end->device, address, n_bytes, (uint8_t)(16 + below(9)));
	}
}

static void forget_prefixes(struct end *end)
{
	uint8_t address[16] = { 10 };

	for (address[1] = 0; address[1] < 4; address[1]++)
		for (uint32_t third = 0; third < 256; third++) {
			address[2] = (uint8_t)third;
			for (uint8_t length = 16; length <= 24; length++) {
				device_remove_allowed_ip(end->device, address, 4, length);
				device_remove_allowed_ip(end->device, address, 16, length);
			}
		}
}

static void add_peer(struct end *end)
{
	end->peer_id = next_peer_id++ % 40;
	require(device_add_peer(end->device, end->peer_id) != NULL, "a peer is added");
	memset(end->indices, 0, sizeof(end->indices));
	point_at_other(end);
	allow_other(end);
}

static void replace_peer(struct end *end)
{
	forbid_other(end);
	forget_prefixes(end);
	device_remove_peer(end->device, end->peer_id);
	add_peer(end);
}

/* Gives one end its half of a session; the oldest one goes. */
static void add_keypair(struct end *end, const uint8_t *send, const uint8_t *receive, uint32_t local, uint32_t remote,
			bool is_initiator, double age_ms)
{
	struct keypair *keypair = keypair_new(device_peer(end->device, end->peer_id), send, receive);

	require(keypair != NULL, "a keypair is made");
	keypair->local_index = local;
	keypair->remote_index = remote;
	keypair->is_initiator = is_initiator;
	keypair->created_ms = device_now_ms(end->device) - age_ms;
	atomic_store(&keypair->is_unconfirmed, !is_initiator);
	require(device_add_keypair(end->device, keypair), "an index is new");
	if (end->indices[MAX_KEYPAIRS - 1] != 0)
		device_remove_keypair(end->device, end->indices[MAX_KEYPAIRS - 1]);
	memmove(end->indices + 1, end->indices, sizeof(end->indices) - sizeof(end->indices[0]));
	end->indices[0] = local;
	if (is_initiator)
		device_set_sending(end->device, end->peer_id, local);
}

/* A session from one end to the other; some are so old that they should be renewed. */
static void new_session(struct end *from)
{
	uint8_t keys[2][AEAD_KEY_BYTES];
	uint32_t indices[] = { next_index++, next_index++ };
	double age_ms = below(3) == 0 ? (below(2) == 0 ? REKEY_AFTER_TIME_MS : REJECT_AFTER_TIME_MS - 5000) + 1 : 0;

	for (uint32_t i = 0; i < AEAD_KEY_BYTES; i++) {
		keys[0][i] = (uint8_t)below(256);
		keys[1][i] = (uint8_t)below(256);
	}
	add_keypair(other(from), keys[1], keys[0], indices[1], indices[0], false, age_ms);
	add_keypair(from, keys[0], keys[1], indices[0], indices[1], true, age_ms);
}

static void bind_anew(struct end *end)
{
	if (below(3) == 0)
		device_close_sockets(end->device);
	require(device_bind(end->device, 0) == 0, "a port is free");
	end->port = end->device->udp->port;
	if (below(3) != 0)
		point_at_other(other(end)); /* else it has to hear of it */
}

static void open_end(struct end *end)
{
	struct device *device = device_new(end->tun, MTU, announce, end);

	require(device != NULL, "a device is made");
	end->device = device;
	device->merges_tcp = true;
	atomic_store(&device->merges_udp, true);
	device->uses_udp_gso = below(3) != 0;
	device->uses_udp_gro = below(3) != 0;
	atomic_store(&device->is_ready, true);
	require(device_start(device) == 0 && device_bind(device, 0) == 0, "a device starts");
	end->port = device->udp->port;
}

static void take_upcalls(struct end *end)
{
	for (struct upcall *item = upcalls_take(&end->device->upcalls), *next; item != NULL; item = next) {
		next = item->next;
		n_upcalls[item->kind]++;
		if (item->kind == UPCALL_DATAGRAM)
			reply_sources_note(&end->device->reply_sources, &item->from);
		if (item->kind == UPCALL_TOO_LONG && device_peer(end->device, item->number) != NULL)
			atomic_store(&device_peer(end->device, item->number)->path_mtu, 0);
		free(item);
	}
	for (int i = 0; i < DROP_REASONS; i++)
		n_drops[i] += atomic_exchange(&end->device->drops[i], 0);
}

static void reopen(struct end *end)
{
	take_upcalls(end);
	device_free(end->device);
	open_end(end);
	add_peer(end);
	point_at_other(other(end));
}

/* What the core does with a peer that it was told nothing of. */
static void read_and_mark(struct end *end)
{
	struct peer *peer = device_peer(end->device, end->peer_id);
	uint64_t now_ms = (uint64_t)device_now_ms(end->device);

	atomic_exchange(&peer->rx_bytes, 0);
	atomic_exchange(&peer->tx_packets, 0);
	peer_note_sent(peer, now_ms, below(2) == 0);
	peer_note_received(peer, now_ms, below(2) == 0);
	if (below(4) == 0)
		peer_clear_marks(peer);
	if (below(4) == 0)
		peer_clear_source(peer);
}

/* A message of the core, as a handshake's. */
static void send_message(struct end *end)
{
	uint8_t bytes[HANDSHAKE_BYTES] = { MESSAGE_INITIATION };
	struct endpoint to = endpoint_of(other(end));

	for (uint32_t n = 1 + below(8); n > 0; n--) {
		bytes[HANDSHAKE_BYTES - 1] = (uint8_t)below(2);
		device_choose_source(end->device, &to);
		int error = udp_send_one(end->device->udp, &to, bytes, sizeof(bytes), DSCP_AF41);
		if (to.has_source && udp_is_source_gone(error))
			device_forget_source(end->device, &to);
	}
}

static void use_counter(struct end *end)
{
	struct keypair *keypair = device_keypair(end->device, end->indices[0]);
	uint64_t counter;

	if (keypair != NULL && keypair_take_counter(keypair, &counter))
		atomic_fetch_add(&keypair->next_counter, below(3));
}

static void change_device(struct end *end)
{
	struct cookie_keys keys = { .secret = { (uint8_t)below(256) } };

	atomic_store(&end->device->mtu, below(4) == 0 ? 1280 + below(200) : MTU);
	atomic_store(&end->device->is_ready, below(4) != 0);
	device_set_cookie_keys(end->device, &keys);
	udp_set_mark(end->device->udp, 0);
	atomic_store(&device_peer(end->device, end->peer_id)->path_mtu, below(4) == 0 ? 1280 : 0);
}

static void change_something(struct end *end, uint32_t round)
{
	static void (*const CHANGES[])(struct end *) = { change_prefixes, point_at_other, read_and_mark, send_message,
							 use_counter,	  change_device,  new_session };

	/* What interrupts for longer comes seldom, so that packets pass in between. */
	if (round % 400 == 399)
		reopen(end);
	else if (round % 100 == 99)
		replace_peer(end);
	else if (round % 50 == 49)
		bind_anew(end);
	else
		CHANGES[below(sizeof(CHANGES) / sizeof(CHANGES[0]))](end);
	if (round % 50 == 49 || round % 100 == 99)
		new_session(end);
	if (atomic_exchange(&end->n_announced, 0) > 0)
		take_upcalls(end);
	atomic_store(&end->device->is_ready, true);
}

/* Whether packets came through, and the core was told all that it can be told while an interface is there. */
static bool has_seen_all(void)
{
	for (int kind = 0; kind < UPCALL_GONE; kind++)
		if (n_upcalls[kind] == 0)
			return false;
	return atomic_load(&ends[0].host.n_intact) >= MIN_INTACT && atomic_load(&ends[1].host.n_intact) >= MIN_INTACT;
}

static void print_counts(const char *name, const uint64_t *counts, int n)
{
	printf(",\"%s\":[", name);
	for (int i = 0; i < n; i++)
		printf("%s%llu", i == 0 ? "" : ",", (unsigned long long)counts[i]);
	printf("]");
}

int main(int n_arguments, char **arguments)
{
	uint32_t n_rounds = n_arguments > 2 ? (uint32_t)strtoul(arguments[2], NULL, 10) : 1000;

	random_state = (n_arguments > 1 ? strtoull(arguments[1], NULL, 10) : 1) * 0x9e3779b97f4a7c15 + 1;
	for (int i = 0; i < 2; i++) {
		int pair[2];

		require(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0, "a socket pair");
		ends[i].tun = pair[0];
		ends[i].number = (uint8_t)(i + 1);
		open_end(&ends[i]);
		host_start(&ends[i].host, pair[1], ends[i].number, random_state + (uint64_t)i + 1);
	}
	add_peer(&ends[0]);
	add_peer(&ends[1]);
	new_session(&ends[0]);
	uint32_t round = 0;
	for (; round < n_rounds || (n_rounds > 0 && !has_seen_all()); round++) {
		change_something(&ends[below(2)], round);
		nanosleep(&(struct timespec){ .tv_nsec = ROUND_NS }, NULL);
	}
	uint64_t n_intact = 0, n_broken = 0;
	for (int i = 0; i < 2; i++) {
		host_stop(&ends[i].host);
		take_upcalls(&ends[i]);
		device_free(ends[i].device);
		n_intact += atomic_load(&ends[i].host.n_intact);
		n_broken += atomic_load(&ends[i].host.n_broken);
		close(ends[i].tun);
		close(ends[i].host.fd);
	}
	printf("{\"rounds\":%u,\"intact\":%llu,\"broken\":%llu", round, (unsigned long long)n_intact,
	       (unsigned long long)n_broken);
	print_counts("upcalls", n_upcalls, UPCALL_KINDS);
	print_counts("drops", n_drops, DROP_REASONS);
	printf("}\n");
	return n_broken == 0 ? 0 : 1;
}
