'use client';
import type { NewDomain } from '@flatland/shared/intent/intent';
import type { WorkloadId } from '@flatland/shared/topology/topology';
import { useMemo, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Check } from '../../components/ui/check.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { workloadParts } from '../../graph/model/element-key.ts';
import { checkNewDomain } from '../../staging/check-new-domain.ts';
import { useProjected, useStage } from '../../state/use-connect.ts';

interface Props {
  readonly members: readonly WorkloadId[];
  readonly suggestion: NewDomain;
  readonly onClose: () => void;
}

/** Names a new domain and chooses its clusters and prefixes. A clash blocks staging. */
export function NewDomainDialog({ members, suggestion, onClose }: Props) {
  const topology = useProjected();
  const stage = useStage();
  const [name, setName] = useState<string>(suggestion.name);
  const [clusters, setClusters] = useState<readonly string[]>(suggestion.clusters);
  const [prefixes, setPrefixes] = useState((suggestion.prefixes ?? []).join(' '));
  const check = useMemo(
    () => checkNewDomain({ name, clusters, prefixes }, members, topology),
    [name, clusters, prefixes, members, topology],
  );
  const problem = check.name ?? check.clusters ?? check.prefixes;
  const submit = () => {
    if (check.domain === undefined) return;
    stage([{ kind: 'create-domain', domain: check.domain, members: [...members] }]);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      testId="new-domain"
      title="New domain"
      description={
        members.length === 0
          ? 'A flat network of its own over the clusters you choose.'
          : `With ${members.map((id) => workloadParts(id).name).join(' and ')} as its first members.`
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="staged" data-testid="new-domain-stage" blocked={problem} onClick={submit}>
            Stage
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field
          label="Name"
          data-testid="new-domain-name"
          value={name}
          maxLength={64}
          onChange={(event) => setName(event.target.value)}
          hint="At most 12 lower-case letters, digits and dashes"
          error={check.name}
        />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1.5 text-xs font-medium text-ink-2">Clusters</legend>
          {Object.values(topology.clusters).map((cluster) => (
            <Check
              key={cluster.id}
              testId={`new-domain-cluster-${cluster.id}`}
              checked={clusters.includes(cluster.id)}
              onChange={(on) =>
                setClusters(on ? [...clusters, cluster.id] : clusters.filter((other) => other !== cluster.id))
              }
            >
              {cluster.id}{' '}
              <span className="font-mono text-xs text-ink-3">
                pods {cluster.ranges.pods.join(' ')}, services {cluster.ranges.services.join(' ')}
              </span>
            </Check>
          ))}
          {check.clusters !== undefined && <p className="text-xs text-fail-ink">{check.clusters}</p>}
        </fieldset>
        <Field
          label="Prefixes"
          data-testid="new-domain-prefixes"
          value={prefixes}
          className="[&_input]:font-mono [&_input]:text-xs"
          onChange={(event) => setPrefixes(event.target.value)}
          placeholder="chosen from the pool"
          hint="One IPv4 and one IPv6 prefix. The suggestion overlaps nothing known."
          error={check.prefixes}
        />
        {check.note !== undefined && <Notice tone="warn" title={check.note} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
