import { mkdir, rm, writeFile } from 'node:fs/promises';
import { type Clock, systemClock } from '@coxswain/machinery';
import { ClusterError } from './cluster-error.ts';
import { pauseImageName } from './image/pause-image.ts';
import { cniBinDir, mayLowerOomScore } from './machine.ts';
import type { NodePlan } from './plan.ts';
import { processesWithArgument } from './process-table.ts';
import { ensureProcess, findProcess, logPath, stopPids } from './processes.ts';
import { run, tryRun } from './run.ts';

/** What a node's containerd is told. */
export interface ContainerdConfig {
  /** Folder of the node: containerd's root, state and socket lie in it. */
  readonly dir: string;
  readonly socket: string;
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  readonly snapshotter: 'overlayfs' | 'native';
  /** Set where the kernel does not let root lower an oom_score_adj. */
  readonly restrictOomScoreAdj: boolean;
  readonly sandboxImage: string;
}

/** The configuration file of a node's containerd. */
function containerdConfig(config: ContainerdConfig): string {
  const text = (value: string): string => JSON.stringify(value);
  return `version = 2
root = ${text(`${config.dir}/containerd`)}
state = ${text(`${config.dir}/run`)}
oom_score = 0
disabled_plugins = [
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
]

[grpc]
  address = ${text(config.socket)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(config.sandboxImage)}
  restrict_oom_score_adj = ${config.restrictOomScoreAdj}
  netns_mounts_under_state_dir = true
  max_concurrent_downloads = 3
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(config.cniBinDir)}
    conf_dir = ${text(config.cniConfDir)}
    max_conf_num = 1
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = ${text(config.snapshotter)}
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = ${text(`${config.dir}/run/runc`)}
        SystemdCgroup = false
`;
}

/** The name of the process that keeps a node's containerd running. */
export function containerdProcess(node: NodePlan): string {
  return `containerd-${node.name}`;
}

// Containers do not end with their containerd: their shims hold them, and the next containerd finds them by its
// state folder. So the loop starts it again, slower when it ends at once, until it is told to stop.
const keepRunning = `
delay=0
child=
trap 'trap - TERM; [ -n "$child" ] && kill -TERM "$child"; wait; exit 0' TERM INT
while :; do
  began=$(date +%s)
  containerd --config "$1" & child=$!
  wait "$child"
  echo "containerd ended with $?" >&2
  if [ $(( $(date +%s) - began )) -ge 10 ]; then delay=0; fi
  sleep "$delay" & child=$!
  wait "$child"
  delay=$(( delay * 2 + 1 )); if [ "$delay" -gt 10 ]; then delay=10; fi
done
`;

/** Writes the configuration of a node's containerd and starts it. Does not wait until it answers. */
export async function startContainerd(clusterDir: string, node: NodePlan): Promise<void> {
  const { socket, netns, cniConfDir } = node as Required<NodePlan>;
  if ((await findProcess(clusterDir, containerdProcess(node)))?.running) return;
  await mkdir(cniConfDir, { recursive: true });
  await mkdir(`${node.dir}/containerd`, { recursive: true });
  const config = containerdConfig({
    dir: node.dir,
    socket,
    cniBinDir,
    cniConfDir,
    snapshotter: await chooseSnapshotter(`${node.dir}/containerd`),
    restrictOomScoreAdj: !(await mayLowerOomScore()),
    sandboxImage: pauseImageName,
  });
  const path = `${node.dir}/containerd.toml`;
  await writeFile(path, config);
  // When the loop was killed, its containerd goes on alone and holds the folder against the next one. Its containers
  // live on in their shims.
  await stopPids(await processesWithArgument(path), { graceMs: 2_000 });
  await rm(socket, { force: true });
  await ensureProcess(clusterDir, {
    name: containerdProcess(node),
    command: ['sh', '-c', keepRunning, 'containerd', path],
    netns,
  });
}

/** overlayfs where the file system of `dir` carries it (one that is itself an overlay does not), else copies. */
async function chooseSnapshotter(dir: string): Promise<'overlayfs' | 'native'> {
  const trial = `${dir}/.overlay-trial`;
  for (const part of ['lower', 'upper', 'work', 'merged'])
    await mkdir(`${trial}/${part}`, { recursive: true });
  const options = `lowerdir=${trial}/lower,upperdir=${trial}/upper,workdir=${trial}/work`;
  const mounted = await tryRun(['mount', '-t', 'overlay', 'overlay', '-o', options, `${trial}/merged`]);
  if (mounted.status === 0) await run(['umount', `${trial}/merged`]);
  await rm(trial, { recursive: true, force: true });
  return mounted.status === 0 ? 'overlayfs' : 'native';
}

/**
 * Resolves when a node's containerd answers.
 *
 * @throws ClusterError PROCESS_DIED when it does not within `timeoutMs`, with where its log is
 */
export async function containerdReady(
  clusterDir: string,
  node: NodePlan,
  options: { readonly timeoutMs?: number; readonly clock?: Clock } = {},
): Promise<void> {
  const clock = options.clock ?? systemClock;
  const deadline = clock.monotonic() + (options.timeoutMs ?? 20_000);
  const { socket } = node as Required<NodePlan>;
  while ((await tryRun(['ctr', '--address', socket, '--timeout', '2s', 'version'])).status !== 0) {
    if (clock.monotonic() > deadline) {
      const log = logPath(clusterDir, containerdProcess(node));
      throw new ClusterError('PROCESS_DIED', `containerd of ${node.name} does not answer; see "${log}"`);
    }
    await clock.sleep(50);
  }
}
