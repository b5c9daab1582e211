import { type EventRecorder, type Informer, keyOf, type ReconcileResult } from '@coxswain/controller';
import {
  deepEqual,
  formatTime,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
} from '@coxswain/machinery';
import { conditionOf, isFinished } from '../job/conditions.ts';
import { controllerOf, controllerRef } from '../shared/claim.ts';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { isNamespaceTerminating, messageOf } from '../shared/pod-control.ts';
import { cronJobs, jobs } from '../shared/resources.ts';
import { dueTime, untilNext } from './due-time.ts';
import { parseSchedule, type Schedule, ScheduleError } from './schedule.ts';
import { formatInZone } from './wall-time.ts';

const apiVersion = 'batch/v1';
const kind = 'CronJob';
const timestampAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const byOwner = 'cron-job';

type Status = Readonly<Record<string, any>>;
type Reference = Readonly<Record<string, string>>;

/** Starts jobs when their time comes. */
export class CronJobController implements RunnableController {
  readonly name = 'cronjob-controller';
  readonly #context: ControllerContext;
  readonly #cronJobs: Informer;
  readonly #jobs: Informer;
  readonly #recorder: EventRecorder;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#cronJobs = context.informers.informer(cronJobs);
    this.#jobs = context.informers.informer(jobs);
    this.#jobs.addIndex(byOwner, (job) => [controllerOf(job)?.uid ?? '']);
    this.#recorder = context.recorder('cronjob-controller');
    const enqueue = (cronJob: KubeObject): void => this.#queue.add(keyOf(cronJob));
    this.#cronJobs.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after) });
    const ofJob = (job: KubeObject): void => {
      const controller = controllerOf(job);
      if (controller?.kind === kind) this.#queue.add(`${job.metadata.namespace}/${controller.name}`);
    };
    this.#jobs.addHandler({ onAdd: ofJob, onUpdate: (_, after) => ofJob(after), onDelete: ofJob });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const cronJob = this.#cronJobs.lister.getByKey(key);
    if (!cronJob) return undefined;
    try {
      return await this.#sync(cronJob);
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (!isConflict(error)) throw error;
      this.#queue.addRateLimited(key);
      return undefined;
    }
  }

  async #sync(cronJob: KubeObject): Promise<ReconcileResult> {
    const children = this.#jobs.lister
      .byIndex(byOwner, cronJob.metadata.uid as string)
      .filter((job) => job.metadata.namespace === cronJob.metadata.namespace);
    let status = await this.#observe(cronJob, children);
    status = await this.#cleanUp(cronJob, children, status);
    let wait: number | undefined;
    try {
      [status, wait] = await this.#start(cronJob, status);
    } finally {
      // What was started before a failure must not be forgotten.
      await this.#writeStatus(cronJob, status);
    }
    return wait === undefined ? undefined : { requeueAfterMs: wait };
  }

  /** Brings the list of active jobs up to date. */
  async #observe(cronJob: KubeObject, children: readonly KubeObject[]): Promise<Status> {
    let status: Status = { ...cronJob['status'] };
    for (const job of children) {
      const found = activeOf(status).some((reference) => reference['uid'] === job.metadata.uid);
      if (!found && !isFinished(job)) {
        const text = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
        this.#recorder.event(cronJob, 'Warning', 'UnexpectedJob', text);
      } else if (found && isFinished(job)) {
        status = withoutActive(status, job.metadata.uid as string);
        const condition = conditionOf(job, 'Complete')?.status === 'True' ? 'Complete' : 'Failed';
        const text = `Saw completed job: ${job.metadata.name}, condition: ${condition}`;
        this.#recorder.event(cronJob, 'Normal', 'SawCompletedJob', text);
      }
      const succeeded =
        conditionOf(job, 'Complete')?.status === 'True' ? job['status'].completionTime : undefined;
      if (succeeded !== undefined && !(status['lastSuccessfulTime'] >= succeeded))
        status = { ...status, lastSuccessfulTime: succeeded };
    }
    for (const reference of activeOf(status)) {
      if (children.some((job) => job.metadata.uid === reference['uid'])) continue;
      // The cache may not show a job that was made just now.
      if (await this.#getJob(cronJob, reference['name'] as string)) continue;
      this.#recorder.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${reference['name']}`);
      status = withoutActive(status, reference['uid'] as string);
    }
    return status;
  }

  /** Deletes finished jobs beyond the history limits, the oldest first. */
  async #cleanUp(cronJob: KubeObject, children: readonly KubeObject[], before: Status): Promise<Status> {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob['spec'];
    let status = before;
    for (const [type, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      if (limit === undefined) continue;
      const finished = children
        .filter((job) => conditionOf(job, type)?.status === 'True' && !job.metadata.deletionTimestamp)
        .sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
      for (const job of finished.slice(0, Math.max(0, finished.length - limit))) {
        if (await this.#deleteJob(cronJob, job)) status = withoutActive(status, job.metadata.uid as string);
      }
    }
    return status;
  }

  /** Starts the job that is due. Gives the status and how long to wait for the next one. */
  async #start(cronJob: KubeObject, status: Status): Promise<[Status, number | undefined]> {
    const { suspend, concurrencyPolicy, startingDeadlineSeconds } = cronJob['spec'];
    if (cronJob.metadata.deletionTimestamp) return [status, undefined];
    const schedule = this.#scheduleOf(cronJob);
    if (!schedule || suspend) return [status, undefined];
    const now = this.#context.clock.now();
    const seen = { ...cronJob, status };
    const wait = untilNext(seen, schedule, now);
    const { at, tooManyMissed } = dueTime(seen, schedule, now, true);
    if (tooManyMissed) {
      const text =
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      this.#recorder.event(cronJob, 'Warning', 'TooManyMissedTimes', text);
    }
    if (at === undefined) return [status, wait];
    if (startingDeadlineSeconds !== undefined && at + Number(startingDeadlineSeconds) * 1000 < now) {
      const text = `Missed scheduled time to start a job: ${new Date(at).toUTCString()}`;
      this.#recorder.event(cronJob, 'Warning', 'MissSchedule', text);
      return [status, wait];
    }
    const name = jobName(cronJob, at);
    const started = activeOf(status).some((reference) => reference['name'] === name);
    if (started || status['lastScheduleTime'] === formatTime(at)) return [status, wait];
    let held = status;
    if (concurrencyPolicy === 'Forbid' && activeOf(held).length > 0) {
      const text = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#recorder.event(cronJob, 'Normal', 'JobAlreadyActive', text);
      return [held, wait];
    }
    if (concurrencyPolicy === 'Replace') held = await this.#deleteActive(cronJob, held);
    const job = await this.#createJob(cronJob, name, at);
    if (!job) return [held, wait];
    const next = { ...held, active: [...activeOf(held), referenceTo(job)], lastScheduleTime: formatTime(at) };
    return [next, untilNext({ ...cronJob, status: next }, schedule, now)];
  }

  #scheduleOf(cronJob: KubeObject): Schedule | undefined {
    const { schedule, timeZone } = cronJob['spec'];
    try {
      return parseSchedule(schedule, timeZone);
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error;
      if (error.code === 'UNKNOWN_TIME_ZONE') {
        const text = `invalid timeZone: ${JSON.stringify(timeZone)}: ${error.message}`;
        this.#recorder.event(cronJob, 'Warning', 'UnknownTimeZone', text);
      } else {
        const text = `unparseable schedule: ${JSON.stringify(schedule)} : ${error.message}`;
        this.#recorder.event(cronJob, 'Warning', 'UnparseableSchedule', text);
      }
      return undefined;
    }
  }

  async #deleteActive(cronJob: KubeObject, before: Status): Promise<Status> {
    let status = before;
    for (const reference of activeOf(before)) {
      const job = await this.#getJob(cronJob, reference['name'] as string);
      if (!job || (await this.#deleteJob(cronJob, job)))
        status = withoutActive(status, reference['uid'] as string);
    }
    return status;
  }

  async #getJob(cronJob: KubeObject, name: string): Promise<KubeObject | undefined> {
    try {
      return await this.#context.client.resource(jobs, cronJob.metadata.namespace).get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      this.#recorder.event(cronJob, 'Warning', 'FailedGet', `Get job: ${messageOf(error)}`);
      throw error;
    }
  }

  /** Gives the job, made now or on an earlier try; undefined when another has its name. */
  async #createJob(cronJob: KubeObject, name: string, at: number): Promise<KubeObject | undefined> {
    const client = this.#context.client.resource(jobs, cronJob.metadata.namespace);
    const { jobTemplate, timeZone } = cronJob['spec'];
    try {
      const job = await client.create({
        apiVersion,
        kind: 'Job',
        metadata: {
          name,
          namespace: cronJob.metadata.namespace as string,
          labels: { ...jobTemplate.metadata?.labels },
          annotations: {
            ...jobTemplate.metadata?.annotations,
            [timestampAnnotation]: formatInZone(timeZone ?? 'UTC', at),
          },
          ownerReferences: [controllerRef(cronJob, apiVersion, kind)],
        },
        spec: jobTemplate.spec,
      });
      this.#recorder.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
      return job;
    } catch (error) {
      if (isAlreadyExists(error)) {
        const job = await client.get(name);
        return controllerOf(job)?.uid === cronJob.metadata.uid && !isFinished(job) ? job : undefined;
      }
      if (!isNamespaceTerminating(error)) {
        this.#recorder.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
      }
      throw error;
    }
  }

  async #deleteJob(cronJob: KubeObject, job: KubeObject): Promise<boolean> {
    const { name, namespace } = job.metadata as { name: string; namespace: string };
    try {
      await this.#context.client.resource(jobs, namespace).delete(name, { propagationPolicy: 'Background' });
    } catch (error) {
      if (isNotFound(error)) return true;
      this.#recorder.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${messageOf(error)}`);
      return false;
    }
    this.#recorder.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    return true;
  }

  async #writeStatus(cronJob: KubeObject, status: Status): Promise<void> {
    if (deepEqual(cronJob['status'] ?? {}, status)) return;
    try {
      await this.#context.client
        .resource(cronJobs, cronJob.metadata.namespace)
        .updateStatus({ ...cronJob, apiVersion, kind, status });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** One name a minute: a job is never started twice for one moment. */
function jobName(cronJob: KubeObject, at: number): string {
  return `${cronJob.metadata.name}-${Math.floor(at / 60_000)}`;
}

function activeOf(status: Status): readonly Reference[] {
  return status['active'] ?? [];
}

function withoutActive(status: Status, uid: string): Status {
  const { active: _, ...rest } = status;
  const active = activeOf(status).filter((reference) => reference['uid'] !== uid);
  return active.length > 0 ? { ...rest, active } : rest;
}

function startOf(job: KubeObject): string {
  return job['status']?.startTime ?? job.metadata.creationTimestamp ?? '';
}

function referenceTo(job: KubeObject): Reference {
  const { name, namespace, uid, resourceVersion } = job.metadata as Record<string, any>;
  return { kind: 'Job', namespace, name, uid, apiVersion, resourceVersion };
}
