/*
 * The packet path as a Node-API addon; `native-addon.ts` has its types. Only the event loop's thread calls in here.
 * Arguments come from there too: a wrong one is a programmer's mistake and throws.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "device.h"
#include "gso.h"

#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

enum { MAX_ARGUMENTS = 8 };
enum { KNOB_NO_TSO = 1, KNOB_NO_USO = 2, KNOB_NO_UDP_GSO = 4, KNOB_NO_UDP_GRO = 8 };
enum { GOT_TSO = 1, GOT_USO = 2 };

static const char *const DROP_NAMES[DROP_REASONS] = {
	[DROP_MALFORMED_MESSAGE] = "malformed-message",
	[DROP_UNKNOWN_INDEX] = "unknown-index",
	[DROP_SESSION_EXPIRED] = "session-expired",
	[DROP_AUTHENTICATION_FAILED] = "authentication-failed",
	[DROP_REPLAYED] = "replayed",
	[DROP_INNER_MALFORMED] = "inner-malformed",
	[DROP_SOURCE_NOT_ALLOWED] = "source-not-allowed",
	[DROP_SEND_FAILED] = "send-failed",
	[DROP_STAGED_OVERFLOW] = "staged-overflow",
	[DROP_UNDER_LOAD] = "under-load",
	[DROP_ECN_INVALID] = "ecn-invalid",
	[DROP_DEVICE_NOT_READY] = "device-not-ready",
};

/* A device as JavaScript holds it. */
struct handle {
	struct device *device; /* NULL: closed */
	napi_threadsafe_function announce;
	napi_env env;
};

/* The arguments of a call, and its device. */
struct call {
	napi_env env;
	size_t n;
	napi_value arguments[MAX_ARGUMENTS];
	struct handle *handle;
	struct device *device;
};

static napi_value fail(napi_env env, const char *message)
{
	napi_throw_error(env, NULL, message);
	return NULL;
}

static bool begin(napi_env env, napi_callback_info info, struct call *call, size_t n_expected)
{
	void *handle = NULL;

	*call = (struct call){ .env = env, .n = MAX_ARGUMENTS };
	if (napi_get_cb_info(env, info, &call->n, call->arguments, NULL, NULL) != napi_ok || call->n < n_expected ||
	    napi_get_value_external(env, call->arguments[0], &handle) != napi_ok) {
		fail(env, "wrong arguments");
		return false;
	}
	call->handle = handle;
	call->device = call->handle->device;
	if (call->device != NULL)
		return true;
	fail(env, "the device is closed");
	return false;
}

static uint32_t number_at(const struct call *call, size_t i)
{
	uint32_t value = 0;

	napi_get_value_uint32(call->env, call->arguments[i], &value);
	return value;
}

static double double_at(const struct call *call, size_t i)
{
	double value = 0;

	napi_get_value_double(call->env, call->arguments[i], &value);
	return value;
}

static bool bool_at(const struct call *call, size_t i)
{
	bool value = false;

	napi_get_value_bool(call->env, call->arguments[i], &value);
	return value;
}

/* The bytes of a Uint8Array; NULL where it is none, or empty. */
static uint8_t *bytes_at(napi_env env, napi_value value, size_t *length)
{
	napi_typedarray_type type;
	void *data = NULL;

	*length = 0;
	if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok ||
	    type != napi_uint8_array) {
		*length = 0;
		return NULL;
	}
	return data;
}

static napi_value number(napi_env env, double value)
{
	napi_value result = NULL;

	napi_create_double(env, value, &result);
	return result;
}

static napi_value boolean(napi_env env, bool value)
{
	napi_value result = NULL;

	napi_get_boolean(env, value, &result);
	return result;
}

static napi_value nothing(napi_env env)
{
	napi_value result = NULL;

	napi_get_undefined(env, &result);
	return result;
}

static void set(napi_env env, napi_value object, const char *name, napi_value value)
{
	napi_set_named_property(env, object, name, value);
}

/* Reads address (`fe80::1%eth0`) and port; false where there is no such interface or address. */
static bool endpoint_at(const struct call *call, size_t i, struct endpoint *endpoint)
{
	char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 2] = { 0 };
	size_t length = 0;
	uint16_t port = htons((uint16_t)number_at(call, i + 1));

	memset(endpoint, 0, sizeof(*endpoint));
	if (napi_get_value_string_latin1(call->env, call->arguments[i], text, sizeof(text), &length) != napi_ok)
		return false;
	char *zone = strchr(text, '%');
	if (zone != NULL)
		*zone++ = '\0';
	if (inet_pton(AF_INET, text, &endpoint->to.v4.sin_addr) == 1) {
		endpoint->to.v4.sin_family = AF_INET;
		endpoint->to.v4.sin_port = port;
		return true;
	}
	if (inet_pton(AF_INET6, text, &endpoint->to.v6.sin6_addr) != 1)
		return false;
	endpoint->to.v6.sin6_family = AF_INET6;
	endpoint->to.v6.sin6_port = port;
	if (zone != NULL)
		endpoint->to.v6.sin6_scope_id = if_nametoindex(zone);
	return zone == NULL || endpoint->to.v6.sin6_scope_id != 0;
}

static napi_value address_text(napi_env env, const struct endpoint *endpoint)
{
	char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 2] = { 0 };
	napi_value result = NULL;

	if (endpoint->to.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &endpoint->to.v4.sin_addr, text, sizeof(text));
	} else {
		inet_ntop(AF_INET6, &endpoint->to.v6.sin6_addr, text, INET6_ADDRSTRLEN);
		size_t length = strlen(text);
		if (endpoint->to.v6.sin6_scope_id != 0 &&
		    if_indextoname(endpoint->to.v6.sin6_scope_id, text + length + 1) != NULL)
			text[length] = '%';
	}
	napi_create_string_latin1(env, text, NAPI_AUTO_LENGTH, &result);
	return result;
}

static uint16_t port_of(const struct endpoint *endpoint)
{
	return ntohs(endpoint->to.any.sa_family == AF_INET ? endpoint->to.v4.sin_port : endpoint->to.v6.sin6_port);
}

/* Opening and closing */

static void announce(void *context)
{
	struct handle *handle = context;

	napi_call_threadsafe_function(handle->announce, NULL, napi_tsfn_nonblocking);
}

static void close_device(void *data)
{
	struct handle *handle = data;

	if (handle->device == NULL)
		return;
	device_free(handle->device);
	handle->device = NULL;
	napi_release_threadsafe_function(handle->announce, napi_tsfn_abort);
}

static void finalize(napi_env env, void *data, void *hint)
{
	struct handle *handle = data;

	(void)hint;
	if (handle->device != NULL) {
		napi_remove_env_cleanup_hook(env, close_device, handle);
		close_device(handle);
	}
	free(handle);
}

/* Asks for what the interface's kernel leaves to us; what of it was got. */
static uint32_t set_tun_offloads(int tun, uint32_t knobs)
{
	unsigned long base = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
	unsigned long uso = base | TUN_F_USO4 | TUN_F_USO6;

	if ((knobs & KNOB_NO_TSO) != 0) {
		ioctl(tun, TUNSETOFFLOAD, TUN_F_CSUM);
		return 0;
	}
	if ((knobs & KNOB_NO_USO) == 0 &&
	    (ioctl(tun, TUNSETOFFLOAD, uso | TUN_F_TSO_ECN) == 0 || ioctl(tun, TUNSETOFFLOAD, uso) == 0))
		return GOT_TSO | GOT_USO;
	if (ioctl(tun, TUNSETOFFLOAD, base | TUN_F_TSO_ECN) == 0 || ioctl(tun, TUNSETOFFLOAD, base) == 0)
		return GOT_TSO;
	ioctl(tun, TUNSETOFFLOAD, 0);
	return 0;
}

/* open(tun, mtuBytes, knobs, nowMs, onUpcall): { handle, offloads } */
static napi_value open_device(napi_env env, napi_callback_info info)
{
	struct call call = { .env = env, .n = MAX_ARGUMENTS };
	struct handle *handle = calloc(1, sizeof(*handle));
	napi_value name, result, external;

	if (handle == NULL || napi_get_cb_info(env, info, &call.n, call.arguments, NULL, NULL) != napi_ok ||
	    call.n < 5) {
		free(handle);
		return fail(env, "wrong arguments");
	}
	uint32_t knobs = number_at(&call, 2);
	handle->env = env;
	handle->device = device_new((int)number_at(&call, 0), number_at(&call, 1), announce, handle);
	napi_create_string_latin1(env, "flatland", NAPI_AUTO_LENGTH, &name);
	if (handle->device == NULL ||
	    napi_create_threadsafe_function(env, call.arguments[4], NULL, name, 0, 1, NULL, NULL, NULL, NULL,
					    &handle->announce) != napi_ok) {
		if (handle->device != NULL)
			device_free(handle->device);
		free(handle);
		return fail(env, "cannot make a device");
	}
	struct device *device = handle->device;
	uint32_t offloads = set_tun_offloads(device->tun, knobs);
	device->merges_tcp = (offloads & GOT_TSO) != 0;
	atomic_store(&device->merges_udp, (offloads & GOT_USO) != 0);
	device->uses_udp_gso = (knobs & KNOB_NO_UDP_GSO) == 0;
	device->uses_udp_gro = (knobs & KNOB_NO_UDP_GRO) == 0;
	device->clock_offset_ms = double_at(&call, 3) - device_now_ms(device);
	napi_add_env_cleanup_hook(env, close_device, handle);
	napi_create_object(env, &result);
	napi_create_external(env, handle, finalize, NULL, &external);
	set(env, result, "handle", external);
	set(env, result, "offloads", number(env, offloads));
	return result;
}

static napi_value close_call(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 1))
		return NULL;
	napi_remove_env_cleanup_hook(env, close_device, call.handle);
	close_device(call.handle);
	return nothing(env);
}

static napi_value start(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 1))
		return NULL;
	return number(env, device_start(call.device));
}

/* bind(handle, port): { errno, port, hasGro } */
static napi_value bind_call(napi_env env, napi_callback_info info)
{
	struct call call;
	napi_value result;

	if (!begin(env, info, &call, 2))
		return NULL;
	int error = device_bind(call.device, (uint16_t)number_at(&call, 1));
	napi_create_object(env, &result);
	set(env, result, "errno", number(env, error));
	set(env, result, "port", number(env, error == 0 ? call.device->udp->port : 0));
	set(env, result, "hasGro", boolean(env, error == 0 && call.device->udp->uses_gro));
	return result;
}

static napi_value close_sockets(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 1))
		return NULL;
	device_close_sockets(call.device);
	return nothing(env);
}

static napi_value set_mark(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	return number(env, call.device->udp == NULL ? ENOTCONN : udp_set_mark(call.device->udp, number_at(&call, 1)));
}

static napi_value set_mtu(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	atomic_store(&call.device->mtu, number_at(&call, 1));
	return nothing(env);
}

static napi_value set_ready(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	atomic_store(&call.device->is_ready, bool_at(&call, 1));
	return nothing(env);
}

/* What the core sends */

/* send(handle, address, port, datagram): errno */
static napi_value send_call(napi_env env, napi_callback_info info)
{
	struct call call;
	struct endpoint to;
	size_t length;

	if (!begin(env, info, &call, 4))
		return NULL;
	uint8_t *bytes = bytes_at(env, call.arguments[3], &length);
	if (bytes == NULL || !endpoint_at(&call, 1, &to))
		return number(env, EINVAL);
	if (call.device->udp == NULL)
		return number(env, ENOTCONN);
	uint8_t traffic_class = bytes[0] == MESSAGE_TRANSPORT_TYPE ? 0 : DSCP_AF41;
	device_choose_source(call.device, &to);
	int error = udp_send_one(call.device->udp, &to, bytes, length, traffic_class);
	if (to.has_source && udp_is_source_gone(error)) {
		device_forget_source(call.device, &to);
		to.has_source = false;
		error = udp_send_one(call.device->udp, &to, bytes, length, traffic_class);
	}
	return number(env, error);
}

/* write(handle, packet): whether the interface took it */
static napi_value write_call(napi_env env, napi_callback_info info)
{
	static uint8_t frame[VNET_HEADER_BYTES + 65535];
	struct call call;
	size_t length;

	if (!begin(env, info, &call, 2))
		return NULL;
	uint8_t *bytes = bytes_at(env, call.arguments[1], &length);
	if (bytes == NULL || length > 65535)
		return boolean(env, false);
	memcpy(frame + VNET_HEADER_BYTES, bytes, length);
	return boolean(env, device_write_packet(call.device, frame + VNET_HEADER_BYTES, (uint32_t)length));
}

/* Tables */

static napi_value add_peer(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	return device_add_peer(call.device, number_at(&call, 1)) == NULL ? fail(env, "cannot add the peer")
									 : nothing(env);
}

static napi_value remove_peer(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	device_remove_peer(call.device, number_at(&call, 1));
	return nothing(env);
}

/* setEndpoint(handle, peer, address, port): false where it cannot be reached at all; an empty address is none */
static napi_value set_endpoint(napi_env env, napi_callback_info info)
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

static napi_value clear_source(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	if (peer != NULL)
		peer_clear_source(peer);
	return nothing(env);
}

static napi_value set_path_mtu(napi_env env, napi_callback_info info)
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

static napi_value set_allowed_ip(napi_env env, napi_callback_info info)
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

static napi_value remove_allowed_ip(napi_env env, napi_callback_info info)
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
static napi_value add_keypair(napi_env env, napi_callback_info info)
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

static napi_value remove_keypair(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	device_remove_keypair(call.device, number_at(&call, 1));
	return nothing(env);
}

static napi_value set_sending(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 3))
		return NULL;
	device_set_sending(call.device, number_at(&call, 1), number_at(&call, 2));
	return nothing(env);
}

/* takeCounter(handle, localIndex): the counter; undefined where none is left */
static napi_value take_counter(napi_env env, napi_callback_info info)
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

static napi_value n_sent(napi_env env, napi_callback_info info)
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
static napi_value skip_to(napi_env env, napi_callback_info info)
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

/* Marks and counters */

static napi_value note(napi_env env, napi_callback_info info, void (*act)(struct peer *, uint64_t, bool))
{
	struct call call;

	if (!begin(env, info, &call, 4))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	if (peer != NULL)
		act(peer, (uint64_t)double_at(&call, 2), bool_at(&call, 3));
	return nothing(env);
}

static napi_value note_sent(napi_env env, napi_callback_info info) { return note(env, info, peer_note_sent); }

static napi_value note_received(napi_env env, napi_callback_info info) { return note(env, info, peer_note_received); }

/* setMarks(handle, peer, dataSentSinceMs, dataReceivedSinceMs, isMoreReceived): negative leaves a mark as it is */
static napi_value set_marks(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 5))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	double sent = double_at(&call, 2), received = double_at(&call, 3);
	if (peer == NULL)
		return nothing(env);
	if (sent >= 0)
		atomic_store(&peer->data_sent_since_ms, (uint64_t)sent);
	if (received >= 0)
		atomic_store(&peer->data_received_since_ms, (uint64_t)received);
	double more = double_at(&call, 4);
	if (more >= 0)
		atomic_store(&peer->is_more_received, more > 0);
	return nothing(env);
}

static double *doubles_at(const struct call *call, size_t i, size_t n_expected)
{
	napi_typedarray_type type;
	size_t length = 0;
	void *data = NULL;

	if (napi_get_typedarray_info(call->env, call->arguments[i], &type, &length, &data, NULL, NULL) != napi_ok ||
	    type != napi_float64_array || length < n_expected)
		return NULL;
	return data;
}

/* readMarks(handle, peer, Float64Array(5)) */
static napi_value read_marks(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 3))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	double *marks = doubles_at(&call, 2, 5);
	if (peer == NULL || marks == NULL)
		return fail(env, "no such peer");
	marks[0] = (double)atomic_load(&peer->data_sent_since_ms);
	marks[1] = (double)atomic_load(&peer->data_received_since_ms);
	marks[2] = atomic_load(&peer->is_more_received) ? 1 : 0;
	marks[3] = (double)atomic_load(&peer->last_sent_ms);
	marks[4] = (double)atomic_load(&peer->last_received_ms);
	return nothing(env);
}

static double take(_Atomic uint64_t *counter) { return (double)atomic_exchange(counter, 0); }

/* takeCounters(handle, peer, Float64Array(5 + DROP_REASONS)): what was counted since the last time */
static napi_value take_counters(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 3))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	double *counters = doubles_at(&call, 2, 5 + DROP_REASONS);
	if (peer == NULL || counters == NULL)
		return fail(env, "no such peer");
	counters[0] = take(&peer->rx_bytes);
	counters[1] = take(&peer->tx_bytes);
	counters[2] = take(&peer->rx_packets);
	counters[3] = take(&peer->tx_packets);
	counters[4] = take(&peer->keepalives_received);
	for (int i = 0; i < DROP_REASONS; i++)
		counters[5 + i] = take(&peer->drops[i]);
	return nothing(env);
}

/* takeDrops(handle, Float64Array(DROP_REASONS)) */
static napi_value take_drops(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	double *drops = doubles_at(&call, 1, DROP_REASONS);
	if (drops == NULL)
		return fail(env, "wrong arguments");
	for (int i = 0; i < DROP_REASONS; i++)
		drops[i] = take(&call.device->drops[i]);
	return nothing(env);
}

/* Upcalls */

static napi_value describe_upcall(napi_env env, const struct upcall *item)
{
	napi_value result, bytes;

	napi_create_object(env, &result);
	set(env, result, "kind", number(env, item->kind));
	set(env, result, "number", number(env, item->number));
	set(env, result, "length", number(env, item->length));
	if (item->kind == UPCALL_PACKET || item->kind == UPCALL_DATAGRAM) {
		napi_create_buffer_copy(env, item->length, item->bytes, NULL, &bytes);
		set(env, result, "bytes", bytes);
	}
	if (item->kind == UPCALL_DATAGRAM || item->kind == UPCALL_ROAMED || item->kind == UPCALL_TOO_LONG) {
		set(env, result, "address", address_text(env, &item->from));
		set(env, result, "port", number(env, port_of(&item->from)));
	}
	return result;
}

/* takeUpcalls(handle): what waits, oldest first */
static napi_value take_upcalls(napi_env env, napi_callback_info info)
{
	struct call call;
	napi_value result;
	uint32_t n = 0;

	if (!begin(env, info, &call, 1))
		return NULL;
	napi_create_array(env, &result);
	for (struct upcall *item = upcalls_take(&call.device->upcalls), *next; item != NULL; item = next) {
		next = item->next;
		if (item->kind == UPCALL_DATAGRAM)
			reply_sources_note(&call.device->reply_sources, &item->from);
		napi_set_element(env, result, n++, describe_upcall(env, item));
		free(item);
	}
	return result;
}

static napi_value drop_names(napi_env env)
{
	napi_value names, name;

	napi_create_array(env, &names);
	for (uint32_t i = 0; i < DROP_REASONS; i++) {
		napi_create_string_latin1(env, DROP_NAMES[i], NAPI_AUTO_LENGTH, &name);
		napi_set_element(env, names, i, name);
	}
	return names;
}

NAPI_MODULE_INIT()
{
	static const struct {
		const char *name;
		napi_callback call;
	} FUNCTIONS[] = {
		{ "open", open_device },	   { "close", close_call },
		{ "start", start },		   { "bind", bind_call },
		{ "closeSockets", close_sockets }, { "setMark", set_mark },
		{ "setMtu", set_mtu },		   { "setReady", set_ready },
		{ "send", send_call },		   { "write", write_call },
		{ "addPeer", add_peer },	   { "removePeer", remove_peer },
		{ "setEndpoint", set_endpoint },   { "setPathMtu", set_path_mtu },
		{ "clearSource", clear_source },
		{ "setAllowedIp", set_allowed_ip }, { "removeAllowedIp", remove_allowed_ip },
		{ "addKeypair", add_keypair },	   { "removeKeypair", remove_keypair },
		{ "setSending", set_sending },	   { "takeCounter", take_counter },
		{ "nSent", n_sent },		   { "skipTo", skip_to },
		{ "noteSent", note_sent },	   { "noteReceived", note_received },
		{ "setMarks", set_marks },	   { "readMarks", read_marks },
		{ "takeCounters", take_counters }, { "takeDrops", take_drops },
		{ "takeUpcalls", take_upcalls },
	};

	for (size_t i = 0; i < sizeof(FUNCTIONS) / sizeof(FUNCTIONS[0]); i++) {
		napi_value function;

		napi_create_function(env, FUNCTIONS[i].name, NAPI_AUTO_LENGTH, FUNCTIONS[i].call, NULL, &function);
		set(env, exports, FUNCTIONS[i].name, function);
	}
	set(env, exports, "dropReasons", drop_names(env));
	return exports;
}
