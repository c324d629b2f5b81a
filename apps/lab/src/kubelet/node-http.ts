/**
 * Node's HTTP module without the price of its import: an `import` of it evaluates all of its exports, among them
 * WebSocket and with it Node's own copy of undici, which is most of a small process's start.
 */
export const { createServer, request } = process.getBuiltinModule('node:http');
