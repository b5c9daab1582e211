import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Client, type ResourceWatchRequest, type Transport, type WatchEvent } from '@coxswain/client';
import { type KubeObject, newStatusError, silentLogger, VirtualClock } from '@coxswain/machinery';
import { Reflector } from './reflector.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };

function pod(name: string, resourceVersion: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, resourceVersion } };
}

function bookmark(resourceVersion: string, end: boolean): WatchEvent {
  const annotations = end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { resourceVersion, ...annotations } };
  return { type: 'BOOKMARK', object };
}

/** A server whose watches are played by hand. */
class Played {
  readonly watches: ResourceWatchRequest[] = [];
  readonly log: string[] = [];
  readonly stop = new AbortController();
  #end: ((error?: unknown) => void) | undefined;
  #waiting: (() => void) | undefined;

  readonly transport = {
    request: async () => {
      this.log.push('list');
      const items = [pod('listed', '5')];
      return { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '5' }, items };
    },
    watch: (request: ResourceWatchRequest) => {
      this.watches.push(request);
      this.#waiting?.();
      return new Promise<void>((resolve, reject) => {
        this.#end = (error) => (error === undefined ? resolve() : reject(error));
        request.signal?.addEventListener('abort', () => resolve());
      });
    },
  } as unknown as Transport;

  readonly done: Promise<void>;

  constructor(clock: VirtualClock) {
    const reflector = new Reflector({
      client: new Client(this.transport).resource(pods),
      selection: { labelSelector: 'a=b' },
      clock,
      logger: silentLogger,
      random: () => 0,
      streamed: true,
      sink: {
        replace: (objects) => this.log.push(`replace ${objects.map((each) => each.metadata.name)}`),
        apply: (type, object) => this.log.push(`${type} ${object.metadata.name}`),
      },
    });
    this.done = reflector.run(this.stop.signal);
  }

  send(...events: WatchEvent[]): void {
    for (const event of events) this.watches.at(-1)?.onEvent(event);
  }

  end(error?: unknown): void {
    this.#end?.(error);
  }

  async watching(count: number): Promise<void> {
    while (this.watches.length < count) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }
}

it('a streamed list is the first state when its bookmark comes, and the watch goes on', async () => {
  const played = new Played(new VirtualClock());
  await played.watching(1);
  const { sendInitialEvents, resourceVersionMatch, resourceVersion, labelSelector } =
    played.watches[0]?.options ?? {};
  assert.deepEqual(
    [sendInitialEvents, resourceVersionMatch, resourceVersion, labelSelector],
    [true, 'NotOlderThan', '0', 'a=b'],
  );
  played.send({ type: 'ADDED', object: pod('a', '1') }, { type: 'ADDED', object: pod('b', '2') });
  played.send({ type: 'DELETED', object: pod('a', '3') }, bookmark('3', false));
  assert.deepEqual(played.log, []);
  played.send(bookmark('4', true), { type: 'MODIFIED', object: pod('b', '6') });
  assert.deepEqual(played.log, ['replace b', 'MODIFIED b']);
  played.end();
  await played.watching(2);
  assert.equal(played.watches[1]?.options?.sendInitialEvents, undefined);
  assert.equal(played.watches[1]?.options?.resourceVersion, '6');
  played.stop.abort();
  await played.done;
});

it('a server that does not stream lists is asked for one', async () => {
  const clock = new VirtualClock();
  const played = new Played(clock);
  await played.watching(1);
  played.end(newStatusError({ code: 422, reason: 'Invalid', message: 'sendInitialEvents: Forbidden' }));
  const again = played.watching(2);
  await clock.advance(1_000);
  await again;
  assert.deepEqual(played.log, ['list', 'replace listed']);
  assert.equal(played.watches[1]?.options?.resourceVersion, '5');
  played.stop.abort();
  await played.done;
});
