#include "peer.h"

#include <stdlib.h>
#include <string.h>

struct peer *peer_new(uint32_t id)
{
	struct peer *peer = aligned_alloc(64, (sizeof(*peer) + 63) / 64 * 64);

	if (peer == NULL)
		return NULL;
	memset(peer, 0, sizeof(*peer));
	peer->id = id;
	atomic_flag_clear(&peer->endpoint_lock);
	return peer;
}

void peer_free(struct peer *peer) { free(peer); }

/* The lock is held for a copy of a few bytes. */
static void lock_endpoint(struct peer *peer)
{
	while (atomic_flag_test_and_set_explicit(&peer->endpoint_lock, memory_order_acquire))
		;
}

static void unlock_endpoint(struct peer *peer)
{
	atomic_flag_clear_explicit(&peer->endpoint_lock, memory_order_release);
}

struct endpoint peer_endpoint(struct peer *peer)
{
	lock_endpoint(peer);
	struct endpoint endpoint = peer->endpoint;
	unlock_endpoint(peer);
	return endpoint;
}

void peer_set_endpoint(struct peer *peer, const struct endpoint *endpoint)
{
	lock_endpoint(peer);
	peer->endpoint = *endpoint;
	unlock_endpoint(peer);
	atomic_store_explicit(&peer->gso_limit, 0, memory_order_relaxed);
}

void peer_clear_source(struct peer *peer)
{
	lock_endpoint(peer);
	peer->endpoint.has_source = false;
	unlock_endpoint(peer);
}

void peer_set_source(struct peer *peer, const struct endpoint *endpoint)
{
	lock_endpoint(peer);
	if (endpoint_is_same_place(&peer->endpoint, endpoint))
		peer->endpoint = *endpoint;
	unlock_endpoint(peer);
}

bool endpoint_is_same_place(const struct endpoint *a, const struct endpoint *b)
{
	if (a->to.any.sa_family != b->to.any.sa_family)
		return false;
	if (a->to.any.sa_family == AF_INET)
		return a->to.v4.sin_port == b->to.v4.sin_port &&
		       a->to.v4.sin_addr.s_addr == b->to.v4.sin_addr.s_addr;
	return a->to.v6.sin6_port == b->to.v6.sin6_port && a->to.v6.sin6_scope_id == b->to.v6.sin6_scope_id &&
	       memcmp(&a->to.v6.sin6_addr, &b->to.v6.sin6_addr, sizeof(struct in6_addr)) == 0;
}

bool peer_roam(struct peer *peer, const struct endpoint *from)
{
	lock_endpoint(peer);
	bool has_moved = !endpoint_is_same_place(&peer->endpoint, from);
	peer->endpoint = *from;
	unlock_endpoint(peer);
	if (has_moved) {
		atomic_store_explicit(&peer->gso_limit, 0, memory_order_relaxed);
		atomic_store_explicit(&peer->path_mtu, 0, memory_order_relaxed);
	}
	return has_moved;
}

static void store_if_other(_Atomic uint64_t *mark, uint64_t value)
{
	if (atomic_load_explicit(mark, memory_order_relaxed) != value)
		atomic_store_explicit(mark, value, memory_order_relaxed);
}

void peer_note_sent(struct peer *peer, uint64_t now_ms, bool has_data)
{
	store_if_other(&peer->last_sent_ms, now_ms);
	store_if_other(&peer->data_received_since_ms, 0);
	if (has_data && atomic_load_explicit(&peer->data_sent_since_ms, memory_order_relaxed) == 0)
		atomic_store_explicit(&peer->data_sent_since_ms, now_ms, memory_order_relaxed);
}

void peer_note_received(struct peer *peer, uint64_t now_ms, bool has_data)
{
	store_if_other(&peer->last_received_ms, now_ms);
	store_if_other(&peer->data_sent_since_ms, 0);
	if (!has_data)
		return;
	if (atomic_load_explicit(&peer->data_received_since_ms, memory_order_relaxed) == 0)
		atomic_store_explicit(&peer->data_received_since_ms, now_ms, memory_order_relaxed);
	else if (!atomic_load_explicit(&peer->is_more_received, memory_order_relaxed))
		atomic_store_explicit(&peer->is_more_received, true, memory_order_relaxed);
}

void peer_clear_marks(struct peer *peer)
{
	atomic_store(&peer->data_sent_since_ms, 0);
	atomic_store(&peer->data_received_since_ms, 0);
	atomic_store(&peer->is_more_received, false);
	atomic_store(&peer->last_sent_ms, 0);
	atomic_store(&peer->last_received_ms, 0);
}

struct keypair *keypair_new(struct peer *peer, const uint8_t *send_key, const uint8_t *receive_key)
{
	struct keypair *keypair = aligned_alloc(64, (sizeof(*keypair) + 63) / 64 * 64);

	if (keypair == NULL)
		return NULL;
	memset(keypair, 0, sizeof(*keypair));
	keypair->peer = peer;
	if (aead_init(&keypair->send, send_key) && aead_init(&keypair->receive, receive_key))
		return keypair;
	keypair_free(keypair);
	return NULL;
}

void keypair_free(struct keypair *keypair)
{
	aead_free(&keypair->send);
	aead_free(&keypair->receive);
	free(keypair);
}
