import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestListener } from '../../testing-listener.ts';

describe('paths under /debug/', () => {
  let listener: TestListener;
  before(async () => {
    listener = await TestListener.start();
  });
  after(() => listener.close());

  test('are for those alone who may', async () => {
    assert.equal((await listener.ask('/debug/pprof/', { token: 'alice' })).code, 403);
    assert.equal((await listener.ask('/debug/pprof/cmdline', { token: 'alice' })).code, 403);
  });

  test('list profiles and give them in the forms of Node.js', async () => {
    const index = await listener.ask('/debug/pprof/');
    assert.match(index.body, /<a href='profile'>/);
    const profile = await listener.ask('/debug/pprof/profile?seconds=0.05');
    assert.equal(profile.headers['content-disposition'], 'attachment; filename="profile.cpuprofile"');
    assert.ok(JSON.parse(profile.body).nodes.length > 0);
    const memory = await listener.ask('/debug/pprof/allocs?seconds=0.01');
    assert.ok(JSON.parse(memory.body).head !== undefined);
    const heap = await listener.ask('/debug/pprof/heap');
    assert.match(heap.body.slice(0, 200), /"snapshot"/);
    assert.equal((await listener.ask('/debug/pprof/goroutine')).code, 404);
  });

  test('take one profile at a time', async () => {
    const codes = (await Promise.all([1, 2].map(() => listener.ask('/debug/pprof/profile?seconds=0.1')))).map(
      ({ code }) => code,
    );
    assert.deepEqual(codes.sort(), [200, 500]);
  });

  test('dump flow control in columns', async () => {
    const levels = await listener.ask('/debug/api_priority_and_fairness/dump_priority_levels');
    assert.match(levels.body, /^PriorityLevelName, ActiveQueues, +IsIdle, /);
    assert.match(levels.body, /^exempt, +0, +false, +false, +0, +1, /m);
    const queues = await listener.ask('/debug/api_priority_and_fairness/dump_queues');
    assert.match(queues.body, /^workload-low, +127, +0, +0, +0, +0\.0+ss, /m);
    assert.equal((await listener.ask('/debug/api_priority_and_fairness/dump_else')).code, 404);
  });

  test('are not there without profiling', async () => {
    const plain = await TestListener.start({ serving: { profiling: false, priorityAndFairness: false } });
    assert.equal((await plain.ask('/debug/pprof/')).code, 404);
    assert.equal((await plain.ask('/debug/api_priority_and_fairness/dump_queues')).code, 404);
    await plain.close();
  });

  test('take the verbosity of the log', async () => {
    const put: string[] = [];
    const setVerbosity = (text: string): void => {
      if (text === 'x') throw new Error('not a number');
      put.push(text);
    };
    const turned = await TestListener.start({ serving: { setVerbosity } });
    const ask = (method: string, body?: string) =>
      turned.ask('/debug/flags/v', { method, ...(body === undefined ? {} : { body }) });
    const { code, body } = await ask('PUT', '5');
    assert.deepEqual([code, body, put], [200, 'successfully set klog.logging.verbosity to 5', ['5']]);
    assert.equal((await ask('PUT', 'x')).body, 'failed set klog.logging.verbosity x: not a number');
    assert.equal((await ask('GET')).code, 406);
    assert.equal((await turned.ask('/debug/flags/v', { method: 'PUT', token: 'alice' })).code, 403);
    await turned.close();
  });

  test('/flagz tells the flags', async () => {
    const flags = (): [string, string][] => [['profiling', 'true']];
    const listed = await TestListener.start({ serving: { flags } });
    assert.match((await listed.ask('/flagz')).body, /^\nkube-apiserver flagz\n[\s\S]*\n\nprofiling=true\n$/);
    assert.equal((await listed.ask('/flagz', { token: 'alice' })).code, 403);
    await listed.close();
  });

  test('/statusz tells of the process', async () => {
    const { body } = await listener.ask('/statusz');
    assert.match(body, /^Binary version: 1\.36\.\d+$/m);
    assert.match(body, /^Up: 0 hr 00 min \d\d sec$/m);
  });
});
