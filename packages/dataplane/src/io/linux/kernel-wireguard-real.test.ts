import { machineTests } from '../../../test/machine/machine-tests.ts';

await machineTests(`${import.meta.dirname}/kernel-wireguard-real.kernel.ts`);
