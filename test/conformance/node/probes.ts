import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { container, idle, podOf } from '../support/pods.ts';
import { netexecPod } from '../support/programs.ts';
import { isReady, type Scope } from '../support/scope.ts';

const quick = { periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 5 };

/** Behaviours of probes. */
export const probes: Behaviours = (behaviour) => {
  const name = (text: string) => `[sig-node] Probing container ${text}`;
  const restarts = (pod: any): number => pod.status.containerStatuses?.[0]?.restartCount ?? 0;
  const restarted = (s: Scope, pod: any): Promise<any> =>
    s.create(pod).then(() => s.until('pods', pod.metadata.name, 'restarted', (p) => restarts(p) > 0));
  /** The probe has had its chances when another container, that fails the same often, was restarted. */
  const staysUp = async (s: Scope, pod: any): Promise<void> => {
    await s.start(pod);
    await restarted(
      s,
      idle('measure', {
        livenessProbe: { exec: { command: ['false'] }, periodSeconds: 3, failureThreshold: 3 },
      }),
    );
    assert.equal(restarts(await s.get('pods', pod.metadata.name)), 0);
  };
  const withProbe = (pod: any, parts: object): any => {
    Object.assign(pod.spec.containers[0], parts);
    return pod;
  };

  behaviour(
    name('with readiness probe should not be ready before initial delay and never restart'),
    async (s) => {
      const readinessProbe = {
        httpGet: { path: '/hostname', port: 8080 },
        initialDelaySeconds: 6,
        periodSeconds: 1,
        timeoutSeconds: 5,
      };
      await s.create(withProbe(netexecPod('delayed'), { readinessProbe }));
      const pod = await s.ready('delayed');
      const ready = Date.parse(pod.status.conditions.find((c: any) => c.type === 'Ready').lastTransitionTime);
      const started = Date.parse(pod.status.containerStatuses[0].state.running.startedAt);
      // Both are whole seconds.
      assert.ok(ready - started >= 5000, `${ready - started} ms`);
      assert.equal(restarts(pod), 0);
    },
  );

  behaviour(name('with readiness probe that fails should never be ready and never restart'), async (s) => {
    await s.create(idle('unready', { readinessProbe: { exec: { command: ['false'] }, ...quick } }));
    await s.until('pods', 'unready', 'running', (p) => p.status.phase === 'Running');
    await restarted(
      s,
      idle('measure', { livenessProbe: { exec: { command: ['false'] }, ...quick, failureThreshold: 3 } }),
    );
    const pod = await s.get('pods', 'unready');
    assert.equal(isReady(pod), false);
    assert.equal(restarts(pod), 0);
  });

  const dies = 'touch /tmp/health; trap "exit 0" TERM; sleep 3 & wait; rm -f /tmp/health; sleep 600 & wait';
  const cat = { exec: { command: ['cat', '/tmp/health'] } };

  behaviour(name('should be restarted with a exec "cat /tmp/health" liveness probe'), async (s) => {
    await restarted(
      s,
      idle('dies', {
        command: ['sh', '-c', dies],
        livenessProbe: { ...cat, initialDelaySeconds: 1, ...quick },
      }),
    );
  });

  behaviour(name('should *not* be restarted with a exec "cat /tmp/health" liveness probe'), async (s) => {
    const command = ['sh', '-c', 'touch /tmp/health; trap "exit 0" TERM; sleep 600 & wait'];
    await staysUp(s, idle('lives', { command, livenessProbe: { ...cat, initialDelaySeconds: 1, ...quick } }));
  });

  behaviour(name('should be restarted with a /healthz http liveness probe'), async (s) => {
    const livenessProbe = { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 1, ...quick };
    await restarted(s, withProbe(netexecPod('dies', {}, { HEALTHY_FOR: '3' }), { livenessProbe }));
  });

  behaviour(name('should *not* be restarted with a /healthz http liveness probe'), async (s) => {
    const livenessProbe = {
      httpGet: { path: '/healthz', port: 8080 },
      initialDelaySeconds: 1,
      periodSeconds: 1,
      failureThreshold: 5,
      timeoutSeconds: 5,
    };
    await staysUp(s, withProbe(netexecPod('lives'), { livenessProbe }));
  });

  behaviour(name('should *not* be restarted with a tcp:8080 liveness probe'), async (s) => {
    const livenessProbe = {
      tcpSocket: { port: 8080 },
      initialDelaySeconds: 3,
      periodSeconds: 1,
      failureThreshold: 5,
    };
    await staysUp(s, withProbe(netexecPod('lives'), { livenessProbe }));
  });

  behaviour(name('should have monotonically increasing restart count'), async (s) => {
    const pod = withProbe(netexecPod('counts', {}, { HEALTHY_FOR: '1' }), {
      livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 1, ...quick },
    });
    await s.create(pod);
    let last = 0;
    await eventually('three restarts', async () => {
      const now = restarts(await s.get('pods', 'counts'));
      assert.ok(now >= last, `${now} after ${last}`);
      last = now;
      return now >= 3;
    });
  });

  behaviour(name('should be restarted with a GRPC liveness probe'), async (s) => {
    // The server listens at another port.
    await restarted(s, grpcPod('dies', { grpc: { port: 2333 }, ...quick, initialDelaySeconds: 2 }));
  });

  behaviour(name('should *not* be restarted with a GRPC liveness probe'), async (s) => {
    await staysUp(
      s,
      grpcPod('lives', {
        grpc: { port: 5000 },
        initialDelaySeconds: 3,
        periodSeconds: 1,
        failureThreshold: 5,
      }),
    );
  });
};

/** Speaks grpc.health.v1 at 5000, always serving; run by this machine's node, whose files the pod borrows. */
function grpcPod(name: string, livenessProbe: object): any {
  const script =
    "const s=require('http2').createServer();s.on('stream',t=>{t.respond({':status':200,'content-type':'application/grpc'},{waitForTrailers:true});" +
    "t.on('wantTrailers',()=>t.sendTrailers({'grpc-status':'0'}));t.resume();t.end(Buffer.from([0,0,0,0,2,8,1]))});s.listen(5000);process.on('SIGTERM',()=>process.exit())";
  const ldd = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  const files = [process.execPath, ...[...ldd.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] as string)];
  const volumes = files.map((path, i) => ({ name: `f${i}`, hostPath: { path, type: 'File' } }));
  const volumeMounts = files.map((path, i) => ({
    name: `f${i}`,
    mountPath: i === 0 ? '/node' : path,
    readOnly: true,
  }));
  return podOf(name, [container('main', { command: ['/node', '-e', script], livenessProbe, volumeMounts })], {
    volumes,
  });
}
