import type { Client } from '@coxswain/client';
import { keyOf, type ReconcileResult } from '@coxswain/controller';
import { type Clock, isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import { deployments } from '../shared/resources.ts';
import {
  countStatus,
  type DeploymentStatus,
  isComplete,
  progressStatus,
  statusDiffers,
  untilDeadline,
  withoutCondition,
} from './deployment-status.ts';
import { allSets, type Rollout, typed } from './rollout.ts';

export interface StatusWriterOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** The deployment as the cache has it. */
  readonly stored: (key: string) => KubeObject | undefined;
  /** Has a deployment looked at again, later each time. */
  readonly retry: (key: string) => void;
}

/** Writes the statuses of deployments where they differ from what is known. */
export class StatusWriter {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #stored: (key: string) => KubeObject | undefined;
  readonly #retry: (key: string) => void;

  constructor({ client, clock, stored, retry }: StatusWriterOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#stored = stored;
    this.#retry = retry;
  }

  /** Counts the rollout's pods, judges its progress and writes both; gives when to look for the deadline. */
  async write(rollout: Rollout): Promise<ReconcileResult> {
    const { deployment, fresh } = rollout;
    const now = this.#clock.now();
    const sets = allSets(rollout);
    const counted = countStatus(deployment, sets, fresh, now);
    const status = deployment['spec'].paused
      ? withoutFailure(counted)
      : progressStatus(deployment, counted, sets, fresh, now);
    await this.update(deployment, status);
    const left = untilDeadline(deployment, status.conditions ?? [], now);
    if (left === undefined || left <= 0 || isComplete(deployment, status)) return undefined;
    // A second late rather than early: the condition's times have whole seconds.
    return { requeueAfterMs: left + 1000 };
  }

  async update(deployment: KubeObject, status: DeploymentStatus): Promise<void> {
    const stored = this.#stored(keyOf(deployment));
    if (stored && stored.metadata.uid === deployment.metadata.uid && !statusDiffers(stored, status)) return;
    try {
      await this.#client
        .resource(deployments, deployment.metadata.namespace)
        .updateStatus({ ...typed(deployment, 'Deployment'), status });
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error)) this.#retry(keyOf(deployment));
      else throw error;
    }
  }
}

function withoutFailure(status: DeploymentStatus): DeploymentStatus {
  return { ...status, conditions: withoutCondition(status.conditions ?? [], 'ReplicaFailure') };
}
