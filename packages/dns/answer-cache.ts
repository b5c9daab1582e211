import type { Clock } from '@coxswain/machinery';
import { rcodes, responseCode, ttlOffsets } from './wire.ts';

interface Entry {
  readonly message: Buffer;
  readonly offsets: readonly number[];
  /** Milliseconds of the monotonic clock. */
  readonly stored: number;
  readonly expires: number;
}

/** Seconds that a foreign answer is kept at most, as in the CoreDNS configuration of kubeadm. */
const longestSeconds = 30;
const negativeSeconds = 5;
const capacity = 10_000;

/** Keeps other servers' answers for as long as they say, their age taken off the TTLs that clients see. */
export class AnswerCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A copy that the caller may change; undefined when there is none that is still good. */
  get(key: string): Buffer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#clock.monotonic();
    if (now >= entry.expires) {
      this.#entries.delete(key);
      return undefined;
    }
    const age = Math.floor((now - entry.stored) / 1_000);
    const message = Buffer.from(entry.message);
    for (const at of entry.offsets) message.writeUInt32BE(Math.max(0, message.readUInt32BE(at) - age), at);
    return message;
  }

  /** Keeps an answer if it is one to keep: whole, and a yes or a no. */
  put(key: string, message: Buffer): void {
    const code = responseCode(message);
    if (code !== rcodes.NOERROR && code !== rcodes.NXDOMAIN) return;
    const offsets = ttlOffsets(message);
    if (offsets === undefined) return;
    const positive = code === rcodes.NOERROR && message.readUInt16BE(6) > 0;
    const most = positive ? longestSeconds : negativeSeconds;
    const seconds = Math.min(most, ...offsets.map((at) => message.readUInt32BE(at)));
    if (seconds <= 0) return;
    if (this.#entries.size >= capacity) this.#entries.delete(this.#entries.keys().next().value as string);
    const stored = this.#clock.monotonic();
    this.#entries.set(key, {
      message: Buffer.from(message),
      offsets,
      stored,
      expires: stored + seconds * 1_000,
    });
  }
}
