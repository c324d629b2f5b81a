import { machineTests } from '../../../test/machine/machine-tests.ts';

await machineTests(`${import.meta.dirname}/linux-namespace-sockets.kernel.ts`);
