import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type KubeObject, silentLogger, systemClock } from '@coxswain/machinery';
import { until } from '@coxswain/machinery/testing';
import { type Issuer, PkiDir } from '@coxswain/pki';
import { askHttps } from '@coxswain/pki/testing';
import { startTestServer as startApi } from '../testing-server.ts';
import { startTestIssuer, type TestIssuer } from './authentication/jwt/testing-issuer.ts';
import { createExternalAccess, type ExternalAccessOptions } from './create-external-access.ts';

const serviceIssuer = 'https://kubernetes.default.svc';
const selfReview = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

let issuer: TestIssuer;
let pki: PkiDir;
let ca: Issuer;
let proxyCa: Issuer;
const closers: (() => Promise<void>)[] = [];

before(async () => {
  issuer = await startTestIssuer(() => Math.floor(systemClock.now() / 1000));
  pki = new PkiDir(join(issuer.server.dir, 'api'), systemClock);
  ca = pki.authority('ca', 'kubernetes');
  proxyCa = pki.authority('front-proxy-ca', 'front-proxy-ca');
});
after(async () => {
  for (const close of closers) await close();
  await issuer.server.close();
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: any;
}

interface Sent {
  readonly token?: string;
  readonly client?: { readonly certificate: string; readonly key: string };
  /** Names and values in turn. */
  readonly headers?: readonly string[];
  readonly body?: object;
}

/** Starts a server with what is outside of it, and gives what sends it a request. */
async function start(
  options: Partial<ExternalAccessOptions>,
): Promise<{ send(path: string, sent?: Sent): Promise<Answer>; metrics(): string; url(): string }> {
  const external = createExternalAccess({
    anonymousGiven: false,
    authorizationModes: ['RBAC'],
    serviceAccountIssuers: [serviceIssuer],
    audiences: [serviceIssuer],
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
    ...options,
  });
  const serving = pki.leaf('apiserver', ca, {
    subject: { commonName: 'kube-apiserver' },
    usages: ['server'],
    altNames: ['127.0.0.1'],
  });
  const { certificate: cert, key } = serving;
  const api = await startApi({
    listen: { host: '127.0.0.1', port: 0, cert, key, clientCA: ca.certificate },
    access: {
      external,
      staticTokens: new Map([['root', { name: 'root', groups: ['system:masters'] }]]),
    },
  });
  closers.push(() => api.close());
  return {
    send: (path, sent = {}) => send(api.server.port, path, sent),
    metrics: () => external.metrics(),
    url: () => api.server.url,
  };
}

async function send(
  port: number,
  path: string,
  { token, client, headers = [], body }: Sent,
): Promise<Answer> {
  const raw = [
    ...headers,
    'host',
    `127.0.0.1:${port}`,
    ...(token === undefined ? [] : ['authorization', `Bearer ${token}`]),
    ...(body === undefined ? [] : ['content-type', 'application/json']),
  ];
  const { code, body: text } = await askHttps(
    `https://127.0.0.1:${port}${path}`,
    {
      method: body === undefined ? 'GET' : 'POST',
      ca: ca.certificate,
      headers: raw,
      ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
    },
    body && JSON.stringify(body),
  );
  return { status: code, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
}

/** Groups of the user that a proxy names with one header a group. */
async function groupsOverHttp2(
  url: string,
  { certificate: cert, key }: NonNullable<Sent['client']>,
  groups: readonly string[],
): Promise<unknown> {
  const session = connect(url, { ca: ca.certificate, cert, key });
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': selfReview,
      'content-type': 'application/json',
      'x-remote-user': 'jane',
      'x-remote-group': [...groups],
    });
    stream.end(JSON.stringify(whoAmI.body));
    let text = '';
    for await (const chunk of stream) text += chunk;
    return JSON.parse(text).status.userInfo.groups;
  } finally {
    session.close();
  }
}

function review(kind: string, group: string, spec?: object): KubeObject {
  return { apiVersion: `${group}/v1`, kind, metadata: {}, ...(spec === undefined ? {} : { spec }) };
}

const whoAmI = { body: review('SelfSubjectReview', 'authentication.k8s.io') };

test('a front proxy tells for whom it asks, and nobody else may', async () => {
  const { send, url } = await start({
    requestHeader: {
      clientCa: proxyCa.certificate,
      allowedNames: ['front-proxy-client'],
      usernameHeaders: ['X-Remote-User'],
      uidHeaders: ['X-Remote-Uid'],
      groupHeaders: ['X-Remote-Group'],
      extraHeaderPrefixes: ['X-Remote-Extra-'],
    },
  });
  const leaf = (name: string, from: Issuer, commonName: string) =>
    pki.leaf(name, from, { subject: { commonName }, usages: ['client'] });
  const proxy = leaf('proxy', proxyCa, 'front-proxy-client');
  const headers = [
    ...['X-Remote-User', 'jane', 'X-Remote-Uid', '7'],
    ...['X-Remote-Group', 'a, b', 'X-Remote-Group', 'c', 'X-Remote-Extra-example.com%2fx', 'y'],
  ];
  const user = async (client: Sent['client'], sent: readonly string[] = headers): Promise<unknown> => {
    const answer = await send(selfReview, { ...whoAmI, ...(client && { client }), headers: sent });
    return answer.status === 201 ? answer.body.status.userInfo : answer.status;
  };
  assert.deepEqual(await user(proxy), {
    username: 'jane',
    uid: '7',
    groups: ['a, b', 'c', 'system:authenticated'],
    extra: { 'example.com/x': ['y'] },
  });
  assert.deepEqual(await groupsOverHttp2(url(), proxy, ['a, b', 'c']), ['a, b', 'c', 'system:authenticated']);
  assert.equal(await user(proxy, []), 401);
  assert.equal(await user(leaf('stranger', proxyCa, 'somebody')), 401);
  const own = leaf('client', ca, 'joe');
  const credential = createHash('sha256').update(new X509Certificate(own.certificate).raw).digest('hex');
  assert.deepEqual(await user(own), {
    username: 'joe',
    groups: ['system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${credential}`] },
  });
  // the header alone is nobody's proof
  assert.equal(await user(undefined), 403);
  const { body } = await send(
    '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
    {
      token: 'root',
    },
  );
  assert.deepEqual(body.data, {
    'client-ca-file': ca.certificate,
    'requestheader-client-ca-file': proxyCa.certificate,
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  });
});

describe('an authentication configuration', () => {
  const path = (): string => join(issuer.server.dir, 'authn.yaml');
  const write = (prefix: string, rest = 'anonymous: {enabled: true, conditions: [{path: /livez}]}'): void =>
    writeFileSync(
      path(),
      `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n${rest}\njwt:\n- issuer: {url: ${issuer.url}, audiences: [cluster], certificateAuthority: ${JSON.stringify(issuer.server.ca)}}\n  claimMappings: {username: {claim: sub, prefix: "${prefix}"}}\n`,
    );

  test('lets in users of issuers and anonymous requests to some paths, and is followed', async () => {
    write('one:');
    const { send, metrics } = await start({ authenticationConfig: path() });
    const token = issuer.token({});
    const name = async (): Promise<string | undefined> =>
      (await send(selfReview, { ...whoAmI, token })).body.status.userInfo?.username;
    await until(async () => (await name()) === 'one:jane');
    assert.equal((await send('/livez?verbose')).status, 200);
    assert.equal((await send('/readyz')).status, 401);
    const asked = await send('/apis/authentication.k8s.io/v1/tokenreviews', {
      token: 'root',
      body: review('TokenReview', 'authentication.k8s.io', { token }),
    });
    assert.deepEqual(asked.body.status, {
      authenticated: true,
      user: { username: 'one:jane', groups: ['system:authenticated'] },
      audiences: [serviceIssuer],
    });
    write('none:', 'anonymous: {enabled: false}');
    await until(async () => /reloads_total\{.*status="failure"\}/.test(metrics()));
    assert.equal(await name(), 'one:jane');
    write('two:');
    await until(async () => (await name()) === 'two:jane');
  });
});

describe('an authorization webhook', () => {
  test('decides after RBAC, and its fault is an internal error', async () => {
    const { answers } = issuer.server;
    answers.set('/authz', ({ apiVersion, kind, spec }) => ({
      body: { apiVersion, kind, status: { allowed: spec.user === 'oidc:jane', reason: 'says the hook' } },
    }));
    const { send } = await start({
      authorizationModes: ['RBAC', 'Webhook'],
      authorizationWebhook: {
        configFile: issuer.server.kubeconfig('/authz'),
        version: 'v1',
        authorizedTtlMs: 0,
        unauthorizedTtlMs: 0,
      },
      oidc: {
        issuerUrl: issuer.url,
        clientId: 'cluster',
        usernameClaim: 'sub',
        usernamePrefix: 'oidc:',
        groupsClaim: '',
        groupsPrefix: '',
        requiredClaims: {},
        ca: issuer.server.ca,
        signingAlgorithms: ['RS256'],
      },
    });
    const [jane, joe] = [issuer.token({}), issuer.token({ sub: 'joe' })];
    const pods = '/api/v1/namespaces/default/pods';
    await until(async () => (await send(pods, { token: jane })).status === 200);
    const refused = await send(pods, { token: joe });
    assert.equal(
      refused.body.message,
      'pods is forbidden: User "oidc:joe" cannot list resource "pods" in API group "" in the namespace "default": says the hook',
    );
    const rules = await send('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
      token: joe,
      body: review('SelfSubjectRulesReview', 'authorization.k8s.io', { namespace: 'default' }),
    });
    assert.equal(rules.body.status.incomplete, true);
    assert.equal(
      rules.body.status.evaluationError,
      'webhook authorizer does not support user rule resolution',
    );
    answers.set('/authz', () => ({ status: 404, body: {} }));
    const failed = await send(`${pods}?watch=1`, { token: joe });
    assert.equal(failed.status, 500);
    assert.match(
      failed.text,
      /^Internal Server Error: "\/api\/v1\/namespaces\/default\/pods\?watch=1": .+\n$/,
    );
    const access = await send('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      token: joe,
      body: review('SelfSubjectAccessReview', 'authorization.k8s.io', {
        resourceAttributes: { verb: 'get', resource: 'pods' },
      }),
    });
    // creating the review is allowed by RBAC; what it asks about is not decided
    assert.equal(access.body.status.allowed, false);
    assert.match(access.body.status.evaluationError, /./);
  });
});

test('what extension servers trust comes back when somebody takes it away', async () => {
  const external = createExternalAccess({
    anonymousGiven: false,
    authorizationModes: ['RBAC'],
    serviceAccountIssuers: [serviceIssuer],
    audiences: [serviceIssuer],
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
    requestHeader: {
      clientCa: proxyCa.certificate,
      allowedNames: [],
      usernameHeaders: ['X-Remote-User'],
      uidHeaders: [],
      groupHeaders: [],
      extraHeaderPrefixes: [],
    },
  });
  const api = await startApi({ access: { external } });
  closers.push(() => api.close());
  const transport = api.server.loopback({ name: 'root', groups: ['system:masters'] });
  const at = {
    group: '',
    version: 'v1',
    resource: 'configmaps',
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication',
  };
  const data = async (): Promise<any> =>
    ((await transport.request({ ...at, verb: 'get' }).catch(() => undefined)) as KubeObject | undefined)?.[
      'data'
    ];
  await transport.request({ ...at, verb: 'delete' });
  await until(async () => (await data())?.['requestheader-client-ca-file'] === proxyCa.certificate);
  await transport.request({
    ...at,
    verb: 'patch',
    patchType: 'application/merge-patch+json',
    body: {
      data: { 'requestheader-client-ca-file': ca.certificate, 'requestheader-username-headers': '["Other"]' },
    },
  });
  await until(async () => (await data())?.['requestheader-username-headers'] === '["Other","X-Remote-User"]');
  assert.equal((await data())['requestheader-client-ca-file'], ca.certificate + proxyCa.certificate);
});
