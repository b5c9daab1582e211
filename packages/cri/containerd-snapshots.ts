import { createHash } from 'node:crypto';
import type { Clock } from '@coxswain/machinery';
import { criNamespace } from './container-events.ts';
import { GrpcService } from './grpc-channel.ts';
import { RuntimeError } from './runtime-error.ts';

/** What to mount so that an image's files are seen. */
export interface ImageMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

const mountFields = {
  type: { type: 'string', id: 1 },
  source: { type: 'string', id: 2 },
  target: { type: 'string', id: 3 },
  options: { rule: 'repeated', type: 'string', id: 4 },
};

/** The two services of containerd that hold images' contents and file systems; only what is used here. */
const descriptors = {
  nested: {
    containerd: {
      nested: {
        services: {
          nested: {
            content: {
              nested: {
                v1: {
                  nested: {
                    Content: {
                      methods: {
                        Read: {
                          requestType: 'ReadContentRequest',
                          responseType: 'ReadContentResponse',
                          responseStream: true,
                        },
                      },
                    },
                    ReadContentRequest: { fields: { digest: { type: 'string', id: 1 } } },
                    ReadContentResponse: {
                      fields: { offset: { type: 'int64', id: 1 }, data: { type: 'bytes', id: 2 } },
                    },
                  },
                },
              },
            },
            snapshots: {
              nested: {
                v1: {
                  nested: {
                    Snapshots: {
                      methods: {
                        View: { requestType: 'ViewSnapshotRequest', responseType: 'MountsResponse' },
                        Mounts: { requestType: 'MountsRequest', responseType: 'MountsResponse' },
                        Remove: { requestType: 'MountsRequest', responseType: 'Empty' },
                      },
                    },
                    ViewSnapshotRequest: {
                      fields: {
                        snapshotter: { type: 'string', id: 1 },
                        key: { type: 'string', id: 2 },
                        parent: { type: 'string', id: 3 },
                        labels: { keyType: 'string', type: 'string', id: 4 },
                      },
                    },
                    MountsRequest: {
                      fields: { snapshotter: { type: 'string', id: 1 }, key: { type: 'string', id: 2 } },
                    },
                    MountsResponse: { fields: { mounts: { rule: 'repeated', type: 'Mount', id: 1 } } },
                    Mount: { fields: mountFields },
                    Empty: { fields: {} },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

/** Keeps what it labels from containerd's garbage collection. */
const rootLabel = 'containerd.io/gc.root';
const namespaced = { 'containerd-namespace': criNamespace };

/** containerd's own way to an image's files, for runtimes whose interface cannot mount images yet. */
export class ContainerdSnapshots {
  readonly #content: GrpcService;
  readonly #snapshots: GrpcService;
  readonly #timeout: number;

  constructor(socket: string, clock: Clock, timeoutMs: number) {
    this.#content = new GrpcService(descriptors, 'containerd.services.content.v1.Content', socket, clock);
    this.#snapshots = new GrpcService(
      descriptors,
      'containerd.services.snapshots.v1.Snapshots',
      socket,
      clock,
    );
    this.#timeout = timeoutMs;
  }

  /**
   * Makes a read-only view of an image's files, or finds the one of that key.
   *
   * @param imageId digest of the image's configuration, as the interface names images
   * @param snapshotter that the image was unpacked with
   */
  async view(imageId: string, key: string, snapshotter: string): Promise<readonly ImageMount[]> {
    const config = JSON.parse((await this.#read(imageId)).toString('utf8'));
    const parent = chainId(config.rootfs?.diff_ids ?? []);
    const request = { snapshotter, key, parent, labels: { [rootLabel]: key } };
    try {
      return (await this.#call('View', request)).mounts;
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.code !== 'AlreadyExists') throw error;
      return (await this.#call('Mounts', { snapshotter, key })).mounts;
    }
  }

  /** Removes the view; nothing of it is mounted any more. Idempotent. */
  async remove(key: string, snapshotter: string): Promise<void> {
    try {
      await this.#call('Remove', { snapshotter, key });
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.code !== 'NotFound') throw error;
    }
  }

  close(): void {
    this.#content.close();
    this.#snapshots.close();
  }

  #call(method: string, request: object): Promise<any> {
    return this.#snapshots.call(method, request, this.#timeout, undefined, namespaced);
  }

  async #read(digest: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    await this.#content.stream(
      'Read',
      { digest },
      namespaced,
      { onOpen: () => {}, onData: (message) => parts.push(message.data) },
      new AbortController().signal,
    );
    return Buffer.concat(parts);
  }
}

/** The name of a stack of layers: OCI image specification, "Layer ChainID". */
export function chainId(diffIds: readonly string[]): string {
  const join = (chain: string, diff: string): string =>
    `sha256:${createHash('sha256').update(`${chain} ${diff}`).digest('hex')}`;
  // An image may be empty.
  return diffIds.reduce((chain, diff) => (chain === '' ? diff : join(chain, diff)), '');
}
