import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { TestListener } from '../testing-listener.ts';

/** Upstream says of most metrics how far they may be relied on. */
const unsaid =
  /^# HELP ((process|nodejs|apiserver_flowcontrol_(demand_seats|priority_level|read_vs_write))_?\S*|\S+ \[(ALPHA|BETA|STABLE)\]) \S/;

describe('/metrics', () => {
  let listener: TestListener;
  before(async () => {
    listener = await TestListener.start();
  });
  after(() => listener.close());

  async function scrape(path = '/metrics'): Promise<string> {
    const answer = await listener.ask(path);
    assert.equal(
      answer.headers['content-type'],
      'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    );
    return answer.body;
  }

  test('counts requests under the labels of upstream', async () => {
    const configMaps = '/api/v1/namespaces/default/configmaps';
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    await listener.ask(`${configMaps}?dryRun=All`, { method: 'POST', body });
    await listener.ask(configMaps, { method: 'POST', body });
    await listener.ask(configMaps);
    await listener.ask(`${configMaps}/none`);
    await listener.ask('/healthz');
    await listener.ask('/api/v1/endpoints');
    await listener.ask(`${configMaps}?labelSelector=a%3Dnothing`, { method: 'DELETE' });
    await listener.ask(`${configMaps}/applied?fieldManager=x`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' } }),
    });
    const discovery = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    await listener.ask('/apis', { headers: { accept: discovery } });
    // Of these nothing is counted: no route takes them.
    await listener.ask('/apis');
    await listener.ask('/version');
    await listener.ask('/api/v1/widgets');
    await listener.ask(configMaps, { method: 'PUT', body });
    await listener.ask('/statusz');
    const listed = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    await listener.ask(`/api/v1/configmaps?watch=1&${listed}&timeoutSeconds=1`);
    const text = await scrape();
    const labels = 'group="",resource="configmaps"';
    for (const line of [
      `apiserver_request_total{code="201",component="apiserver",dry_run="All",${labels},scope="resource",subresource="",verb="POST",version="v1"} 1`,
      `apiserver_request_total{code="201",component="apiserver",dry_run="",${labels},scope="resource",subresource="",verb="POST",version="v1"} 1`,
      `apiserver_request_total{code="200",component="apiserver",dry_run="",${labels},scope="namespace",subresource="",verb="LIST",version="v1"} 1`,
      `apiserver_request_total{code="404",component="apiserver",dry_run="",${labels},scope="resource",subresource="",verb="GET",version="v1"} 1`,
      'apiserver_request_total{code="200",component="",dry_run="",group="",resource="",scope="",subresource="/healthz",verb="GET",version=""} 1',
      `apiserver_request_total{code="200",component="apiserver",dry_run="",${labels},scope="namespace",subresource="",verb="DELETE",version="v1"} 1`,
      `apiserver_request_total{code="201",component="apiserver",dry_run="",${labels},scope="resource",subresource="",verb="APPLY",version="v1"} 1`,
      'apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="",scope="",subresource="/apis",verb="GET",version=""} 1',
      'apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="statusz",scope="",subresource="",verb="GET",version=""} 1',
      `apiserver_request_duration_seconds_count{component="apiserver",dry_run="",${labels},scope="namespace",subresource="",verb="LIST",version="v1"} 1`,
      `apiserver_response_sizes_count{component="apiserver",${labels},scope="namespace",subresource="",verb="LIST",version="v1"} 1`,
      'apiserver_storage_objects{resource="configmaps"} 4',
      `apiserver_request_body_size_bytes_count{${labels},verb="create"} 2`,
      'apiserver_watch_list_duration_seconds_count{group="",resource="configmaps",scope="cluster",version="v1"} 1',
      // This one has not got through yet.
      ...['authentication', 'audit', 'constrainedimpersonation', 'priorityandfairness', 'authorization'].map(
        (filter) => `apiserver_request_filter_duration_seconds_count{filter="${filter}"} `,
      ),
      'apiserver_requested_deprecated_apis{group="",removed_release="",resource="endpoints",subresource="",version="v1"} 1',
      'apiserver_admission_step_admission_duration_seconds_count{operation="CREATE",rejected="false",type="validate"}',
      'etcd_requests_total{group="",operation="create",resource="configmaps"}',
      'authenticated_user_requests{username="other"}',
    ]) {
      assert.ok(text.includes(`\n${line}`), line);
    }
    for (const none of ['code="405"', 'resource="widgets"', 'subresource="/version"']) {
      assert.doesNotMatch(text, new RegExp(`^apiserver_request_total.*${none}`, 'm'));
    }
    assert.match(text, /^# HELP apiserver_request_total \[STABLE\] /m);
    assert.match(text, /^process_resident_memory_bytes \d/m);
    assert.match(text, /^kubernetes_build_info\{.*git_version="v1\.36\.\d+"/m);
    assert.match(await scrape(), /^nodejs_eventloop_lag_p99_seconds \d/m);
  });

  test('names only what a scraper can read', async () => {
    const seen = new Set<string>();
    for (const line of (await scrape()).split('\n')) {
      const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)?.[1];
      if (type !== undefined) {
        assert.ok(!seen.has(type), `${type} twice`);
        seen.add(type);
        continue;
      }
      if (line === '' || unsaid.test(line)) continue;
      assert.match(line, /^[a-z0-9_]+(\{([a-z_]+="([^"\\]|\\.)*",?)*\})? (-?[\d.]+(e[+-]\d+)?|\+Inf)$/);
      const name = /^[a-z0-9_]+/.exec(line)?.[0] ?? '';
      assert.ok(seen.has(name) || seen.has(name.replace(/_(bucket|sum|count)$/, '')), line);
    }
  });

  test('counts watches while they last, and their events', async () => {
    const stream = listener.session.request({
      ':path': '/api/v1/namespaces/default/secrets?watch=1',
      authorization: 'Bearer root',
    });
    await new Promise((resolve) => stream.once('response', resolve));
    const gauge = /^apiserver_longrunning_requests\{.*resource="secrets".*verb="WATCH".*\} (\d)$/m;
    assert.equal(gauge.exec(await scrape())?.[1], '1');
    const event = new Promise((resolve) => stream.once('data', resolve));
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } });
    await listener.ask('/api/v1/namespaces/default/secrets', { method: 'POST', body });
    await event;
    assert.match(
      await scrape(),
      /^apiserver_watch_events_total\{group="",resource="secrets",version="v1"\} 1$/m,
    );
    stream.close();
    for (let text = await scrape(); gauge.exec(text)?.[1] !== '0'; text = await scrape()) {
      // asked until the server has noticed
    }
    assert.match(await scrape(), /^apiserver_request_total\{code="200",.*resource="secrets",.*verb="WATCH"/m);
  });

  test('counts handshakes that fail', async () => {
    const socket = connect(listener.server.port, '127.0.0.1', () => socket.end('GET / HTTP/1.1\r\n\r\n'));
    await new Promise((resolve) => socket.on('error', resolve).on('close', resolve).resume());
    assert.match(await scrape(), /^apiserver_tls_handshake_errors_total 1$/m);
  });

  test('tells the outcomes of health checks under /metrics/slis', async () => {
    await listener.ask('/livez');
    assert.match(
      await scrape('/metrics/slis'),
      /^kubernetes_healthchecks_total\{name="ping",status="success",type="livez"\} 1$/m,
    );
  });
});
