import { machineTests } from '../../../test/machine/machine-tests.ts';

await machineTests(`${import.meta.dirname}/linux-host-network.kernel.ts`);
