import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Architecture } from './elf.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';

/** What runs in a container of the image; the fields of the OCI image configuration. */
export interface OciImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly StopSignal?: string;
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
}

/** A layer: a tar archive in memory, or a file, plain or compressed. */
export type OciLayer =
  | { readonly tar: Uint8Array }
  | { readonly path: string; readonly compression?: 'gzip' | 'zstd' };

export interface OciImage {
  /** Full reference, such as `coxswain.example/mysql:1`. */
  readonly name: string;
  readonly architecture: Architecture;
  readonly config: OciImageConfig;
  /** Lowest first. */
  readonly layers: readonly OciLayer[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const bigChunks = { highWaterMark: 1 << 20 };

const media = 'application/vnd.oci.image';

/** The architecture of this machine by its OCI name. */
export function machineArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new RangeError(`images cannot be built for the processor "${process.arch}"`);
}

/**
 * Writes an image as an OCI layout in a tar archive, which containerd, podman and skopeo read. Layers of files
 * are streamed. The archive appears under its name when it is whole.
 */
export async function writeOciArchive(image: OciImage, out: string): Promise<void> {
  const layers = await Promise.all(image.layers.map(describeLayer));
  const config = json({
    architecture: image.architecture,
    os: 'linux',
    config: image.config,
    rootfs: { type: 'layers', diff_ids: layers.map((l) => l.diffId) },
    history: layers.map(() => ({ created_by: 'coxswain' })),
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: `${media}.manifest.v1+json`,
    config: describe(`${media}.config.v1+json`, config),
    layers: layers.map((l) => l.descriptor),
  });
  const index = json({
    schemaVersion: 2,
    mediaType: `${media}.index.v1+json`,
    manifests: [
      {
        ...describe(`${media}.manifest.v1+json`, manifest),
        platform: { os: 'linux', architecture: image.architecture },
        annotations: {
          'io.containerd.image.name': image.name,
          'org.opencontainers.image.ref.name': image.name.slice(image.name.lastIndexOf(':') + 1),
        },
      },
    ],
  });

  const temporary = `${out}.${process.pid}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await addBytes(file, 'oci-layout', json({ imageLayoutVersion: '1.0.0' }));
    await addBytes(file, 'index.json', index);
    await addBytes(file, blobPath(digestOf(manifest)), manifest);
    await addBytes(file, blobPath(digestOf(config)), config);
    for (const [i, layer] of image.layers.entries()) {
      const { digest, size } = layers[i]!.descriptor;
      if ('tar' in layer) await addBytes(file, blobPath(digest), layer.tar);
      else await addFile(file, blobPath(digest), size, layer.path);
    }
    await file.write(tarEnd);
  } finally {
    await file.close();
  }
  await rename(temporary, out);
}

async function describeLayer(layer: OciLayer): Promise<{ descriptor: Descriptor; diffId: string }> {
  if ('tar' in layer) {
    const descriptor = describe(`${media}.layer.v1.tar`, layer.tar);
    return { descriptor, diffId: descriptor.digest };
  }
  const { path, compression } = layer;
  const { size } = await stat(path);
  const digest = await digestOfStream(createReadStream(path, bigChunks));
  if (compression === undefined) {
    return { descriptor: { mediaType: `${media}.layer.v1.tar`, digest, size }, diffId: digest };
  }
  const decompress = compression === 'gzip' ? createGunzip() : createZstdDecompress();
  const file = createReadStream(path, bigChunks).on('error', (error) => decompress.destroy(error));
  const diffId = await digestOfStream(file.pipe(decompress));
  return { descriptor: { mediaType: `${media}.layer.v1.tar+${compression}`, digest, size }, diffId };
}

async function digestOfStream(bytes: AsyncIterable<unknown>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest('hex')}`;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

async function addBytes(file: FileHandle, path: string, bytes: Uint8Array): Promise<void> {
  await file.write(Buffer.concat([tarHeader(path, bytes.length, 0o644), bytes, tarPadding(bytes.length)]));
}

async function addFile(file: FileHandle, path: string, size: number, source: string): Promise<void> {
  await file.write(tarHeader(path, size, 0o644));
  for await (const chunk of createReadStream(source, bigChunks)) {
    await file.write(chunk as Uint8Array);
  }
  await file.write(tarPadding(size));
}
