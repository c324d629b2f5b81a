/** Opens a device by `/dev/net/tun` with some flags, and starts a program that is told of it by `WG_TUN_FD`. */
import { spawn } from 'node:child_process';
import { loadLibc } from '../../../src/io/linux/tun-libc.ts';

const O_RDWR = 2;
const TUNSETIFF = 0x4004_54ca;

const [name = '', flags = '', program = '', ...args] = process.argv.slice(2);
const libc = loadLibc();
if (!libc.ok) throw new Error(libc.error);
const fd = libc.value.open('/dev/net/tun', O_RDWR);
const request = new Uint8Array(40);
request.set(Buffer.from(name));
new DataView(request.buffer).setUint16(16, Number(flags), true);
if (fd < 0 || libc.value.ioctl(fd, TUNSETIFF, request) < 0)
  throw new Error(`cannot open ${name}: ${libc.value.errorName(libc.value.errno())}`);
const child = spawn(program, args, {
  stdio: ['inherit', 'inherit', 'inherit', fd],
  env: { ...process.env, WG_TUN_FD: '3' },
});
// The program has the device alone from now on: it is gone when the program is.
libc.value.close(fd);
child.once('exit', (code) => process.exit(code ?? 1));
