import { type EventRecorder, type Informer, keyOf, type ReconcileResult } from '@coxswain/controller';
import {
  deepEqual,
  formatTime,
  isConflict,
  isNotFound,
  type KubeObject,
  selectorFromLabelSelector,
} from '@coxswain/machinery';
import { addControllerIndex, byController } from '../replica-set/replica-set-controller.ts';
import { claimObjects, controllerOf } from '../shared/claim.ts';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { PendingWrites } from '../shared/pending-writes.ts';
import { isNamespaceTerminating, PodControl, type PodOwner } from '../shared/pod-control.ts';
import { isPodReady } from '../shared/pod-state.ts';
import { jobs, pods } from '../shared/resources.ts';
import { slowStart } from '../shared/slow-start.ts';
import { isFinished, type JobCondition, setCondition, terminalOf, type Verdict } from './conditions.ts';
import { countPods, isCounted, settleCounts, terminatingCount } from './count-pods.ts';
import { deadlineIn, endOf, isComplete, isSuspended, planJob } from './decide-job.ts';
import { JobFailures } from './job-failures.ts';
import { isTracked, jobTemplate } from './job-pod.ts';
import { type JobView, observeJob } from './observe-job.ts';
import { PodReleaser } from './pod-releaser.ts';

const apiVersion = 'batch/v1';
const kind = 'Job';
/** Who manages jobs that name nobody else in `spec.managedBy`. */
const managedBy = 'kubernetes.io/job-controller';

type Status = Readonly<Record<string, any>>;

/** What a reconcile did to the pods. */
interface Acted {
  readonly active: number;
  readonly ready: number;
  readonly deleted: ReadonlySet<string>;
  /** The plan was carried out: conditions that depend on it may be written. */
  readonly managed: boolean;
  readonly failures: readonly unknown[];
  readonly waitMs?: number;
}

/** Runs pods of a Job until enough of them have succeeded. */
export class JobController implements RunnableController {
  readonly name = 'job-controller';
  readonly #context: ControllerContext;
  readonly #jobs: Informer;
  readonly #pods: Informer;
  readonly #pending: PendingWrites;
  readonly #recorder: EventRecorder;
  readonly #control: PodControl;
  readonly #releaser: PodReleaser;
  readonly #failures = new JobFailures();
  readonly #queue: ReturnType<ControllerContext['queue']>;
  /** Version of each job that this controller wrote last: older ones from the cache are not acted upon. */
  readonly #written = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#jobs = context.informers.informer(jobs);
    this.#pods = context.informers.informer(pods);
    addControllerIndex(this.#pods);
    this.#pending = new PendingWrites(this.#pods, context.clock);
    this.#recorder = context.recorder('job-controller');
    this.#control = new PodControl(context.client, this.#recorder, this.#pending);
    this.#releaser = new PodReleaser(context.client);
    const enqueue = (job: KubeObject): void => this.#queue.add(keyOf(job));
    this.#jobs.addHandler({
      onAdd: enqueue,
      onUpdate: (_, after) => enqueue(after),
      onDelete: (job) => {
        enqueue(job);
        for (const pod of this.#pods.lister.byIndex(byController, job.metadata.uid as string)) {
          this.#releaseOrphan(pod);
        }
      },
    });
    this.#pods.addHandler({
      onAdd: (pod) => this.#podChanged(pod),
      onUpdate: (before, after) => {
        if (!isTracked(after)) this.#releaser.seen(after.metadata.uid as string);
        if (controllerOf(before)?.uid !== controllerOf(after)?.uid) this.#podChanged(before);
        this.#podChanged(after);
      },
      onDelete: (pod) => {
        this.#releaser.seen(pod.metadata.uid as string);
        this.#podChanged(pod);
      },
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  #podChanged(pod: KubeObject): void {
    const controller = controllerOf(pod);
    const { namespace } = pod.metadata;
    if (controller) {
      if (controller.kind !== kind) return;
      const job = this.#jobs.lister.get(namespace as string, controller.name);
      if (job?.metadata.uid === controller.uid) this.#queue.add(keyOf(job));
      else this.#releaseOrphan(pod);
      return;
    }
    if (isTracked(pod)) this.#releaseOrphan(pod);
    if (pod.metadata.deletionTimestamp) return;
    for (const job of this.#jobs.lister.list(namespace)) {
      if (selectorFromLabelSelector(job['spec'].selector).matches(pod.metadata.labels))
        this.#queue.add(keyOf(job));
    }
  }

  /** A pod whose job is gone must not be held by its finalizer. */
  #releaseOrphan(pod: KubeObject): void {
    if (isTracked(pod)) this.#queue.add(`orphan ${keyOf(pod)}`);
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    if (key.startsWith('orphan ')) return await this.#reconcileOrphan(key.slice('orphan '.length));
    const job = this.#jobs.lister.getByKey(key);
    if (!job) {
      this.#pending.forget(key);
      this.#failures.forget(key);
      this.#written.delete(key);
      return undefined;
    }
    // The event that shows what was written brings the key back.
    if (Number(job.metadata.resourceVersion) < (this.#written.get(key) ?? 0)) return undefined;
    const manager: string | undefined = job['spec'].managedBy;
    if ((manager !== undefined && manager !== managedBy) || isFinished(job)) return undefined;
    try {
      return await this.#sync(job, key);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error)) throw error;
      this.#queue.addRateLimited(key);
      return undefined;
    }
  }

  async #reconcileOrphan(podKey: string): Promise<ReconcileResult> {
    const pod = this.#pods.lister.getByKey(podKey);
    if (!pod || !isTracked(pod)) return undefined;
    const controller = controllerOf(pod);
    const { namespace } = pod.metadata;
    if (controller) {
      const job = this.#jobs.lister.get(namespace as string, controller.name);
      if (job?.metadata.uid === controller.uid && !isFinished(job)) return undefined;
    }
    await this.#releaser.release(pod);
    return undefined;
  }

  async #sync(job: KubeObject, key: string): Promise<ReconcileResult> {
    const { clock } = this.#context;
    const now = clock.now();
    const view = observeJob(job, await this.#claim(job), this.#releaser.released);
    this.#failures.record(
      key,
      job,
      this.#releaser.unseenBy(key, [...view.newSucceeded, ...view.newFailed]),
      now,
    );
    let status: Status = { ...job['status'] };
    if (status['startTime'] === undefined && !isSuspended(job))
      status = { ...status, startTime: formatTime(now) };
    const started = { ...job, status };
    let end = endOf({ ...view, job: started }, now);
    const settled = this.#pending.settled(key);
    const acted = end
      ? await this.#deleteActive(view, key)
      : settled && !job.metadata.deletionTimestamp
        ? await this.#manage(view, key, now)
        : {
            active: view.active.length,
            ready: view.ready,
            deleted: new Set<string>(),
            managed: false,
            failures: [],
          };
    if (!end) {
      end = settled ? isComplete(view, acted.active) : undefined;
      if (!end && acted.managed) status = this.#suspension(job, status, now);
    }
    status = {
      ...status,
      ready: acted.ready,
      terminating: terminatingCount(view.pods, acted.deleted),
      conditions: end ? setCondition(conditionsOf(status), end, 'True', now) : conditionsOf(status),
    };
    const { active: _, ...rest } = status;
    status = acted.active > 0 ? { ...rest, active: acted.active } : rest;
    await this.#count(view, status, end, settled && acted.failures.length === 0);
    const failure = acted.failures.find((error) => !isNamespaceTerminating(error));
    if (failure !== undefined) throw failure;
    const waits = [acted.waitMs, deadlineIn(started, now)].filter((wait) => wait !== undefined);
    return waits.length > 0 && !end ? { requeueAfterMs: Math.min(...waits) } : undefined;
  }

  #claim(job: KubeObject): Promise<KubeObject[]> {
    const { lister } = this.#pods;
    const { namespace, name, uid } = job.metadata as { namespace: string; name: string; uid: string };
    const candidates = [
      ...lister.byIndex(byController, uid),
      ...lister.byIndex(byController, `orphan/${namespace}`),
    ];
    const { client } = this.#context;
    return claimObjects(
      {
        owner: job,
        apiVersion,
        kind,
        selector: selectorFromLabelSelector(job['spec'].selector),
        recheck: () => client.resource(jobs, namespace).get(name),
      },
      candidates,
      client.resource(pods, namespace),
    );
  }

  async #deleteActive(view: JobView, key: string): Promise<Acted> {
    return await this.#remove(view, view.active, key, false, false);
  }

  async #manage(view: JobView, key: string, now: number): Promise<Acted> {
    const { job } = view;
    const plan = planJob(view, this.#failures.remaining(key, now), now);
    if (plan.remove.length > 0) return await this.#remove(view, plan.remove, key, true, true);
    const owner: PodOwner = { object: job, apiVersion, kind, key };
    const { succeeded, error } = await slowStart(plan.create.length, (i) => {
      const { template, generateName } = jobTemplate(job, plan.create[i]);
      return this.#control.create(owner, template, { metadata: { generateName } });
    });
    return {
      active: view.active.length + succeeded,
      ready: view.ready,
      deleted: new Set(),
      managed: true,
      failures: error === undefined ? [] : [error],
      ...(plan.waitMs === undefined ? {} : { waitMs: plan.waitMs }),
    };
  }

  /** Deletes pods; with `release` they do not count as failed. */
  async #remove(
    view: JobView,
    doomed: readonly KubeObject[],
    key: string,
    release: boolean,
    managed: boolean,
  ): Promise<Acted> {
    const owner: PodOwner = { object: view.job, apiVersion, kind, key };
    const results = await Promise.allSettled(
      doomed.map(async (pod) => {
        if (release && isTracked(pod)) await this.#releaser.release(pod);
        await this.#control.delete(owner, pod);
        return pod;
      }),
    );
    const deleted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    return {
      active: view.active.length - deleted.length,
      ready: view.ready - deleted.filter(isPodReady).length,
      deleted: new Set(deleted.map((pod) => pod.metadata.uid as string)),
      managed,
      failures: results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
    };
  }

  #suspension(job: KubeObject, status: Status, now: number): Status {
    const suspended = isSuspended(job);
    const verdict: Verdict = suspended
      ? { type: 'Suspended', reason: 'JobSuspended', message: 'Job suspended' }
      : { type: 'Suspended', reason: 'JobResumed', message: 'Job resumed' };
    const before = conditionsOf(status);
    const conditions = setCondition(before, verdict, suspended ? 'True' : 'False', now);
    if (conditions === before) return status;
    this.#recorder.event(job, 'Normal', suspended ? 'Suspended' : 'Resumed', verdict.message);
    // The time that a job may take counts from when it went on.
    return { ...status, conditions, ...(suspended ? {} : { startTime: formatTime(now) }) };
  }

  /** Counts ended pods in the status, lets go of them, and ends the job when that is done. */
  async #count(view: JobView, before: Status, end: Verdict | undefined, mayFinish: boolean): Promise<void> {
    const counting = countPods(view, before, end, this.#releaser.released);
    const { release } = counting;
    let job = await this.#write(view.job, counting.status);
    const results = await Promise.allSettled(release.map((pod) => this.#releaser.release(pod)));
    const stuck = new Set(
      release.flatMap((p, i) => (results[i]?.status === 'rejected' ? [p.metadata.uid] : [])),
    );
    const released = new Set(release.map((pod) => pod.metadata.uid).filter((uid) => !stuck.has(uid)));
    const tracked = view.pods.filter(
      (pod) =>
        isTracked(pod) &&
        !released.has(pod.metadata.uid) &&
        !this.#releaser.released.has(pod.metadata.uid as string),
    );
    let status = settleCounts(job['status'] ?? {}, new Set(tracked.map((pod) => pod.metadata.uid as string)));
    const ends =
      end !== undefined && mayFinish && !counting.full && isCounted(status) && status['terminating'] === 0;
    if (ends) status = this.#finish(end, status);
    job = await this.#write(job, status);
    if (ends) this.#tellEnd(job, terminalOf(end));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
  }

  #finish(end: Verdict, status: Status): Status {
    const now = this.#context.clock.now();
    const terminal = terminalOf(end);
    return {
      ...status,
      conditions: setCondition(conditionsOf(status), terminal, 'True', now),
      ...(terminal.type === 'Complete' ? { completionTime: formatTime(now) } : {}),
    };
  }

  #tellEnd(job: KubeObject, { type, reason, message }: Verdict): void {
    if (type === 'Failed') {
      this.#recorder.event(job, 'Warning', reason, message);
      return;
    }
    const { completions } = job['spec'];
    const succeeded: number = job['status']?.succeeded ?? 0;
    if (completions !== undefined && succeeded > completions) {
      this.#recorder.event(
        job,
        'Warning',
        'TooManySucceededPods',
        'Too many succeeded pods running after completion count reached',
      );
    }
    this.#recorder.event(job, 'Normal', 'Completed', 'Job completed');
  }

  /** Gives the job as it is now. */
  async #write(job: KubeObject, status: Status): Promise<KubeObject> {
    const { conditions = [], ...rest } = status;
    const wanted = conditions.length > 0 ? { ...rest, conditions } : rest;
    if (deepEqual(job['status'] ?? {}, wanted)) return job;
    const after = await this.#context.client
      .resource(jobs, job.metadata.namespace)
      .updateStatus({ ...job, apiVersion, kind, status: wanted });
    this.#written.set(keyOf(job), Number(after.metadata.resourceVersion));
    return after;
  }
}

function conditionsOf(status: Status): readonly JobCondition[] {
  return status['conditions'] ?? [];
}
