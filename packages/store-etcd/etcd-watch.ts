import type { Clock, Timer } from '@coxswain/machinery';
import { CompactedError, eventRevision, type StoreEvent } from '@coxswain/store';
import type { ServiceError } from '@grpc/grpc-js';
import type { EtcdChannel, WatchCall } from './etcd-channel.ts';
import { EtcdError, fromServiceError } from './etcd-error.ts';
import { eventFromWire, type WireEvent } from './wire.ts';

/** What is watched and who is told. */
export interface EtcdWatchRequest {
  /** Keys as etcd has them. */
  readonly key: string;
  readonly rangeEnd: string;
  /** Which keys the watcher hears of; the others only move its revision on. */
  readonly wanted: (key: string) => boolean;
  readonly afterRevision: number;
  readonly onEvents: (events: readonly StoreEvent[]) => void;
  /** Everything up to this revision has been told. */
  readonly onProgress: (revision: number) => void;
  readonly onEnd: (error?: Error) => void;
}

interface WatchReply {
  readonly header: { readonly revision: number } | null;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly fragment: boolean;
  readonly events: readonly WireEvent[];
}

const firstDelayMs = 50;
const longestDelayMs = 1_000;
/** A watch that tells nothing of what etcd is known to have hangs: its member, or the way to it, is no more. */
const silenceMs = 1_000;

/** One watch that outlives its connections: it goes on after the last revision it has told, nothing lost or twice. */
export class EtcdWatch {
  readonly #channel: EtcdChannel;
  readonly #clock: Clock;
  readonly #request: EtcdWatchRequest;
  readonly #fromEtcd: (key: string) => string;
  readonly #waiting: { readonly revision: number; readonly wake: () => void }[] = [];
  readonly #stop = new AbortController();
  #delivered: number;
  #delay = firstDelayMs;
  #call: WatchCall | undefined;
  /** Gives the endpoint of the call up for another. */
  #leave: () => void = () => {};
  /** The newest revision that etcd is known to have. */
  #expected = 0;
  /** Runs while that has not come. */
  #silence: Timer | undefined;
  /** Parts of a message that etcd has split; one revision is told at once. */
  #parts: WireEvent[] = [];

  constructor(
    channel: EtcdChannel,
    clock: Clock,
    request: EtcdWatchRequest,
    fromEtcd: (key: string) => string,
  ) {
    this.#channel = channel;
    this.#clock = clock;
    this.#request = request;
    this.#fromEtcd = fromEtcd;
    this.#delivered = request.afterRevision;
  }

  get closed(): boolean {
    return this.#stop.signal.aborted;
  }

  get delivered(): number {
    return this.#delivered;
  }

  start(): void {
    if (this.closed) return;
    const { call, endpoint, failed } = this.#channel.openWatch();
    this.#call = call;
    this.#leave = failed;
    this.#parts = [];
    const lost = (error: Error): void => {
      if (this.#call !== call) return;
      this.#call = undefined;
      failed();
      if (error instanceof EtcdError && !error.passing) this.end(error);
      else this.#again();
    };
    call.on('data', (reply: WatchReply) => {
      if (this.#call === call) this.#onReply(reply, endpoint);
    });
    call.on('error', (error) => lost(fromServiceError(error as ServiceError, endpoint)));
    call.on('end', () => lost(new EtcdError('ETCD_UNAVAILABLE', 'the watch was ended', true)));
    call.write({
      createRequest: {
        key: this.#request.key,
        rangeEnd: this.#request.rangeEnd,
        startRevision: this.#delivered + 1,
        prevKv: true,
        fragment: true,
        progressNotify: true,
      },
    });
  }

  /** etcd has this revision: the watch goes on with another member when this one says nothing for a second. */
  expect(revision: number): void {
    if (revision > this.#expected) this.#expected = revision;
    if (this.#silence !== undefined || this.#delivered >= this.#expected || this.closed) return;
    const delivered = this.#delivered;
    this.#silence = this.#clock.after(silenceMs, () => {
      this.#silence = undefined;
      if (this.#delivered === delivered && this.#parts.length === 0) this.#moveOn();
      this.expect(this.#expected);
    });
  }

  #moveOn(): void {
    const call = this.#call;
    if (call === undefined) return;
    this.#call = undefined;
    this.#leave();
    call.cancel();
    this.#again();
  }

  /** Resolves when everything up to the revision has been told, or the watch is over. */
  until(revision: number): Promise<void> | undefined {
    if (this.#delivered >= revision || this.closed) return undefined;
    return new Promise((wake) => this.#waiting.push({ revision, wake }));
  }

  /** Ends the watch without telling it. */
  close(): void {
    if (this.closed) return;
    this.#stop.abort();
    this.#silence?.cancel();
    this.#call?.cancel();
    this.#call = undefined;
    for (const { wake } of this.#waiting.splice(0)) wake();
  }

  /** Ends the watch and tells why. */
  end(error?: Error): void {
    if (this.closed) return;
    this.close();
    this.#request.onEnd(error);
  }

  #again(): void {
    const delay = this.#delay;
    this.#delay = Math.min(delay * 2, longestDelayMs);
    const again = this.#clock.sleep(delay, this.#stop.signal).then(
      () => this.start(),
      () => undefined,
    );
    again.catch((error: unknown) => this.end(error instanceof Error ? error : new Error(String(error))));
  }

  #onReply(reply: WatchReply, endpoint: string): void {
    if (reply.compactRevision > 0) {
      this.end(new CompactedError(reply.compactRevision));
      return;
    }
    if (reply.canceled) {
      this.#onCanceled(reply, endpoint);
      return;
    }
    this.#delay = firstDelayMs;
    if (reply.events.length > 0) {
      for (const event of reply.events) this.#parts.push(event);
      if (reply.fragment) return;
      const events = this.#parts;
      this.#parts = [];
      this.#tell(events);
    } else if (!reply.created && reply.header !== null) {
      // etcd says so when it has nothing more to tell up to that revision.
      this.#advance(reply.header.revision);
    }
  }

  #onCanceled(reply: WatchReply, endpoint: string): void {
    if (/permission denied|auth/i.test(reply.cancelReason)) {
      const message = `etcd at "${endpoint}" denies access: ${reply.cancelReason}`;
      this.end(new EtcdError('ETCD_ACCESS_DENIED', message, false));
      return;
    }
    const call = this.#call;
    this.#call = undefined;
    call?.cancel();
    this.#again();
  }

  #tell(wire: readonly WireEvent[]): void {
    const events: StoreEvent[] = [];
    let last = this.#delivered;
    for (const each of wire) {
      last = each.kv.modRevision;
      if (last <= this.#delivered || !this.#request.wanted(each.kv.key)) continue;
      const event = eventFromWire(each, this.#fromEtcd);
      if (event === undefined) {
        // The state before is compacted: the watch fell too far behind to be told truly.
        this.end(new CompactedError(last - 1));
        return;
      }
      events.push(event);
    }
    if (events.length > 0) {
      // In step with what the watcher knows even while it is being told.
      this.#delivered = Math.max(this.#delivered, eventRevision(events[events.length - 1]!));
      try {
        this.#request.onEvents(events);
      } catch (error) {
        this.end(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
    this.#advance(last);
  }

  #advance(revision: number): void {
    if (this.closed) return;
    if (revision > this.#delivered) this.#delivered = revision;
    this.#request.onProgress(this.#delivered);
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const waiter = this.#waiting[i]!;
      if (waiter.revision > this.#delivered) continue;
      this.#waiting.splice(i, 1);
      waiter.wake();
    }
  }
}
