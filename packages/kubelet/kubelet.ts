import { mkdir, readFile } from 'node:fs/promises';
import { hostname as osHostname } from 'node:os';
import { join } from 'node:path';
import { createEventRecorder, createInformerFactory } from '@coxswain/controller';
import type { DnsConfig, Image } from '@coxswain/cri';
import { type KubeObject, silentLogger, systemClock } from '@coxswain/machinery';
import { machineCgroups, noCgroups } from './cm/cgroup-manager.ts';
import { PodCgroups } from './cm/pod-cgroups.ts';
import { EvictionManager } from './eviction/eviction-manager.ts';
import { observeMachine } from './eviction/observations.ts';
import { defaultThresholds, parseThresholds } from './eviction/thresholds.ts';
import { DiskPodFiles, noPodFiles, type PodIdentity } from './host/pod-files.ts';
import { ImageGc } from './images/image-gc.ts';
import type { KubeletOptions } from './kubelet-options.ts';
import { createKuberuntime } from './kuberuntime/create-kuberuntime.ts';
import type { PodSurroundings } from './kuberuntime/downward-fields.ts';
import { nodeEvent, podEvent } from './kuberuntime/events.ts';
import { ReasonCache } from './kuberuntime/reason-cache.ts';
import { parseResolvConf, podDns } from './network/dns-config.ts';
import { readMachineInfo, simulatedMachine } from './node/machine-info.ts';
import { keepNodeLease } from './node/node-lease.ts';
import { NodeRegistrar } from './node/node-registrar.ts';
import { nodeStatus } from './node/node-status.ts';
import { RuntimeHealth } from './node/runtime-health.ts';
import { waitForRuntime } from './node/wait-for-runtime.ts';
import { ObjectCache } from './objects/object-cache.ts';
import { Pleg } from './pleg/pleg.ts';
import { PodReader } from './pleg/pod-reader.ts';
import { fileMessages, runtimeMessages } from './pleg/termination-message.ts';
import { Allocations } from './pods/allocations.ts';
import { MirrorPods } from './pods/mirror-pods.ts';
import { PodCleaner } from './pods/pod-cleaner.ts';
import { isStaticPod } from './pods/pod-names.ts';
import { connectPodSource } from './pods/pod-source.ts';
import { PodSync } from './pods/pod-sync.ts';
import { PodWorkers } from './pods/pod-workers.ts';
import { followStaticPods } from './pods/static-pods.ts';
import { ProbeManager } from './prober/probe-manager.ts';
import { Prober } from './prober/prober.ts';
import { tailLog } from './server/log-reader.ts';
import { rotateLogs } from './server/log-rotation.ts';
import { type KubeletServer, startServer } from './server/server.ts';
import type { PodStatusSources } from './status/pod-status.ts';
import { StatusManager } from './status/status-manager.ts';
import type { Node, Pod, Service } from './types.ts';
import { clientClaims } from './volume/claim.ts';
import { noVolumes } from './volume/contract.ts';
import { DiskVolumes } from './volume/disk-volumes.ts';
import { ImageVolumes } from './volume/image-volumes.ts';
import { systemMounter } from './volume/mounter.ts';
import { TokenManager } from './volume/token-source.ts';
import { trustBundleReader } from './volume/trust-bundle.ts';

/** A running kubelet. */
export interface Kubelet {
  /** Where the server listens; absent when none runs. */
  readonly port: number | undefined;
  /** The node as the API server had it last. */
  readonly node: Node | undefined;
  /** Stops the kubelet. Containers go on running. */
  close(): Promise<void>;
}

const services = { group: '', version: 'v1', resource: 'services' };
const nodesRef = { group: '', version: 'v1', resource: 'nodes' };
const podsRef = { group: '', version: 'v1', resource: 'pods' };

/**
 * Starts the node's agent: registers the node, runs the pods that are bound to it, reports on both. Resolves
 * when the node is registered and all its pods are known.
 */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { client, runtime, nodeName, nodeIps, simulate } = options;
  const clock = options.clock ?? systemClock;
  const logger = (options.logger ?? silentLogger).child({ node: nodeName });
  const rootDir = options.rootDir ?? '/var/lib/kubelet';
  const podLogsDir = options.podLogsDir ?? '/var/log/pods';
  const clusterDomain = options.clusterDomain ?? 'cluster.local';
  const nodeHostname = options.hostname ?? nodeName ?? osHostname();
  const stop = new AbortController();
  const { signal } = stop;

  // Secrets lie below it: nobody else's to read.
  if (!simulate) await mkdir(rootDir, { recursive: true, mode: 0o700 });
  const machine = simulate
    ? simulatedMachine(nodeName, simulate.cpus, simulate.memoryBytes)
    : await readMachineInfo(rootDir);
  const version = await waitForRuntime(runtime, clock, logger, signal);
  const hostDns: DnsConfig = simulate
    ? { servers: [], searches: [], options: [] }
    : parseResolvConf(await readFile(options.resolvConf ?? '/etc/resolv.conf', 'utf8').catch(() => ''));

  const recorder = createEventRecorder(client, { component: 'kubelet', host: nodeName, clock, logger });
  const factory = createInformerFactory(client, { clock, logger });
  const reasons = new ReasonCache();
  const statuses = new StatusManager({
    client,
    clock,
    logger,
    target: (pod) => (isStaticPod(pod) ? mirrors.of(pod) : pod),
  });
  const mirrors = new MirrorPods({
    client,
    clock,
    logger,
    nodeName,
    nodeUid: () => registrar.node?.metadata.uid,
    onMirror: (pod) => statuses.retarget(pod),
  });
  const messages = simulate ? runtimeMessages : fileMessages(tailLog);
  const reader = new PodReader(runtime, messages);
  const pleg = new Pleg({
    runtime,
    reader,
    clock,
    logger,
    onChange: (uid) => onRuntimeChange(uid),
    isStopping: (uid) => workers.isTerminating(uid),
  });
  const probes = new ProbeManager({
    prober: new Prober(runtime, clock, simulate !== undefined),
    recorder,
    clock,
    pod: (uid) => workers.pod(uid),
    runtimePod: (uid) => pleg.get(uid),
    hostIp: nodeIps[0] ?? '',
    onChange: (uid) => workers.sync(uid),
  });
  const objects = new ObjectCache({ client, clock, logger, onChange: (uid) => workers.sync(uid) });
  const cgroups = new PodCgroups(simulate ? noCgroups : machineCgroups(), options.cgroupRoot ?? '/');
  const files = simulate ? noPodFiles : new DiskPodFiles({ rootDir, podLogsDir, clusterDomain });
  /** As the API server has it now; before the first list, as it was registered. */
  const nodeNow = (): Node | undefined => nodeInformer.lister.getByKey(nodeName) ?? registrar.node;
  const surroundings = (pod: Pod): PodSurroundings => ({
    nodeName,
    hostIps: nodeIps,
    podIps: pleg.get(pod.metadata.uid ?? '')?.ips ?? [],
    allocatable: nodeNow()?.status?.allocatable ?? {},
  });
  const volumes = simulate
    ? noVolumes
    : new DiskVolumes({
        rootDir,
        mounter: systemMounter,
        objects,
        tokens: new TokenManager(client, clock),
        claims: clientClaims(client),
        images: new ImageVolumes(runtime, systemMounter, (pod, reference, pullPolicy) =>
          sync.ensureImage(pod, reference, pullPolicy),
        ),
        trustBundle: trustBundleReader(client),
        surroundings,
        clock,
      });
  const allocations = new Allocations(nodeNow, (uid) =>
    workers.pods().filter((p) => p.metadata.uid !== uid && !workers.isTerminating(p.metadata.uid ?? '')),
  );
  const seccompRoot = join(rootDir, 'seccomp');
  const { syncer, podKiller, images, gc } = createKuberuntime({
    runtime,
    recorder,
    clock,
    logger,
    machine,
    simulated: simulate !== undefined,
    reasons,
    probes,
    seccompRoot,
    onResized: (id) => reader.forget(id),
  });
  const health = new RuntimeHealth(runtime, clock, () => registrar.nudge());
  const serviceInformer = factory.informer<Service>(services);
  const nodeInformer = factory.informer<Node & KubeObject>(nodesRef, {
    fieldSelector: `metadata.name=${nodeName}`,
  });
  const podInformer = factory.informer<Pod>(podsRef, { fieldSelector: `spec.nodeName=${nodeName}` });
  const statusSources: PodStatusSources = {
    reasons,
    readiness: probes.readiness,
    startup: probes.startup,
    runtimeName: version.runtimeName,
    hostIps: nodeIps,
    clock,
  };
  const sync = new PodSync({
    client,
    runtime,
    recorder,
    clock,
    logger,
    pleg,
    statuses,
    statusSources,
    probes,
    syncer,
    podKiller,
    images,
    reasons,
    volumes,
    files,
    cgroups,
    allocations,
    objects,
    services: () => serviceInformer.lister.list(),
    dns: (pod) => podDns(pod, { clusterDns: options.clusterDns ?? [], clusterDomain, host: hostDns }),
    surroundings,
    clusterDomain,
    seccompRoot,
    networkProblem: () => health.networkProblem,
    requestSync: (uid) => workers.sync(uid),
    onGone: (pod) => {
      const { name = '', namespace = '', uid = '' } = pod.metadata;
      clean(uid, { name, namespace, uid });
    },
  });
  const workers = new PodWorkers(sync, clock, logger);
  const cleaner = new PodCleaner({
    runtime,
    pleg,
    workers,
    volumes,
    files,
    cgroups,
    clock,
    logger,
    ready: () => podInformer.synced,
    gc,
  });
  const clean = (uid: string, known?: PodIdentity): void => {
    void cleaner
      .cleanPod(uid, known)
      .catch((error) => logger.warn('could not clean up after a pod', { uid, error: String(error) }));
  };
  const onRuntimeChange = (uid: string): void => {
    if (workers.knows(uid)) {
      probes.wake(uid);
      workers.sync(uid);
    } else if (podInformer.synced && pleg.get(uid)) clean(uid);
  };

  const imageGc = new ImageGc(runtime, clock, logger, (message) =>
    nodeEvent(recorder, nodeName, 'Warning', 'ImageGCFailed', message),
  );
  const eviction = new EvictionManager({
    runtime,
    clock,
    logger,
    thresholds: parseThresholds(options.evictionHard ?? defaultThresholds),
    observe: () => observeMachine(rootDir, runtime),
    collectImages: () => imageGc.collect(),
    pods: () => workers.pods().filter((p) => !workers.isTerminating(p.metadata.uid ?? '')),
    kill: (pod, kill) => workers.kill(pod.metadata.uid ?? '', kill),
    record: (pod, reason, message) => podEvent(recorder, pod, 'Warning', reason, message),
    onChange: () => registrar.nudge(),
  });
  let lastImages: readonly Image[] = [];
  const knownImages = async (): Promise<readonly Image[]> => {
    try {
      lastImages = await runtime.listImages();
    } catch (error) {
      // The node's health must be told of above all when the runtime is down.
      logger.debug('could not list images', { error: String(error) });
    }
    return lastImages;
  };
  let port: number | undefined;
  const registrar = new NodeRegistrar({
    client,
    clock,
    logger,
    nodeName,
    hostname: nodeHostname,
    machine,
    os: 'linux',
    labels: options.labels ?? {},
    taints: options.taints ?? [],
    register: options.registerNode ?? true,
    status: async () =>
      nodeStatus({
        machine,
        hostname: nodeHostname,
        nodeIps,
        maxPods: options.maxPods ?? 110,
        reserved: options.reserved ?? {},
        runtimeVersion: `${version.runtimeName}://${version.runtimeVersion}`,
        images: await knownImages(),
        port: port ?? 10_250,
        os: 'linux',
      }),
    health: async () => ({
      memoryPressure: eviction.has('MemoryPressure'),
      diskPressure: eviction.has('DiskPressure'),
      pidPressure: eviction.has('PIDPressure'),
      problems: health.problems,
    }),
    onNode: (node) => void takePodCidr(node),
    record: (reason, message) => nodeEvent(recorder, nodeName, 'Normal', reason, message),
  });
  let podCidr: string | undefined;
  const takePodCidr = async (node: Node | undefined): Promise<void> => {
    const wanted = options.podCidr ?? node?.spec?.podCIDR;
    if (wanted === undefined || wanted === podCidr) return;
    podCidr = wanted;
    try {
      await runtime.updatePodCidr(wanted);
      await health.check();
    } catch (error) {
      podCidr = undefined;
      logger.warn('could not tell the runtime of its pod range', { podCidr: wanted, error: String(error) });
    }
  };

  let server: KubeletServer | undefined;
  if (options.server) {
    server = await startServer({
      options: options.server,
      client,
      runtime,
      clock,
      logger,
      nodeName,
      pods: () => workers.pods(),
      runtimePod: (uid) => pleg.get(uid),
      healthy: () => (pleg.healthy ? undefined : 'the runtime has not been listed for too long'),
      podLogsDir,
    });
    port = server.port;
  }

  await Promise.all([health.check(), cgroups.prepare(), pleg.relist()]);
  await takePodCidr(undefined);
  await registrar.register(signal);
  connectPodSource({
    informer: podInformer,
    workers,
    mirrors,
    statuses,
    pleg,
    recorder,
    node: nodeNow,
    admitUnderPressure: (pod) => eviction.admit(pod),
    freshNode: () => client.resource<Node & KubeObject>(nodesRef).get(nodeName),
  });
  factory.start(signal);
  const nodeUid = (): string | undefined => registrar.node?.metadata.uid;
  const running = [
    pleg.run(signal),
    health.run(signal),
    registrar.run(signal),
    cleaner.run(signal),
    keepNodeLease({ client, clock, logger, nodeName, nodeUid }, signal),
  ];
  if (!simulate) {
    running.push(imageGc.run(signal));
    running.push(eviction.run(signal));
    running.push(rotateLogs(runtime, clock, logger, signal));
  }
  if (options.staticPodPath !== undefined) {
    const onPod = (pod: Pod): void => {
      mirrors.add(pod);
      workers.update(pod);
    };
    const onGone = (pod: Pod): void => {
      mirrors.remove(pod);
      statuses.forget(pod.metadata.uid ?? '');
      workers.remove(pod);
    };
    const path = options.staticPodPath;
    running.push(followStaticPods({ path, nodeName, clock, logger, onPod, onGone }, signal));
  }
  await factory.whenSynced(signal);
  void cleaner.cleanAll().catch((error) => logger.warn('could not clean up', { error: String(error) }));
  nodeEvent(recorder, nodeName, 'Normal', 'Starting', 'Starting kubelet.');
  logger.info('kubelet runs', { port });

  return {
    port,
    get node() {
      return nodeNow();
    },
    async close() {
      stop.abort();
      workers.close();
      probes.close();
      statuses.close();
      objects.close();
      await server?.close();
      await Promise.all(running);
    },
  };
}
