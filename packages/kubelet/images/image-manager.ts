import type { AuthConfig, Image, ImageService, PodSandboxConfig } from '@coxswain/cri';
import { type Clock, formatGoDuration, goQuote } from '@coxswain/machinery';
import { Backoff } from '../kuberuntime/backoff.ts';
import { SyncError } from '../kuberuntime/sync-error.ts';
import type { Container, Secret } from '../types.ts';
import { parseImageName, withDefaultTag } from './image-name.ts';
import { credentialsFor } from './keyring.ts';

/** Between pulls that fail: 10 s doubling to 5 min. */
const initialBackoffMs = 10_000;
const maxBackoffMs = 300_000;

export type RecordEvent = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

/** Sees to it that images are on the node before containers are made of them. */
export class ImageManager {
  readonly #images: ImageService;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  /** What the last pull failed with, by back-off key. */
  readonly #lastErrors = new Map<string, string>();

  constructor(images: ImageService, clock: Clock) {
    this.#images = images;
    this.#clock = clock;
    this.#backoff = new Backoff(clock, initialBackoffMs, maxBackoffMs);
  }

  /** Resolves with the image; rejects with a `SyncError` whose reason the container waits with. */
  async ensure(
    podUid: string,
    container: Container,
    secrets: readonly Secret[],
    sandbox: PodSandboxConfig,
    record: RecordEvent,
  ): Promise<Image> {
    const requested = container.image ?? '';
    const image = withDefaultTag(requested);
    if (image === undefined) {
      const message = `Failed to apply default image tag ${goQuote(requested)}: couldn't parse image name ${goQuote(requested)}: invalid reference format`;
      record('Warning', 'InspectFailed', message);
      throw new SyncError('InvalidImageName', message);
    }
    const present = await this.#inspect(image, requested, record);
    const policy = container.imagePullPolicy ?? defaultPolicy(image);
    if (present !== undefined && policy !== 'Always') {
      const text = `Container image ${goQuote(requested)} already present on machine and can be accessed by the pod`;
      record('Normal', 'Pulled', text);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image ${goQuote(requested)} is not present with pull policy of Never`;
      record('Warning', 'ErrImageNeverPull', message);
      throw new SyncError('ErrImageNeverPull', message);
    }
    const key = `${podUid}_${image}`;
    const waitMs = this.#backoff.remainingSinceUpdate(key);
    if (waitMs > 0) {
      record('Normal', 'BackOff', `Back-off pulling image ${goQuote(requested)}`);
      const last = this.#lastErrors.get(key);
      const message = `Back-off pulling image ${goQuote(requested)}${last === undefined ? '' : `: ${last}`}`;
      throw new SyncError('ImagePullBackOff', message, { retryAfterMs: waitMs });
    }
    return this.#pull(key, image, requested, secrets, sandbox, record);
  }

  async #inspect(image: string, requested: string, record: RecordEvent): Promise<Image | undefined> {
    try {
      return await this.#images.imageStatus({ image });
    } catch (cause) {
      const message = `Failed to inspect image ${goQuote(requested)}: ${(cause as Error).message}`;
      record('Warning', 'InspectFailed', message);
      throw new SyncError('ImageInspectError', message, { cause });
    }
  }

  async #pull(
    key: string,
    image: string,
    requested: string,
    secrets: readonly Secret[],
    sandbox: PodSandboxConfig,
    record: RecordEvent,
  ): Promise<Image> {
    record('Normal', 'Pulling', `Pulling image ${goQuote(requested)}`);
    const started = this.#clock.monotonic();
    try {
      const ref = await this.#pullWithCredentials(image, secrets, sandbox);
      const pulled = await this.#images.imageStatus({ image: ref });
      if (pulled === undefined) throw new Error(`image ${goQuote(ref)} is gone right after its pull`);
      this.#backoff.reset(key);
      this.#lastErrors.delete(key);
      const took = formatGoDuration(Math.round(this.#clock.monotonic() - started));
      record(
        'Normal',
        'Pulled',
        `Successfully pulled image ${goQuote(requested)} in ${took} (${took} including waiting). Image size: ${pulled.size} bytes.`,
      );
      return pulled;
    } catch (cause) {
      const text = (cause as Error).message;
      record('Warning', 'Failed', `Failed to pull image ${goQuote(requested)}: ${text}`);
      this.#backoff.next(key, this.#clock.now());
      this.#lastErrors.set(key, `ErrImagePull: ${text}`);
      const retryAfterMs = this.#backoff.get(key);
      throw new SyncError('ErrImagePull', text, { cause, retryAfterMs: Math.min(retryAfterMs, 2_000) });
    }
  }

  async #pullWithCredentials(
    image: string,
    secrets: readonly Secret[],
    sandbox: PodSandboxConfig,
  ): Promise<string> {
    const parsed = parseImageName(image);
    const found = parsed === undefined ? [] : credentialsFor(parsed, secrets);
    const tries: readonly (AuthConfig | undefined)[] = found.length === 0 ? [undefined] : found;
    let failure: unknown;
    for (const auth of tries) {
      try {
        return await this.#images.pullImage({ image }, auth, sandbox);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** Forgets old back-offs. */
  gc(): void {
    this.#backoff.gc();
    for (const key of this.#lastErrors.keys()) if (this.#backoff.get(key) === 0) this.#lastErrors.delete(key);
  }
}

/** The API server writes a policy into every pod; this is for pods that it has not seen. */
function defaultPolicy(image: string): string {
  return image.endsWith(':latest') ? 'Always' : 'IfNotPresent';
}
