import { podIdentities } from '../src/cluster-state.ts';
import { podsOf } from '../src/pods-of.ts';
import { byMouseAndKeyboard, expect, SAMPLE, test, WORLD } from '../src/test.ts';

const PODS = podsOf(SAMPLE.billing);

byMouseAndKeyboard(() => {
  test('leaving lists the conversations that it cuts; afterwards the probe fails with no-shared-domain and nothing restarted', async ({
    stack,
    map,
    review,
    signedIn,
    person,
  }) => {
    const pods = await podIdentities(stack, PODS);
    const address = await addressOf(stack, 'green');
    await WORLD.converse(SAMPLE.billing, SAMPLE.settlement, 'green');
    await person.select(`workload:${SAMPLE.billing}`);
    await person.press(signedIn.getByTestId('side-panel').getByTestId('member-green'));
    await person.press(signedIn.getByTestId('side-panel').getByTestId('leave'));
    await review.expectStaged('1 staged change');
    await map.expectMember(SAMPLE.billing, 'green', 'staged-remove');
    await review.open();
    await expect(review.sentence()).toContainText('billing will reach');
    await expect(review.sentence()).toContainText('fewer');
    await expect(signedIn.getByTestId('cut').first()).toBeVisible();
    await review.acknowledge();
    await review.apply();
    await review.expectState('proved');
    await review.close();

    const why = JSON.parse((await stack.flatland('why', 'billing', 'settlement', '--json')).stdout) as {
      verdict: { reason: string };
      probe: { result: { echoed: boolean }; verdict: { reason: string }; agrees: boolean };
    };
    expect(why.verdict.reason).toBe('no-shared-domain');
    expect([why.probe.result.echoed, why.probe.verdict.reason, why.probe.agrees]).toEqual([
      false,
      'no-shared-domain',
      true,
    ]);
    expect(await podIdentities(stack, PODS)).toEqual(pods);

    await person.go('Activity');
    await person.openFirstRow('changes');
    await person.press(signedIn.getByTestId('revert'));
    await expect(signedIn.getByTestId('change-set-title')).toContainText(/revert|undo/i);
    await review.apply();
    await review.expectState('proved');
    expect(await addressOf(stack, 'green')).toEqual(address);
    expect(await podIdentities(stack, PODS)).toEqual(pods);
  });
});

async function addressOf(
  stack: { flatland(...args: string[]): Promise<{ stdout: string }> },
  domain: string,
): Promise<readonly string[]> {
  const status = JSON.parse((await stack.flatland('status', '--json')).stdout) as {
    topology: {
      workloads: Record<string, { instances: { members: { domain: string; addresses: string[] }[] }[] }>;
    };
  };
  const members = status.topology.workloads[SAMPLE.billing]?.instances[0]?.members ?? [];
  return members.find((member) => member.domain === domain)?.addresses ?? [];
}
