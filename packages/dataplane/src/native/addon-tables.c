/* Peers, allowed IPs and sessions. */
#define _GNU_SOURCE
#include <string.h>

#include "addon.h"
#include "call.h"

napi_value add_peer(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	return device_add_peer(call.device, number_at(&call, 1)) == NULL ? fail(env, "cannot add the peer")
									 : nothing(env);
}

napi_value remove_peer(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	device_remove_peer(call.device, number_at(&call, 1));
	return nothing(env);
}

/* setEndpoint(handle, peer, address, port): false where it cannot be reached at all; an empty address is none */
napi_value set_endpoint(napi_env env, napi_callback_info info)
{
	struct call call;
	struct endpoint endpoint;

	if (!begin(env, info, &call, 4))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	if (peer == NULL)
		return fail(env, "no such peer");
	bool is_known = endpoint_at(&call, 2, &endpoint);
	if (!is_known)
		memset(&endpoint, 0, sizeof(endpoint));
	peer_set_endpoint(peer, &endpoint);
	return boolean(env, is_known);
}

napi_value clear_source(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	if (peer != NULL)
		peer_clear_source(peer);
	return nothing(env);
}

napi_value set_path_mtu(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 3))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	if (peer == NULL)
		return fail(env, "no such peer");
	atomic_store(&peer->path_mtu, number_at(&call, 2));
	return nothing(env);
}

/* The prefix of arguments 1 and 2; false where it is none. */
static bool prefix_at(const struct call *call, uint8_t **address, size_t *n_bytes, uint32_t *length)
{
	*address = bytes_at(call->env, call->arguments[1], n_bytes);
	*length = number_at(call, 2);
	return *address != NULL && (*n_bytes == 4 || *n_bytes == 16) && *length <= *n_bytes * 8;
}

napi_value set_allowed_ip(napi_env env, napi_callback_info info)
{
	struct call call;
	uint8_t *address;
	size_t n_bytes;
	uint32_t length;

	if (!begin(env, info, &call, 4))
		return NULL;
	if (!prefix_at(&call, &address, &n_bytes, &length) ||
	    !device_set_allowed_ip(call.device, address, (uint8_t)n_bytes, (uint8_t)length, number_at(&call, 3)))
		return fail(env, "cannot set the allowed IP");
	return nothing(env);
}

napi_value remove_allowed_ip(napi_env env, napi_callback_info info)
{
	struct call call;
	uint8_t *address;
	size_t n_bytes;
	uint32_t length;

	if (!begin(env, info, &call, 3))
		return NULL;
	if (!prefix_at(&call, &address, &n_bytes, &length))
		return fail(env, "no such allowed IP");
	device_remove_allowed_ip(call.device, address, (uint8_t)n_bytes, (uint8_t)length);
	return nothing(env);
}

/* addKeypair(handle, peer, localIndex, remoteIndex, sendKey, receiveKey, isInitiator, createdAtMs) */
napi_value add_keypair(napi_env env, napi_callback_info info)
{
	struct call call;
	size_t n_send, n_receive;

	if (!begin(env, info, &call, 8))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	uint8_t *send_key = bytes_at(env, call.arguments[4], &n_send);
	uint8_t *receive_key = bytes_at(env, call.arguments[5], &n_receive);
	if (peer == NULL || n_send != AEAD_KEY_BYTES || n_receive != AEAD_KEY_BYTES)
		return fail(env, "no such peer, or no such keys");
	struct keypair *keypair = keypair_new(peer, send_key, receive_key);
	if (keypair == NULL)
		return fail(env, "cannot set up the keys");
	keypair->local_index = number_at(&call, 2);
	keypair->remote_index = number_at(&call, 3);
	keypair->is_initiator = bool_at(&call, 6);
	keypair->created_ms = double_at(&call, 7);
	atomic_store(&keypair->is_unconfirmed, !keypair->is_initiator);
	if (device_add_keypair(call.device, keypair))
		return nothing(env);
	keypair_free(keypair);
	return fail(env, "the index is in use");
}

napi_value remove_keypair(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	device_remove_keypair(call.device, number_at(&call, 1));
	return nothing(env);
}

napi_value set_sending(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 3))
		return NULL;
	device_set_sending(call.device, number_at(&call, 1), number_at(&call, 2));
	return nothing(env);
}

/* takeCounter(handle, localIndex): the counter; undefined where none is left */
napi_value take_counter(napi_env env, napi_callback_info info)
{
	struct call call;
	napi_value result;
	uint64_t counter;

	if (!begin(env, info, &call, 2))
		return NULL;
	struct keypair *keypair = device_keypair(call.device, number_at(&call, 1));
	if (keypair == NULL || !keypair_take_counter(keypair, &counter))
		return nothing(env);
	napi_create_bigint_uint64(env, counter, &result);
	return result;
}

napi_value n_sent(napi_env env, napi_callback_info info)
{
	struct call call;
	napi_value result;

	if (!begin(env, info, &call, 2))
		return NULL;
	struct keypair *keypair = device_keypair(call.device, number_at(&call, 1));
	napi_create_bigint_uint64(env, keypair == NULL ? REJECT_AFTER_MESSAGES : atomic_load(&keypair->next_counter),
				  &result);
	return result;
}

/* skipTo(handle, localIndex, counter) */
napi_value skip_to(napi_env env, napi_callback_info info)
{
	struct call call;
	uint64_t counter = 0;
	bool is_lossless;

	if (!begin(env, info, &call, 3))
		return NULL;
	struct keypair *keypair = device_keypair(call.device, number_at(&call, 1));
	napi_get_value_bigint_uint64(env, call.arguments[2], &counter, &is_lossless);
	if (keypair == NULL)
		return nothing(env);
	uint64_t current = atomic_load(&keypair->next_counter);
	while (current < counter && !atomic_compare_exchange_weak(&keypair->next_counter, &current, counter))
		;
	return nothing(env);
}
