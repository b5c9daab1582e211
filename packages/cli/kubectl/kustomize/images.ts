/** An entry of `images`. */
export interface ImageChange {
  readonly name: string;
  readonly newName?: string;
  readonly newTag?: string;
  readonly tagSuffix?: string;
  readonly digest?: string;
}

/** Changes the image of every container in the object in place, wherever its containers are. */
export function changeImages(node: unknown, change: ImageChange): void {
  if (Array.isArray(node)) {
    for (const item of node) changeImages(item, change);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  for (const [name, member] of Object.entries(node)) {
    const containers = (name === 'containers' || name === 'initContainers') && Array.isArray(member);
    for (const container of containers ? member : []) {
      if (typeof container?.image === 'string') container.image = changed(container.image, change);
    }
    changeImages(member, change);
  }
}

/** The image's new reference; that of another image stays. */
export function changed(image: string, change: ImageChange): string {
  const pattern = new RegExp(`^${change.name}(?::[\\w.{}-]*)?(?:@sha256:[\\w.{}-]*)?$`);
  if (!pattern.test(image)) return image;
  const parts = /^(.*?)(?::([^:/@]*))?(?:@(.*))?$/.exec(image) ?? [];
  let [, name = '', tag, digest] = parts;
  name = change.newName || name;
  if (change.newTag || change.digest) {
    tag = change.newTag;
    digest = change.digest;
  } else if (change.tagSuffix) tag = `${tag ?? ''}${change.tagSuffix}`;
  return `${name}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}
