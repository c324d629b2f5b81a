/** Where the forwarder of a node listens, and its agent calls it, when nothing else is said. */
export const FORWARDER_SOCKET = '/run/flatland/forwarder.sock';
