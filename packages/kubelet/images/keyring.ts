import type { AuthConfig } from '@coxswain/cri';
import type { Secret } from '../types.ts';
import type { ImageName } from './image-name.ts';

interface Entry {
  /** Registry and path prefix without a scheme; may hold `*` in the host's labels. */
  readonly pattern: string;
  readonly auth: AuthConfig;
}

/** The credentials that the pull secrets hold for an image, the most specific first. */
export function credentialsFor(image: ImageName, secrets: readonly Secret[]): readonly AuthConfig[] {
  return secrets
    .flatMap(readSecret)
    .filter((e) => matches(e.pattern, image))
    .sort((a, b) => b.pattern.length - a.pattern.length)
    .map((e) => e.auth);
}

function readSecret(secret: Secret): Entry[] {
  const modern = secret.data?.['.dockerconfigjson'];
  const legacy = secret.data?.['.dockercfg'];
  const encoded = secret.type === 'kubernetes.io/dockercfg' ? legacy : modern;
  if (encoded === undefined) return [];
  let config: any;
  try {
    config = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  } catch {
    // A secret that cannot be read holds no credentials; the pull's own failure will tell.
    return [];
  }
  const auths: Record<string, any> = (encoded === modern ? config.auths : config) ?? {};
  return Object.entries(auths).map(([server, entry]) => ({
    pattern: server.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, ''),
    auth: readEntry(entry),
  }));
}

function readEntry(entry: any): AuthConfig {
  if (entry.auth) {
    const [username = '', ...rest] = Buffer.from(entry.auth, 'base64').toString('utf8').split(':');
    return { username, password: rest.join(':') };
  }
  return { username: entry.username ?? '', password: entry.password ?? '' };
}

function matches(pattern: string, image: ImageName): boolean {
  const slash = pattern.indexOf('/');
  const host = slash < 0 ? pattern : pattern.slice(0, slash);
  const path = slash < 0 ? '' : pattern.slice(slash + 1);
  const normal = host === 'index.docker.io' ? 'docker.io' : host;
  const wanted = normal.split('.');
  const actual = image.domain.split('.');
  if (wanted.length !== actual.length) return false;
  const hostMatches = wanted.every((label, i) =>
    new RegExp(`^${label.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(actual[i] ?? ''),
  );
  return hostMatches && image.path.startsWith(path);
}
