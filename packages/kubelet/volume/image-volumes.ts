import { mkdir } from 'node:fs/promises';
import type { Image, ImageService } from '@coxswain/cri';
import type { Pod, Volume } from '../types.ts';
import type { Mounter } from './mounter.ts';

/** Makes sure that an image is on the node; rejects with what keeps it from being there. */
export type EnsureImage = (pod: Pod, reference: string, pullPolicy: string) => Promise<Image>;

/** Volumes that show the files of an image. */
export class ImageVolumes {
  readonly #images: ImageService;
  readonly #mounter: Mounter;
  readonly #ensure: EnsureImage;

  constructor(images: ImageService, mounter: Mounter, ensure: EnsureImage) {
    this.#images = images;
    this.#mounter = mounter;
    this.#ensure = ensure;
  }

  /** Mounts the volume's image; does nothing when that was done before. */
  async mount(pod: Pod, volume: Volume, path: string): Promise<void> {
    const { reference = '', pullPolicy = 'IfNotPresent' } = volume.image ?? {};
    await mkdir(path, { recursive: true });
    if (await this.#mounter.isMountPoint(path)) return;
    if (!this.#images.imageView) throw new Error('the container runtime cannot show the files of images');
    const image = await this.#ensure(pod, reference, pullPolicy);
    const [what] = await this.#images.imageView(image.id, keyOf(pod.metadata.uid ?? '', volume.name));
    if (!what) throw new Error(`image "${reference}" has no files`);
    await this.#mounter.mount(path, what);
  }

  /** Releases the view of a volume that is not mounted any more. */
  async release(uid: string, volumeName: string): Promise<void> {
    await this.#images.releaseImageView?.(keyOf(uid, volumeName));
  }
}

/** Names the view of a pod's volume in the runtime. */
function keyOf(uid: string, volumeName: string): string {
  return `kubelet-image-volume-${uid}-${volumeName}`;
}
