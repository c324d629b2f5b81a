import { machineTests } from '../machine/machine-tests.ts';

await machineTests(`${import.meta.dirname}/cases.kernel.ts`);
