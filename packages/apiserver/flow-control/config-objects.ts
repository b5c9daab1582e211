import type { Client } from '@coxswain/client';
import { type Clock, formatTime, isNotFound, type KubeObject, type Logger } from '@coxswain/machinery';
import type { ObjectReader } from '../access/contract.ts';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import { flowAutoupdates, reconcile } from '../bootstrap/reconcile-policy.ts';
import type { FlowControl } from './flow-control.ts';

const group = 'flowcontrol.apiserver.k8s.io';
const version = 'v1';
const schemas = { group, resource: 'flowschemas' };
const levels = { group, resource: 'prioritylevelconfigurations' };

/** Field manager of the conditions, as upstream names it. */
const fieldManager = 'api-priority-and-fairness-config-consumer-v1';
/** Bootstrap objects are looked after this often. */
const keepMs = 60_000;

export interface ConfigObjectsOptions {
  readonly control: FlowControl;
  readonly reader: ObjectReader;
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps flow control as the objects have it, the objects' conditions true, and the release's own objects in place. */
export class ConfigObjects {
  readonly #options: ConfigObjectsOptions;
  readonly #stops: (() => void)[] = [];
  #scheduled = false;
  #closed = false;
  #timer: { cancel(): void } | undefined;
  /** Ends when the last round of writes has. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: ConfigObjectsOptions) {
    this.#options = options;
  }

  start(): void {
    const { reader } = this.#options;
    for (const resource of [schemas, levels]) {
      this.#stops.push(reader.onChange(resource, (before, after) => this.#changed(before, after)));
    }
    this.#digest();
    this.#keepLater();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    for (const stop of this.#stops) stop();
    await this.#work;
  }

  /** Several changes of one batch are digested together. */
  #changed(before: KubeObject | undefined, after: KubeObject | undefined): void {
    const same = before !== undefined && after !== undefined;
    if (same && before['spec'] === after['spec'] && before['status'] === after['status']) return;
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#digest();
    });
  }

  #digest(): void {
    const { control, reader } = this.#options;
    const levelObjects = reader.list(levels, '');
    const schemaObjects = reader.list(schemas, '');
    control.digest(levelObjects, schemaObjects);
    const names = new Set(levelObjects.map(({ metadata }) => metadata.name));
    for (const schema of schemaObjects) {
      const status = conditionOf(schema, names);
      if (status !== undefined) this.#then(() => this.#apply(schema, status));
    }
  }

  async #apply(schema: KubeObject, condition: Record<string, string>): Promise<void> {
    const { client, clock } = this.#options;
    const name = schema.metadata.name ?? '';
    try {
      await client.transport.request({
        verb: 'patch',
        group,
        version,
        resource: 'flowschemas',
        subresource: 'status',
        name,
        patchType: 'application/apply-patch+yaml',
        options: { fieldManager, force: true },
        body: {
          apiVersion: `${group}/${version}`,
          kind: 'FlowSchema',
          metadata: { name },
          status: { conditions: [{ ...condition, lastTransitionTime: formatTime(clock.now()) }] },
        },
      });
    } catch (error) {
      // Deleted in the meantime: there is nothing left to tell of.
      if (!isNotFound(error)) throw error;
    }
  }

  #keepLater(): void {
    this.#timer = this.#options.clock.after(keepMs, () => {
      this.#keep();
      this.#keepLater();
    });
  }

  /**
   * Creates what of the release's own objects is gone, and mends what is no longer as it should be. What says that it
   * is the release's own and is not goes: an earlier release had it.
   */
  #keep(): void {
    const { reader, client } = this.#options;
    this.#keepOwn();
    for (const { resource } of [schemas, levels]) {
      const own = bootstrapObjects().filter((each) => each.resource === resource);
      const names = new Set(own.map(({ object }) => object.metadata.name));
      for (const object of reader.list({ group, resource }, '')) {
        const { name = '' } = object.metadata;
        if (names.has(name) || flowAutoupdates(object) !== true) continue;
        this.#then(() => client.transport.request({ verb: 'delete', group, version, resource, name }));
      }
    }
  }

  #keepOwn(): void {
    const { reader, client } = this.#options;
    for (const { object, resource } of bootstrapObjects()) {
      if (resource !== schemas.resource && resource !== levels.resource) continue;
      const found = reader.get({ group, resource }, '', object.metadata.name ?? '');
      if (found === undefined) {
        const { status: _, ...body } = object;
        this.#then(() => client.transport.request({ verb: 'create', group, version, resource, body }));
        continue;
      }
      const next = reconcile(object, found);
      if (next === undefined) continue;
      const name = object.metadata.name ?? '';
      this.#then(() =>
        client.transport.request({ verb: 'update', group, version, resource, name, body: next }),
      );
    }
  }

  #then(act: () => Promise<unknown>): void {
    this.#work = this.#work.then(act).then(
      () => undefined,
      (error: unknown) => {
        // The next change or the next minute tries again.
        if (!this.#closed) {
          this.#options.logger.info('flow control objects are not as they should be yet', {
            error: String(error),
          });
        }
      },
    );
  }
}

/** The condition a schema should have; undefined when it has it. */
function conditionOf(
  schema: KubeObject,
  levelNames: ReadonlySet<string | undefined>,
): Record<string, string> | undefined {
  const level: string = schema['spec']?.priorityLevelConfiguration?.name ?? '';
  const found = levelNames.has(level);
  const quoted = JSON.stringify(level);
  const wanted = {
    type: 'Dangling',
    status: found ? 'False' : 'True',
    reason: found ? 'Found' : 'NotFound',
    message: `This FlowSchema references the PriorityLevelConfiguration object named ${quoted} ${
      found ? 'and it exists' : 'but there is no such object'
    }`,
  };
  const conditions = (schema['status']?.conditions ?? []) as Record<string, string>[];
  const now = conditions.find(({ type }) => type === wanted.type);
  const same =
    now?.['status'] === wanted.status && now['reason'] === wanted.reason && now['message'] === wanted.message;
  return same ? undefined : wanted;
}
