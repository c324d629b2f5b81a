/* Devices, their sockets, and what the core sends. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "addon.h"
#include "call.h"
#include "gso.h"

#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

enum { KNOB_NO_TSO = 1, KNOB_NO_USO = 2, KNOB_NO_UDP_GSO = 4, KNOB_NO_UDP_GRO = 8 };
enum { GOT_TSO = 1, GOT_USO = 2 };

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
napi_value open_device(napi_env env, napi_callback_info info)
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

napi_value close_call(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 1))
		return NULL;
	napi_remove_env_cleanup_hook(env, close_device, call.handle);
	close_device(call.handle);
	return nothing(env);
}

napi_value start(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 1))
		return NULL;
	return number(env, device_start(call.device));
}

/* bind(handle, port): { errno, port, hasGro } */
napi_value bind_call(napi_env env, napi_callback_info info)
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

/* missingOffloads(handle): KNOB_* of the offloads that are not used, by wish or because the kernel refuses them */
napi_value missing_offloads(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 1))
		return NULL;
	const struct device *device = call.device;
	const struct udp *udp = device->udp;
	bool has_gso = udp == NULL ? device->uses_udp_gso : atomic_load(&udp->uses_gso);
	bool has_gro = udp == NULL ? device->uses_udp_gro : udp->uses_gro;
	return number(env, (device->merges_tcp ? 0 : KNOB_NO_TSO) |
				   (atomic_load(&device->merges_udp) ? 0 : KNOB_NO_USO) |
				   (has_gso ? 0 : KNOB_NO_UDP_GSO) | (has_gro ? 0 : KNOB_NO_UDP_GRO));
}

napi_value close_sockets(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 1))
		return NULL;
	device_close_sockets(call.device);
	return nothing(env);
}

napi_value set_mark(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	return number(env, call.device->udp == NULL ? ENOTCONN : udp_set_mark(call.device->udp, number_at(&call, 1)));
}

napi_value set_mtu(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	atomic_store(&call.device->mtu, number_at(&call, 1));
	return nothing(env);
}

static bool key_at(const struct call *call, size_t index, uint8_t *key)
{
	size_t length = 0;
	const uint8_t *bytes = bytes_at(call->env, call->arguments[index], &length);

	if (bytes == NULL || length != COOKIE_KEY_BYTES)
		return false;
	memcpy(key, bytes, COOKIE_KEY_BYTES);
	return true;
}

/* setCookieKeys(handle, secret, mac1Key, sealKey) */
napi_value set_cookie_keys(napi_env env, napi_callback_info info)
{
	struct call call;
	struct cookie_keys keys;

	if (!begin(env, info, &call, 4))
		return NULL;
	if (!key_at(&call, 1, keys.secret) || !key_at(&call, 2, keys.mac1_key) || !key_at(&call, 3, keys.seal_key))
		return fail(env, "keys have 32 bytes");
	device_set_cookie_keys(call.device, &keys);
	return nothing(env);
}

napi_value set_ready(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	atomic_store(&call.device->is_ready, bool_at(&call, 1));
	return nothing(env);
}

/* What the core sends */

/* send(handle, address, port, datagram, ecn): errno */
napi_value send_call(napi_env env, napi_callback_info info)
{
	struct call call;
	struct endpoint to;
	size_t length;

	if (!begin(env, info, &call, 5))
		return NULL;
	uint8_t *bytes = bytes_at(env, call.arguments[3], &length);
	if (bytes == NULL || !endpoint_at(&call, 1, &to))
		return number(env, EINVAL);
	if (call.device->udp == NULL)
		return number(env, ENOTCONN);
	uint8_t traffic_class = bytes[0] == MESSAGE_TRANSPORT_TYPE ? (uint8_t)number_at(&call, 4) & 3 : DSCP_AF41;
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
napi_value write_call(napi_env env, napi_callback_info info)
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
