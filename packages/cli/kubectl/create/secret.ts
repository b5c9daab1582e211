import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Failure } from '../error-text.ts';
import type { Verb } from '../verb.ts';
import { dataFlags, dataOf } from './file-data.ts';
import { generatorVerb } from './generator.ts';

const hashFlag = {
  'append-hash': { type: 'bool', default: 'false', help: 'Append a hash of the data to the name' },
} as const;

const generic = generatorVerb({
  usage: 'create secret generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1]',
  summary: 'Create a secret based on a file, directory, or specified literal value.',
  flags: { ...dataFlags, ...hashFlag, type: { type: 'string', help: 'Type of the secret' } },
  failing: 'secret',
  build: (session, name) => secretOf(name, session.flags.string('type'), dataOf(session)),
});

const tls = generatorVerb({
  usage: 'create secret tls NAME --cert=path/to/cert/file --key=path/to/key/file',
  summary: 'Create a TLS secret from the given public/private key pair.',
  flags: {
    ...hashFlag,
    cert: { type: 'string', help: 'File with the certificate in PEM' },
    key: { type: 'string', help: 'File with the private key in PEM' },
  },
  failing: 'secret',
  build: ({ flags }, name) => {
    const [cert, key] = [flags.string('cert') ?? '', flags.string('key') ?? ''];
    if (key === '' || cert === '') throw new Failure('key and cert must be specified');
    const data = new Map([
      ['tls.crt', readPem(cert)],
      ['tls.key', readPem(key)],
    ]);
    try {
      const fits = new X509Certificate(data.get('tls.crt')!).checkPrivateKey(
        createPrivateKey(data.get('tls.key')!),
      );
      if (!fits) throw new Error('tls: private key does not match public key');
    } catch (cause) {
      throw new Failure((cause as Error).message, { cause });
    }
    return secretOf(name, 'kubernetes.io/tls', data);
  },
});

const dockerRegistry = generatorVerb({
  usage:
    'create secret docker-registry NAME --docker-username=user --docker-password=password --docker-email=email',
  summary: 'Create a new secret for use with Docker registries.',
  flags: {
    ...hashFlag,
    'docker-email': { type: 'string', help: 'E-mail address at the registry' },
    'docker-password': { type: 'string', help: 'Password at the registry' },
    'docker-server': { type: 'string', default: 'https://index.docker.io/v1/', help: 'The registry' },
    'docker-username': { type: 'string', help: 'User at the registry' },
    'from-file': { type: 'strings', help: 'File, folder or key=file' },
  },
  failing: 'secret',
  build: (session, name) => {
    const { flags } = session;
    if (flags.values('from-file').length > 0) return secretOf(name, dockerType, dataOf(session));
    const username = flags.string('docker-username') ?? '';
    const password = flags.string('docker-password') ?? '';
    if (username === '' || password === '') {
      throw new Failure(
        'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      );
    }
    const email = flags.string('docker-email') ?? '';
    const entry = {
      username,
      password,
      ...(email === '' ? {} : { email }),
      auth: Buffer.from(`${username}:${password}`).toString('base64'),
    };
    const config = JSON.stringify({ auths: { [flags.string('docker-server') as string]: entry } });
    return secretOf(name, dockerType, new Map([['.dockerconfigjson', Buffer.from(config)]]));
  },
});

const dockerType = 'kubernetes.io/dockerconfigjson';

export const secret: Verb = {
  usage: 'create secret (docker-registry | generic | tls)',
  summary: 'Create a secret with specified type.',
  subcommands: {
    'docker-registry': async () => dockerRegistry,
    generic: async () => generic,
    tls: async () => tls,
  },
};

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Failure(`Cannot read file ${path}, open ${path}: no such file or directory`, { cause });
  }
}

function secretOf(name: string, type: string | undefined, data: ReadonlyMap<string, Buffer>) {
  const encoded = Object.fromEntries([...data].map(([key, value]) => [key, value.toString('base64')]));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    ...(data.size > 0 ? { data: encoded } : {}),
    ...(type ? { type } : {}),
  };
}
