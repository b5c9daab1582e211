const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathPart = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const name = `(?:${domain}/)?${pathPart}(?:/${pathPart})*`;
const reference = new RegExp(
  `^(${name})(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);

/** The parts of an image reference. */
export interface ImageName {
  /** Such as `docker.io`; the registry to ask. */
  readonly domain: string;
  /** Such as `library/nginx`. */
  readonly path: string;
  /** Absent when the reference has none. */
  readonly tag?: string;
  readonly digest?: string;
}

/** Parses a reference as Docker's library does; `undefined` when it is malformed. */
export function parseImageName(text: string): ImageName | undefined {
  if (/^[a-f0-9]{64}$/.test(text)) return undefined;
  const match = reference.exec(text);
  const full = match?.[1];
  if (!match || full === undefined || full.length > 255) return undefined;
  const slash = full.indexOf('/');
  const head = slash < 0 ? '' : full.slice(0, slash);
  const isDomain = /[.:]/.test(head) || head === 'localhost' || head.toLowerCase() !== head;
  const domainName = isDomain ? head : 'docker.io';
  const rest = isDomain ? full.slice(slash + 1) : full;
  const path = domainName === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  if (path.toLowerCase() !== path) return undefined;
  return {
    domain: domainName === 'index.docker.io' ? 'docker.io' : domainName,
    path,
    ...(match[2] === undefined ? {} : { tag: match[2] }),
    ...(match[3] === undefined ? {} : { digest: match[3] }),
  };
}

/** The reference with `:latest` where it has neither tag nor digest; `undefined` when malformed. */
export function withDefaultTag(image: string): string | undefined {
  const parsed = parseImageName(image);
  if (parsed === undefined) return undefined;
  return parsed.tag === undefined && parsed.digest === undefined ? `${image}:latest` : image;
}
