import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestListener } from './testing-listener.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const notFound = 'the server could not find the requested resource';
const notAllowed = 'the server does not allow this method on the requested resource';
const page = '404 page not found\n';

/** Method, path, code, and the message of the Status or all of the text. */
const routes: readonly (readonly [method: string, path: string, code: number, message?: string])[] = [
  ['GET', '/api/', 200],
  ['GET', '/apis/apps/', 200],
  ['GET', '/apis/apps/v1/', 200],
  ['GET', '/version/', 200],
  ['GET', '/index.html', 200],
  ['POST', '/', 200],
  ['GET', `${configMaps}/`, 200],
  ['GET', '/healthz/', 404, page],
  ['GET', '/metrics/', 404, page],
  ['GET', '/apis/none.example.com', 404, page],
  ['GET', '/apis/none.example.com/v1', 404, page],
  ['GET', '/apis/none.example.com/v1/things', 404, page],
  ['GET', '/apis/apps/v9', 404, notFound],
  ['GET', '/api/v2', 404, notFound],
  ['GET', '//api/v1/namespaces', 404, page],
  ['GET', `${configMaps}/a%2Fb`, 404, notFound],
  ['GET', `${configMaps}/%zz`, 400, '400 Bad Request'],
  ['GET', '/apis/apps/v1/namespaces/default/deployments/d/status/more', 404, notFound],
  ['GET', '/api/v1/namespaces/default/pods/p/log/more', 404, notFound],
  ['POST', '/api/v1/namespaces/default/pods/p/log', 405, notAllowed],
  ['PUT', '/api/v1/namespaces/default/pods/p/exec', 405, notAllowed],
  ['GET', '/api/v1/namespaces/default/pods/p/exec', 404, 'pods "p" not found'],
  ['POST', '/api/v1/watch/configmaps', 405, notAllowed],
  ['POST', '/api', 405, notAllowed],
  ['POST', '/apis/apps/v1', 405, notAllowed],
];

describe('the routes of a server', () => {
  let listener: TestListener;
  const get = (path: string, headers: Record<string, string>) => listener.ask(path, { headers });
  before(async () => {
    listener = await TestListener.start();
    await listener.ask(configMaps, { method: 'POST', body: '{"metadata":{"name":"c"}}' });
  });
  after(() => listener.close());

  for (const [method, path, code, message] of routes) {
    test(`answer ${method} ${path} with ${code}`, async () => {
      const answer = await listener.ask(path, { method });
      assert.equal(answer.code, code);
      const isStatus = String(answer.headers['content-type']).startsWith('application/json');
      if (message !== undefined)
        assert.equal(isStatus ? JSON.parse(answer.body).message : answer.body, message);
    });
  }

  test('know no HEAD where something has a Go type', async () => {
    for (const path of [configMaps, `${configMaps}/c`, '/api', '/version']) {
      assert.equal((await listener.ask(path, { method: 'HEAD' })).code, 405, path);
    }
    assert.equal((await listener.ask('/healthz', { method: 'HEAD' })).code, 200);
  });

  test('tell what they produce to those who take none of it', async () => {
    const three = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
    const streams = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
    const representations = '406: Not Acceptable\n\nAvailable representations: ';
    const answers = [
      [`${configMaps}/c`, 'application/*', `${representations}${three}`],
      [configMaps, 'text/html', `${representations}${three}, ${streams}`],
      ['/version', 'text/html', `${representations}application/json`],
      [
        `${configMaps}?watch=1`,
        'application/yaml',
        `only the following media types are accepted: ${streams}`,
      ],
      [
        configMaps,
        'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
        'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
      ],
      [
        `${configMaps}/c`,
        'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
        'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
      ],
    ] as const;
    for (const [path, accept, message] of answers) {
      const { code, body } = await get(path, { accept });
      // YAML folds long lines.
      const told = accept === 'application/yaml' ? body.replace(/\n +/g, ' ') : JSON.parse(body).message;
      assert.equal(code, 406);
      assert.ok(told.includes(message), told);
    }
  });

  test('refuse the type of a patch before the form of its answer', async () => {
    const headers = { accept: 'text/html', 'content-type': 'text/plain' };
    assert.equal((await listener.ask(`${configMaps}/c`, { method: 'PATCH', headers, body: '{}' })).code, 415);
  });

  test('tell faults in the form that was asked for, also who may do nothing', async () => {
    const denied = await listener.ask(configMaps, {
      headers: { accept: 'application/yaml' },
      token: 'alice',
    });
    assert.deepEqual(
      [denied.code, denied.headers['content-type'], denied.headers['x-content-type-options']],
      [403, 'application/yaml', 'nosniff'],
    );
    assert.match(denied.body, /^kind: Status$/m);
    const missing = await get(`${configMaps}/none`, {
      accept: 'application/json;as=Table;g=meta.k8s.io;v=v1',
    });
    assert.deepEqual([missing.code, JSON.parse(missing.body).kind], [404, 'Status']);
  });

  test('tell who asks for a document of before where it is now', async () => {
    const { paths } = JSON.parse((await get('/openapi/v3', {})).body);
    const url: string = paths['apis/apps/v1'].serverRelativeURL;
    const document = await get(url, {});
    const hash = url.split('=')[1];
    assert.deepEqual([document.code, document.headers['etag']], [200, `"${hash}"`]);
    const old = await get('/openapi/v3/apis/apps/v1?hash=OLD', {});
    assert.deepEqual([old.code, old.headers['location']], [301, url]);
    assert.equal((await get(url, { 'if-none-match': `"${hash}"` })).code, 304);
  });

  test('give a document of OpenAPI in the form that is preferred, and none that is not known', async () => {
    const { paths } = JSON.parse((await get('/openapi/v3', {})).body);
    const url: string = paths['apis/apps/v1'].serverRelativeURL;
    const protobuf = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf';
    const forms = [
      ['*/*', 'application/json'],
      ['text/html, application/*;q=0.5', 'application/json'],
      [protobuf, protobuf],
      [`application/json;q=0.5, ${protobuf}`, protobuf],
      ['application/com.github.proto-openapi.spec.v3@v1.0+protobuf', protobuf],
    ] as const;
    for (const [accept, contentType] of forms) {
      const { code, headers } = await get(url, { accept });
      assert.deepEqual(
        [code, headers['content-type'], headers['vary']],
        [200, contentType, 'Accept'],
        accept,
      );
      assert.equal(headers['etag'], `"${url.split('=')[1]}"`);
      assert.equal(headers['cache-control'], 'public, immutable');
      assert.ok(Date.parse(String(headers['expires'])) > Date.now());
    }
    for (const path of [url, '/openapi/v2']) {
      assert.deepEqual(await get(path, { accept: 'text/html' }).then(({ code, body }) => [code, body]), [
        406,
        '',
      ]);
    }
  });

  test('break lines for people', async () => {
    const oneLine = /^[^\n]*\n$/;
    const curl = { 'user-agent': 'curl/8.0' };
    for (const path of [`${configMaps}/c`, '/apis', '/apis/apps', `${configMaps}/none`]) {
      const { body } = await get(path, curl);
      assert.match(body, /^\{\n {2}"kind": "(?:.|\n)*\n\}$/, path);
      assert.match((await get(`${path}?pretty=false`, curl)).body, oneLine);
      assert.match((await get(path, {})).body, oneLine);
      assert.equal((await get(`${path}?pretty=true`, {})).body, body);
    }
    for (const path of ['/', '/version']) assert.match((await get(path, {})).body, /^\{\n {2}"/);
  });

  test('break the lines of lists and tables as those of one object', async () => {
    const table = 'application/json;as=Table;g=meta.k8s.io;v=v1';
    for (const [path, accept] of [
      [configMaps, 'application/json'],
      [configMaps, table],
      [configMaps, `${table};pretty=1`],
      [`${configMaps}?labelSelector=none%3Dnone`, 'application/json'],
    ] as const) {
      const { body } = await get(`${path}${path.includes('?') ? '&' : '?'}pretty=1`, { accept });
      assert.equal(body, JSON.stringify(JSON.parse(body), undefined, 2));
    }
  });

  test('break the lines of faults for those who take nothing that there is', async () => {
    for (const accept of ['text/html', 'application/json;as=Table;g=meta.k8s.io;v=v1']) {
      assert.match(
        (await get(`${configMaps}/none`, { accept })).body,
        /^\{\n {2}"kind": "Status",\n/,
        accept,
      );
    }
  });

  test('escape what HTML could misread, as Go does', async () => {
    const body = '{"metadata":{"name":"html","annotations":{"a":"<&>\u2028"}}}';
    await listener.ask(configMaps, { method: 'POST', body });
    for (const path of [`${configMaps}/html`, configMaps, `${configMaps}?pretty=1`]) {
      assert.ok((await get(path, {})).body.includes('\\u003c\\u0026\\u003e\\u2028'), path);
    }
  });
});
