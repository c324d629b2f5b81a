#define _GNU_SOURCE
#include "device.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "gso.h"

enum { FIRST_BUCKETS = 64, STACK_BYTES = 512 * 1024 };

struct device *device_new(int tun, uint32_t mtu, void (*announce)(void *context), void *context)
{
	struct device *device = calloc(1, sizeof(*device));
	pthread_rwlockattr_t attributes;

	if (device == NULL)
		return NULL;
	/* The core, which changes tables, must not starve behind threads that always read. */
	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&device->lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
	trie_init(&device->allowed_ips[0], 32);
	trie_init(&device->allowed_ips[1], 128);
	pthread_mutex_init(&device->sending, NULL);
	upcalls_init(&device->upcalls, announce, context);
	device->tun = tun;
	atomic_store(&device->mtu, mtu);
	device->n_buckets = FIRST_BUCKETS;
	device->buckets = calloc(device->n_buckets, sizeof(*device->buckets));
	device->encapsulator = encapsulator_new(device);
	bool has_turn = turn_init(&device->turn);
	if (device->buckets != NULL && device->encapsulator != NULL && has_turn)
		return device;
	device_free(device);
	return NULL;
}

/* A running thread; NULL and errno where there is none. It takes a reference to `udp`. */
static struct worker *start_worker(struct device *device, struct udp *udp, void *(*main)(void *))
{
	struct worker *worker = calloc(1, sizeof(*worker));
	pthread_attr_t attributes;
	sigset_t all, before;

	if (worker == NULL)
		return NULL;
	worker->device = device;
	worker->udp = udp;
	worker->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->stop_fd < 0) {
		free(worker);
		return NULL;
	}
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	/* Signals are the event loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&worker->thread, &attributes, main, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (error == 0) {
		if (udp != NULL)
			udp_ref(udp);
		return worker;
	}
	close(worker->stop_fd);
	free(worker);
	errno = error;
	return NULL;
}

static void stop_worker(struct worker *worker)
{
	uint64_t one = 1;

	if (worker == NULL)
		return;
	while (write(worker->stop_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	pthread_join(worker->thread, NULL);
	close(worker->stop_fd);
	udp_unref(worker->udp);
	free(worker);
}

void device_free(struct device *device)
{
	/* The receiver first: it may be about an answer, for which the sender waits. */
	device_close_sockets(device);
	stop_worker(device->sender);
	for (uint32_t id = 0; id < device->n_peer_slots; id++)
		device_remove_peer(device, id);
	free(device->peers);
	free(device->buckets);
	trie_free(&device->allowed_ips[0]);
	trie_free(&device->allowed_ips[1]);
	upcalls_free(&device->upcalls);
	free(device->encapsulator);
	turn_free(&device->turn);
	pthread_mutex_destroy(&device->sending);
	pthread_rwlock_destroy(&device->lock);
	free(device);
}

double device_now_ms(const struct device *device)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6 + device->clock_offset_ms;
}

int device_start(struct device *device)
{
	device->sender = start_worker(device, NULL, encapsulate_main);
	return device->sender == NULL ? errno : 0;
}

static void use_sockets(struct device *device, struct udp *udp)
{
	pthread_rwlock_wrlock(&device->lock);
	struct udp *old = device->udp;
	device->udp = udp;
	pthread_rwlock_unlock(&device->lock);
	udp_unref(old);
}

int device_bind(struct device *device, uint16_t port)
{
	struct udp *udp = udp_open(port, device->uses_udp_gso, device->uses_udp_gro);

	if (udp == NULL)
		return errno;
	/* Sessions are for one receiving thread at a time: the old one ends before the new one begins. */
	stop_worker(device->receiver);
	device->receiver = start_worker(device, udp, decapsulate_main);
	if (device->receiver == NULL) {
		int error = errno;

		udp_unref(udp);
		if (device->udp != NULL)
			device->receiver = start_worker(device, device->udp, decapsulate_main);
		return error;
	}
	use_sockets(device, udp);
	return 0;
}

void device_close_sockets(struct device *device)
{
	use_sockets(device, NULL);
	stop_worker(device->receiver);
	device->receiver = NULL;
}

struct peer *device_peer(const struct device *device, uint32_t id)
{
	return id < device->n_peer_slots ? device->peers[id] : NULL;
}

void device_choose_source(struct device *device, struct endpoint *to)
{
	bool is_answer = reply_sources_take(&device->reply_sources, to);

	for (uint32_t id = 0; id < device->n_peer_slots; id++) {
		struct peer *peer = device->peers[id];
		struct endpoint endpoint;

		if (peer == NULL)
			continue;
		if (is_answer) {
			peer_set_source(peer, to);
			continue;
		}
		endpoint = peer_endpoint(peer);
		if (endpoint.has_source && endpoint_is_same_place(&endpoint, to)) {
			*to = endpoint;
			return;
		}
	}
}

void device_forget_source(struct device *device, const struct endpoint *to)
{
	for (uint32_t id = 0; id < device->n_peer_slots; id++) {
		struct peer *peer = device->peers[id];
		struct endpoint endpoint;

		if (peer == NULL)
			continue;
		endpoint = peer_endpoint(peer);
		if (endpoint_is_same_place(&endpoint, to))
			peer_clear_source(peer);
	}
}

void device_set_cookie_keys(struct device *device, const struct cookie_keys *keys)
{
	pthread_rwlock_wrlock(&device->lock);
	device->gate.keys = *keys;
	device->gate.has_keys = true;
	pthread_rwlock_unlock(&device->lock);
}

static bool grow_peers(struct device *device, uint32_t id)
{
	uint32_t n = device->n_peer_slots == 0 ? 16 : device->n_peer_slots;

	while (n <= id)
		n *= 2;
	if (n == device->n_peer_slots)
		return true;
	struct peer **peers = realloc(device->peers, n * sizeof(*peers));
	if (peers == NULL)
		return false;
	memset(peers + device->n_peer_slots, 0, (n - device->n_peer_slots) * sizeof(*peers));
	device->peers = peers;
	device->n_peer_slots = n;
	return true;
}

struct peer *device_add_peer(struct device *device, uint32_t id)
{
	struct peer *peer = peer_new(id);

	pthread_rwlock_wrlock(&device->lock);
	if (peer == NULL || device_peer(device, id) != NULL || !grow_peers(device, id)) {
		if (peer != NULL)
			peer_free(peer);
		peer = NULL;
	} else {
		device->peers[id] = peer;
	}
	pthread_rwlock_unlock(&device->lock);
	return peer;
}

/* Takes a keypair out of the table and frees it. */
static void drop_keypair(struct device *device, struct keypair **slot)
{
	struct keypair *keypair = *slot;
	struct keypair *expected = keypair;

	*slot = keypair->next_in_bucket;
	device->n_keypairs--;
	atomic_compare_exchange_strong(&keypair->peer->sending, &expected, NULL);
	keypair_free(keypair);
}

void device_remove_peer(struct device *device, uint32_t id)
{
	pthread_rwlock_wrlock(&device->lock);
	struct peer *peer = device_peer(device, id);
	if (peer != NULL) {
		for (uint32_t i = 0; i < device->n_buckets; i++)
			for (struct keypair **slot = &device->buckets[i]; *slot != NULL;)
				if ((*slot)->peer == peer)
					drop_keypair(device, slot);
				else
					slot = &(*slot)->next_in_bucket;
		device->peers[id] = NULL;
		peer_free(peer);
	}
	pthread_rwlock_unlock(&device->lock);
}

bool device_set_allowed_ip(struct device *device, const uint8_t *address, uint8_t n_bytes, uint8_t length, uint32_t id)
{
	pthread_rwlock_wrlock(&device->lock);
	struct peer *peer = device_peer(device, id);
	bool is_set = peer != NULL && trie_insert(&device->allowed_ips[n_bytes == 4 ? 0 : 1], address, length, peer);
	pthread_rwlock_unlock(&device->lock);
	return is_set;
}

void device_remove_allowed_ip(struct device *device, const uint8_t *address, uint8_t n_bytes, uint8_t length)
{
	pthread_rwlock_wrlock(&device->lock);
	trie_remove(&device->allowed_ips[n_bytes == 4 ? 0 : 1], address, length);
	pthread_rwlock_unlock(&device->lock);
}

struct peer *device_route(const struct device *device, const uint8_t *address, uint8_t family)
{
	return trie_lookup(&device->allowed_ips[family == 4 ? 0 : 1], address);
}

/* Indices are random: their low bits choose the bucket. */
static struct keypair **bucket_of(const struct device *device, uint32_t local_index)
{
	return &device->buckets[local_index & (device->n_buckets - 1)];
}

struct keypair *device_keypair(const struct device *device, uint32_t local_index)
{
	struct keypair *keypair = *bucket_of(device, local_index);

	while (keypair != NULL && keypair->local_index != local_index)
		keypair = keypair->next_in_bucket;
	return keypair;
}

static void grow_buckets(struct device *device)
{
	uint32_t n = device->n_buckets;
	struct keypair **old = device->buckets;
	struct keypair **buckets = calloc((size_t)n * 2, sizeof(*buckets));

	/* Longer chains are slower, not wrong. */
	if (buckets == NULL)
		return;
	device->buckets = buckets;
	device->n_buckets = n * 2;
	for (uint32_t i = 0; i < n; i++)
		for (struct keypair *keypair = old[i], *next; keypair != NULL; keypair = next) {
			struct keypair **bucket = bucket_of(device, keypair->local_index);

			next = keypair->next_in_bucket;
			keypair->next_in_bucket = *bucket;
			*bucket = keypair;
		}
	free(old);
}

bool device_add_keypair(struct device *device, struct keypair *keypair)
{
	pthread_rwlock_wrlock(&device->lock);
	bool is_new = device_keypair(device, keypair->local_index) == NULL;
	if (is_new) {
		if (++device->n_keypairs > device->n_buckets)
			grow_buckets(device);
		struct keypair **bucket = bucket_of(device, keypair->local_index);
		keypair->next_in_bucket = *bucket;
		*bucket = keypair;
	}
	pthread_rwlock_unlock(&device->lock);
	return is_new;
}

void device_remove_keypair(struct device *device, uint32_t local_index)
{
	pthread_rwlock_wrlock(&device->lock);
	struct keypair **slot = bucket_of(device, local_index);
	while (*slot != NULL && (*slot)->local_index != local_index)
		slot = &(*slot)->next_in_bucket;
	if (*slot != NULL)
		drop_keypair(device, slot);
	pthread_rwlock_unlock(&device->lock);
}

void device_set_sending(struct device *device, uint32_t id, uint32_t local_index)
{
	pthread_rwlock_wrlock(&device->lock);
	struct peer *peer = device_peer(device, id);
	struct keypair *keypair = device_keypair(device, local_index);
	if (peer != NULL && keypair != NULL && keypair->peer == peer) {
		atomic_store(&keypair->is_unconfirmed, false);
		atomic_store(&peer->sending, keypair);
	}
	pthread_rwlock_unlock(&device->lock);
}

void device_dropped(struct device *device, struct peer *peer, enum drop_reason reason, uint64_t n)
{
	count(&device->drops[reason], n);
	if (peer != NULL)
		count(&peer->drops[reason], n);
}

void device_wish_rekey(struct device *device, struct peer *peer, double now_ms, bool by_receiving)
{
	uint64_t now = (uint64_t)now_ms;
	uint64_t last = atomic_load_explicit(&peer->rekey_wished_ms, memory_order_relaxed);

	if (now - last < REKEY_WISH_INTERVAL_MS)
		return;
	if (atomic_compare_exchange_strong(&peer->rekey_wished_ms, &last, now))
		upcall(&device->upcalls,
		       &(struct upcall){ .kind = UPCALL_REKEY, .number = peer->id, .length = by_receiving }, NULL);
}

void device_interface_gone(struct device *device, int error)
{
	if (!atomic_exchange(&device->is_gone, true))
		upcall(&device->upcalls, &(struct upcall){ .kind = UPCALL_GONE, .number = (uint32_t)error }, NULL);
}

bool device_write_packet(struct device *device, uint8_t *packet, uint32_t length)
{
	uint8_t *frame = packet - VNET_HEADER_BYTES;

	memset(frame, 0, VNET_HEADER_BYTES);
	return write(device->tun, frame, length + VNET_HEADER_BYTES) == (ssize_t)(length + VNET_HEADER_BYTES);
}
