import type { Counter, Family, MetricsRegistry } from '@coxswain/machinery';
import type { AdmissionAttributes } from '../../contract.ts';
import type { LevelVersion, PolicyMode } from './policy.ts';

/** The minor version of this release: of those after it only is told that they are. */
const thisRelease = 36;

/** Counts what pods are held to, under upstream's names. */
export class PodSecurityMetrics {
  readonly #evaluations: Family<Counter>;
  readonly #exemptions: Family<Counter>;

  constructor(registry: MetricsRegistry) {
    this.#evaluations = registry.counter({
      name: 'pod_security_evaluations_total',
      help: 'Pods and templates that were held to a level, and those that would have been refused.',
      labels: [
        'decision',
        'mode',
        'policy_level',
        'policy_version',
        'request_operation',
        'resource',
        'subresource',
      ],
      stability: 'STABLE',
    });
    this.#exemptions = registry.counter({
      name: 'pod_security_exemptions_total',
      help: 'Pods and templates that are held to nothing.',
      labels: ['request_operation', 'resource', 'subresource'],
      stability: 'STABLE',
    });
  }

  evaluated(
    a: AdmissionAttributes,
    mode: PolicyMode,
    { level, version }: LevelVersion,
    allowed: boolean,
  ): void {
    const future = version !== 'latest' && Number(version.slice('v1.'.length)) > thisRelease;
    this.#evaluations
      .with(allowed ? 'allow' : 'deny', mode, level, future ? 'future' : version, ...requestOf(a))
      .inc();
  }

  exempted(a: AdmissionAttributes): void {
    this.#exemptions.with(...requestOf(a)).inc();
  }
}

function requestOf({ operation, resource, subresource }: AdmissionAttributes): string[] {
  const what = resource.group === '' && resource.resource === 'pods' ? 'pod' : 'controller';
  return [operation.toLowerCase(), what, subresource];
}
