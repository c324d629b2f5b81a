/* Arguments and results of the addon's functions. */
#ifndef FLATLAND_CALL_H
#define FLATLAND_CALL_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device.h"

enum { MAX_ARGUMENTS = 8 };

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

/* Throws; always NULL. */
napi_value fail(napi_env env, const char *message);

/* Takes the arguments of a call whose first one is a device; false, and an exception waits, where they are wrong. */
bool begin(napi_env env, napi_callback_info info, struct call *call, size_t n_expected);

uint32_t number_at(const struct call *call, size_t i);
double double_at(const struct call *call, size_t i);
bool bool_at(const struct call *call, size_t i);

/* The bytes of a Uint8Array; NULL where it is none, or empty. */
uint8_t *bytes_at(napi_env env, napi_value value, size_t *length);

/* The elements of a Float64Array; NULL where it is none, or too short. */
double *doubles_at(const struct call *call, size_t i, size_t n_expected);

/* Reads address (`fe80::1%eth0`) and port; false where there is no such interface or address. */
bool endpoint_at(const struct call *call, size_t i, struct endpoint *endpoint);

napi_value number(napi_env env, double value);
napi_value boolean(napi_env env, bool value);
napi_value nothing(napi_env env);
void set(napi_env env, napi_value object, const char *name, napi_value value);

/* The address of an endpoint, with its zone, and its port. */
napi_value address_text(napi_env env, const struct endpoint *endpoint);
uint16_t port_of(const struct endpoint *endpoint);

#endif
